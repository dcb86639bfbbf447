//! The meter's table, from measured costs.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Cost;
use super::loops::{SURROUNDINGS, VAST, WORDS};
use super::precompiles::{EVEN, PRODUCTS};
use super::state::{CODE_SIZE_MAX, LEAVES, LOADS};
use super::transactions::SLOTS;

/// The part of a figure that covers what the measured runs do not have: operands that cost more
/// yet, and mixes that no search has found.
pub const SAFETY: f64 = 1.25;
/// CPU time of a cell: a transfer in a batch of a hundred took 1.08 CPU-seconds for 12.5 million.
pub const NANOSECONDS_PER_CELL: f64 = 86.0;
/// Levels of the state tree that nothing else in the batch has to prove. A tree of 2^30 leaves of
/// which a batch reads a thousand has 20; whoever looks for keys that begin alike makes more: among
/// 2^27 keys a few thousand pairs share 40 bits, of which a batch of them shares ten.
pub const LEVELS: f64 = 30.0;

/// What was measured, by name.
pub type Costs = BTreeMap<String, Cost>;

/// The constants of the table, by name; two numbers are a base and what a byte adds.
pub type Figures = BTreeMap<&'static str, Vec<u64>>;

/// With a part more, rounded up to two digits.
fn figure(measured: f64) -> u64 {
    let wanted = (measured.max(1.0) * SAFETY).ceil() as u64;
    let unit = 10_u64.pow(wanted.ilog10().saturating_sub(1));
    wanted.next_multiple_of(unit)
}

/// Measured costs in cycle-equivalents.
struct Measured<'a>(&'a Costs);

impl Measured<'_> {
    fn whole(&self, name: &str) -> f64 {
        self.0.get(name).unwrap_or_else(|| panic!("{name} was not measured")).measured()
    }

    /// Half of a push and pop.
    fn half(&self) -> f64 {
        self.whole("DUP+POP") / 2.0
    }

    /// Of an instruction with so many words off the stack and onto it.
    fn alone(&self, name: &str, taken: u32, left: u32) -> f64 {
        self.whole(name) - f64::from(taken + left) * self.half()
    }

    /// The same in a loop without repetitions.
    fn once(&self, name: &str, words: u32) -> f64 {
        self.whole(name) - self.whole("LOOP") - f64::from(words) * self.half()
    }

    /// The same of what happens in phases.
    fn once_in_phases(&self, name: &str, words: u32) -> f64 {
        self.whole(name) - self.whole("LOOP_IN_PHASES") - f64::from(words) * self.half()
    }

    /// Each word of the dearest of the variants for long operands.
    fn word(&self, name: &str) -> f64 {
        let is_long = |other: &&String| {
            other.strip_prefix(name).is_some_and(|rest| rest.starts_with("_LONG"))
        };
        let longs = self.0.keys().filter(is_long).map(|long| self.whole(long));
        (self.largest(longs) - self.whole(name)) / WORDS as f64
    }

    /// Each word of a copy neither end of which has been touched for long.
    fn vast_word(&self) -> f64 {
        self.alone("MCOPY_VAST", 3, 0) / (VAST / 32) as f64
    }

    /// In the tree that the table is for.
    fn deep(&self, name: &str) -> f64 {
        let [small, large] = ["SMALL", "LARGE"].map(|size| self.whole(&format!("{name}_{size}")));
        let [few, many] = LEAVES.map(|leaves| (leaves as f64 / LOADS as f64).log2());
        let level = (large - small) / (many - few);
        large + level.max(0.0) * (LEVELS - many) - self.whole("LOOP_IN_PHASES")
    }

    /// Of the dearest of the variants that differ in their operands.
    fn dearest(&self, name: &str, taken: u32, left: u32) -> f64 {
        let is_variant = |other: &&String| {
            other.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        };
        self.largest(self.0.keys().filter(is_variant).map(|name| self.alone(name, taken, left)))
    }

    fn largest(&self, costs: impl IntoIterator<Item = f64>) -> f64 {
        costs.into_iter().fold(0.0, f64::max)
    }
}

/// The table of measured costs.
///
/// # Panics
/// When one is missing.
#[must_use]
pub fn figures(costs: &Costs) -> Figures {
    let of = Measured(costs);
    let mut table = Figures::new();
    stack(&of, &mut table);
    memory(&of, &mut table);
    state(&of, &mut table);
    calls(&of, &mut table);
    transactions(&of, &mut table);
    precompiles(&of, &mut table);
    table
}

fn stack(of: &Measured<'_>, table: &mut Figures) {
    let mut set = |name, cost| drop(table.insert(name, vec![figure(cost)]));
    for name in ["DUP", "POP"] {
        set(name, of.half());
    }
    set("SWAP", of.whole("SWAP"));
    let push = |name| of.whole(name) - of.half();
    set("PUSH", push("PUSH0+POP"));
    let byte = |name, bytes| (push(name) - push("PUSH0+POP")) / bytes;
    set("PUSH_BYTE", of.largest([byte("PUSH7+POP", 7.0), byte("PUSH32+POP", 32.0)]));
    for name in ["ADD", "MUL", "SUB", "DIV", "SDIV", "MOD", "SMOD", "SIGNEXTEND"] {
        set(name, of.dearest(name, 2, 1));
    }
    for name in ["LT", "GT", "SLT", "SGT", "EQ", "AND", "OR", "XOR", "BYTE", "SHL", "SHR", "SAR"] {
        set(name, of.dearest(name, 2, 1));
    }
    for name in ["ISZERO", "NOT", "CLZ", "CALLDATALOAD"] {
        set(name, of.alone(name, 1, 1));
    }
    for name in ["ADDMOD", "MULMOD"] {
        set(name, of.dearest(name, 3, 1));
    }
    set("EXP", of.alone("EXP", 2, 1));
    let base = of.whole("EXP");
    let bytes = [of.whole("EXP_1") - base, (of.whole("EXP_32") - base) / 32.0];
    set("EXPONENT_BYTE", of.largest(bytes));
    set("JUMP", of.whole("JUMP") - of.whole("JUMPDEST") - push("PUSH0+POP"));
    set("JUMPI", of.whole("JUMPI") - of.whole("JUMPDEST") - push("PUSH0+POP") - of.half());
    set("JUMPDEST", of.whole("JUMPDEST"));
    let known = of.largest(SURROUNDINGS.map(|name| of.alone(name, 0, 1)));
    set("SURROUNDINGS", known.max(of.alone("BLOBHASH", 1, 1)));
    set("SELFBALANCE", of.alone("SELFBALANCE", 0, 1));
}

fn memory(of: &Measured<'_>, table: &mut Figures) {
    let mut set = |name, cost| drop(table.insert(name, vec![figure(cost)]));
    // Multiplications, pushes and the like that choose the place are taken off at their measure.
    let sparse = |name, words| {
        let place = ["SHL", "ADD", "AND"].map(|name| of.alone(name, 2, 1));
        of.once(name, words) - place.iter().sum::<f64>()
    };
    set("MLOAD", of.alone("MLOAD", 1, 1).max(sparse("SPARSE", 5)));
    set("MSTORE", of.alone("MSTORE", 2, 0).max(sparse("SPARSE_STORE", 5)));
    set("MSTORE8", of.alone("MSTORE8", 2, 0).max(sparse("SPARSE_STORE", 5)));
    let grown = of.once("GROWTH", 4)
        - of.alone("SHL", 2, 1)
        - of.alone("SUB", 2, 1)
        - of.alone("MSTORE", 2, 0);
    set("MEMORY_WORD", grown);
    set("KECCAK256", of.alone("KECCAK256", 2, 1));
    set("KECCAK256_WORD", of.word("KECCAK256"));
    for (name, per_word, taken) in [
        ("CALLDATACOPY", "CALLDATACOPY_WORD", 3),
        ("CODECOPY", "CODECOPY_WORD", 3),
        ("RETURNDATACOPY", "RETURNDATACOPY_WORD", 3),
        ("MCOPY", "MCOPY_WORD", 3),
        ("EXTCODECOPY", "EXTCODECOPY_WORD", 4),
    ] {
        set(name, of.alone(name, taken, 0));
        set(per_word, of.word(name).max(of.vast_word()));
    }
    let down = (of.whole("MCOPY_DOWN") - of.whole("MCOPY")) / WORDS as f64 - of.word("MCOPY");
    set("MCOPY_DOWN_WORD", down);
    set("LOG", of.alone("LOG0", 2, 0));
    set("LOG_TOPIC", (of.alone("LOG4", 6, 0) - of.alone("LOG0", 2, 0)) / 4.0);
    set("LOG_WORD", of.word("LOG0").max(of.word("LOG4")));
}

fn state(of: &Measured<'_>, table: &mut Figures) {
    let mut set = |name, cost| drop(table.insert(name, vec![figure(cost)]));
    for name in ["SLOAD", "BALANCE", "EXTCODESIZE", "EXTCODEHASH"] {
        set(name, of.alone(name, 1, 1));
    }
    set("TSTORE", of.once("TSTORE", 2));
    set("TLOAD", of.once("TLOAD", 2));
    set("SSTORE", of.once("SSTORE", 2));
    let slot = of.largest(["SLOAD_COLD", "SLOAD_ABSENT"].map(|name| of.deep(name)));
    set("COLD_SLOT", slot);
    let written = ["SSTORE_CHANGE", "SSTORE_NEW", "SSTORE_CLEAR"];
    set("CHANGED_SLOT", of.largest(written.map(|name| of.deep(name))) - slot);
    let account = of.largest(["BALANCE_COLD", "BALANCE_ABSENT"].map(|name| of.deep(name)));
    set("COLD_ACCOUNT", account);
    let paid = of.largest(["SEND", "SEND_NEW"].map(|name| of.deep(name)));
    set("CHANGED_ACCOUNT", paid - account - of.alone("CALL", 7, 1));
    let code = ["CODE_TARGETS", "CODE_PUSHES", "CODE_MIXED"].map(|name| of.whole(name));
    set("CODE_BYTE", of.largest(code) / CODE_SIZE_MAX as f64);
    let calls = of.whole("RELOADED_SLOTS") - of.whole("REPEATED_TRANSFER");
    let reload = calls / SLOTS as f64 - of.whole("LOOP_IN_PHASES");
    set("RELOAD", reload - of.alone("SLOAD", 1, 1));
    // Two leaves of the history's account and a slot are found in the witness.
    set("BLOCKHASH", 3.0 * of.alone("SLOAD", 1, 1));
}

fn calls(of: &Measured<'_>, table: &mut Figures) {
    let mut set = |name, cost| drop(table.insert(name, vec![figure(cost)]));
    for (name, taken) in [("CALL", 7), ("CALLCODE", 7), ("DELEGATECALL", 6), ("STATICCALL", 6)] {
        let code = format!("{name}_CODE");
        set(name, of.alone(name, taken, 1).max(of.alone(&code, taken, 1)));
    }
    let empty = of.whole("RETURN").max(of.whole("REVERT")) - of.whole("STATICCALL_CODE");
    set("RETURN", empty.max(of.half()));
    let far = of.vast_word() - of.word("MCOPY");
    set("RETURN_WORD", of.word("RETURN").max(of.word("REVERT")) + far.max(0.0));
    let initcode_words = (2 * CODE_SIZE_MAX / 32) as f64;
    let initcode = |short: &str, long: &str| (of.whole(long) - of.whole(short)) / initcode_words;
    let word = initcode("CREATE", "CREATE_IDLE");
    set("CREATE", of.once_in_phases("CREATE", 4));
    set("CREATE_WORD", word);
    set("CREATE2", of.once_in_phases("CREATE2", 5));
    // Between the executions of short ones their hashes are as dear as any.
    set("CREATE2_WORD", initcode("CREATE2", "CREATE2_IDLE").max(word + of.word("KECCAK256")));
    let code_words = (CODE_SIZE_MAX / 32) as f64;
    set("CODE_WORD", (of.whole("CREATE_LONG") - of.whole("CREATE")) / code_words - word);
    set("SELFDESTRUCT", of.whole("SELFDESTRUCT") - of.whole("CREATE"));
}

fn transactions(of: &Measured<'_>, table: &mut Figures) {
    let mut set = |name, cost| drop(table.insert(name, vec![figure(cost)]));
    set("TRANSACTION", of.whole("REPEATED_TRANSFER"));
    set("TRANSACTION_BYTE", of.whole("DATA_BYTE").max(of.whole("DATA_ZERO_BYTE")));
    set("CREATION_BYTE", of.whole("INITCODE_BYTE") - of.whole("DATA_BYTE"));
    set("ACCESS_LIST_ENTRY", of.whole("LISTED_SLOT").max(of.whole("LISTED_ACCOUNT")));
    // One that counts pays for its account beside this.
    set("AUTHORIZATION", of.whole("AUTHORIZATION_REFUSED"));
}

fn precompiles(of: &Measured<'_>, table: &mut Figures) {
    let alone =
        |name: &str| of.once(&format!("PRECOMPILE_{name}"), 6) - of.alone("STATICCALL", 6, 1);
    for (name, one) in [
        ("ECRECOVER", "1_"),
        ("BN_ADD", "6_"),
        ("BN_MUL", "7_"),
        ("POINT_EVALUATION", "a_"),
        ("BLS_G1_ADD", "b_"),
        ("BLS_G2_ADD", "d_"),
        ("BLS_MAP_G1", "10_"),
        ("BLS_MAP_G2", "11_"),
        ("P256_VERIFY", "100_"),
    ] {
        table.insert(name, vec![figure(alone(one)), 0]);
    }
    let lines: [(_, &[(&str, f64)]); 5] = [
        ("SHA256", &[("2_0", 0.0), ("2_2048", 2_048.0)]),
        ("RIPEMD160", &[("3_0", 0.0), ("3_2048", 2_048.0)]),
        ("IDENTITY", &[("4_0", 0.0), ("4_2048_RETURNED", 2_048.0)]),
        ("BN_PAIRING", &[("8_1", 192.0), ("8_2", 384.0), ("8_4", 768.0)]),
        ("BLS_PAIRING", &[("f_1", 384.0), ("f_2", 768.0), ("f_4", 1_536.0)]),
    ];
    // Lines by length: the slope of the last two, and a base that covers all of them.
    for (name, points) in lines {
        let costs: Vec<(f64, f64)> =
            points.iter().map(|(name, bytes)| (alone(name), *bytes)).collect();
        let [.., before, last] = costs.as_slice() else { panic!("a line has two points") };
        let slope = (last.0 - before.0) / (last.1 - before.1);
        let base = of.largest(costs.iter().map(|(cost, bytes)| cost - slope * bytes));
        table.insert(name, vec![figure(base), figure(slope)]);
    }
    // What lies far apart, there and back.
    let identity = table.get_mut("IDENTITY").expect("a line");
    identity[1] = identity[1].max(figure(alone("4_VAST") / VAST as f64));
    for (name, one, pair) in [("BLS_G1_MSM", "c", 160.0), ("BLS_G2_MSM", "e", 288.0)] {
        // A base for one point, and for the rest what is worst by length.
        let base = alone(&format!("{one}_1"));
        let by_byte = PRODUCTS.map(|(points, suffix)| {
            (alone(&format!("{one}_{points}{suffix}")) - base) / (points as f64 * pair)
        });
        table.insert(name, vec![figure(base), figure(of.largest(by_byte))]);
    }
    let rounds = (alone("9_1200") - alone("9_0")) / 1_200.0;
    table.insert("BLAKE2F", vec![figure(alone("9_0")), 0]);
    table.insert("BLAKE2F_GAS", vec![figure(rounds)]);
    // A base for what takes the least gas (EIP-7883), and for the rest what is worst by gas.
    let prefix = "PRECOMPILE_5_";
    let powers: Vec<(f64, f64)> =
        of.0.iter()
            .filter_map(|(name, cost)| {
                let sizes = name.strip_prefix(prefix).filter(|name| !name.starts_with("EVEN"))?;
                Some((alone(&format!("5_{sizes}")), cost.work))
            })
            .collect();
    let base = of.largest(powers.iter().filter(|(_, gas)| *gas <= 500.0).map(|power| power.0));
    let by_gas = powers.iter().map(|(cost, gas)| (cost - base) / gas);
    table.insert("MODEXP", vec![figure(base), 0]);
    table.insert("MODEXP_GAS", vec![figure(of.largest(by_gas))]);
    let halvings = EVEN.map(|size| {
        let (even, odd) = (format!("5_EVEN_{size}"), format!("5_{size}_1_{size}_1_253"));
        (alone(&even) - alone(&odd)) / of.0[&format!("PRECOMPILE_{even}")].work
    });
    table.insert("MODEXP_HALVING", vec![figure(of.largest(halvings))]);
}

/// The table as the source of `protocol/evm/src/cost/table.rs`.
#[must_use]
pub fn source(figures: &Figures) -> String {
    let mut text = String::from(
        "//! Figures of the meter in cycle-equivalents, measured: `cargo xtask bench meter \
         --write`\n//! makes this file. `tests/src/batches/meter` says what each is measured by.\n",
    );
    for (name, figures) in figures {
        let doc = name.replace('_', " ").to_lowercase();
        let numbers: Vec<String> = figures.iter().map(|figure| grouped(*figure)).collect();
        let line = match numbers.as_slice() {
            [one] => format!("/// {doc}.\npub const {name}: u64 = {one};"),
            all => format!(
                "/// {doc}: a call, and each byte of its input.\n\
                 pub const {name}: (u64, u64) = ({});",
                all.join(", ")
            ),
        };
        writeln!(text, "\n{line}").expect("a string takes everything");
    }
    text
}

/// With underscores between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}
