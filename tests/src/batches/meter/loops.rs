//! Instructions that need nothing but the stack, memory and the transaction.

use super::{Case, When};

const TIMES: u64 = 32;
const ROUNDS: [u64; 2] = [20, 100];

/// A number without a zero bit, and others with many of both.
const ONES: &str = "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
const LARGE: &str = "0xf123456789abcdeffedcba98765432100f1e2d3c4b5a69788796a5b4c3d2e1f7";
const THREE: &str = "0x1123456789abcdeffedcba98765432100f1e2d3c4b5a6978";
const MIDDLE: &str = "0x8000000000000000a123456789abcdef";
/// A negative number whose absolute value is nearly as large as can be.
const LEAST: &str = "0x8000000000000000000000000000000000000000000000000000000000000001";
const HIGH: &str = "0xd1e2d3c4b5a69788796a5b4c3d2e1f0f123456789abcdeffedcba98765432101";

fn case(name: &str, setup: &str, depth: usize, body: &str) -> Case {
    Case {
        name: name.to_owned(),
        setup: setup.to_owned(),
        depth,
        body: body.to_owned(),
        times: TIMES,
        rounds: ROUNDS,
        ..Case::default()
    }
}

/// An instruction that takes as many words as there are operands, the last one on top, and leaves
/// `left`.
pub fn with(name: &str, opcode: &str, operands: &[&str], left: usize) -> Case {
    let depth = operands.len();
    let copies = format!("DUP{depth} ").repeat(depth);
    let pops = "POP ".repeat(left);
    case(name, &operands.join(" "), depth, &format!("{copies} {opcode} {pops}"))
}

/// Every case.
pub fn cases() -> Vec<Case> {
    let mut empty = case("LOOP", "", 0, "");
    (empty.times, empty.rounds) = (1, [100, 3_000]);
    // What is in phases has a loop that is charged as such.
    let name = "LOOP_IN_PHASES".to_owned();
    let in_phases = Case { name, when: When::Phases, ..empty.clone() };
    let mut cases = vec![empty, in_phases];
    cases.extend([
        // A pair; halves of it are taken for one of each.
        case("DUP+POP", LARGE, 1, "DUP1 POP"),
        case("DUP16+POP", &format!("{LARGE} ").repeat(15), 15, "DUP16 POP"),
        case("PUSH0+POP", "", 0, "0 POP"),
        case("PUSH32+POP", "", 0, &format!("{ONES} POP")),
        case("PUSH7+POP", "", 0, "0x77777777777777 POP"),
        case("SWAP", &format!("{LARGE} ").repeat(15), 15, "SWAP14"),
    ]);
    cases.extend(arithmetic());
    cases.extend(surroundings());
    cases.extend(memory());
    cases.extend(jumps());
    cases.extend(mixes());
    cases
}

fn arithmetic() -> Vec<Case> {
    let two = |name: &str, top: &str, below: &str| with(name, name, &[below, top], 1);
    let mut cases = vec![
        two("ADD", ONES, LARGE),
        two("MUL", ONES, LARGE),
        two("SUB", LARGE, ONES),
        with("EXP", "EXP", &["0", LARGE], 1),
        with("EXP_1", "EXP", &["255", LARGE], 1),
        with("EXP_32", "EXP", &[ONES, LARGE], 1),
        two("SIGNEXTEND", "15", LARGE),
        two("LT", LARGE, ONES),
        two("GT", LARGE, ONES),
        two("SLT", LARGE, ONES),
        two("SGT", LARGE, ONES),
        with("LT_EQUAL", "LT", &[LARGE, LARGE], 1),
        with("GT_EQUAL", "GT", &[LARGE, LARGE], 1),
        with("SLT_EQUAL", "SLT", &[LARGE, LARGE], 1),
        with("SGT_EQUAL", "SGT", &[LARGE, LARGE], 1),
        two("EQ", LARGE, LARGE),
        with("ISZERO", "ISZERO", &["0"], 1),
        two("AND", LARGE, ONES),
        two("OR", LARGE, ONES),
        two("XOR", LARGE, ONES),
        with("NOT", "NOT", &[LARGE], 1),
        two("BYTE", "17", LARGE),
        two("SHL", "77", LARGE),
        two("SHR", "77", LARGE),
        two("SAR", "77", LARGE),
        with("CLZ", "CLZ", &["1"], 1),
    ];
    // By numbers of each length, of which some have to be shifted first.
    for (suffix, by) in
        [("", MIDDLE), ("_HIGH", HIGH), ("_THREE", THREE), ("_WORD", "0x123456789abcdef1")]
    {
        for (name, of) in [("DIV", ONES), ("MOD", ONES), ("SDIV", LEAST), ("SMOD", LEAST)] {
            cases.push(with(&format!("{name}{suffix}"), name, &[by, of], 1));
        }
        for name in ["ADDMOD", "MULMOD"] {
            cases.push(with(&format!("{name}{suffix}"), name, &[by, ONES, LARGE], 1));
        }
    }
    for name in ["DIV", "MOD"] {
        let short = ["0x100000001", "0xffffffffffffffff"];
        cases.push(with(&format!("{name}_SHORT"), name, &short, 1));
    }
    cases
}

/// Instructions that push what the machine knows anyway.
pub const SURROUNDINGS: [&str; 19] = [
    "ADDRESS",
    "ORIGIN",
    "CALLER",
    "CALLVALUE",
    "CALLDATASIZE",
    "CODESIZE",
    "GASPRICE",
    "RETURNDATASIZE",
    "COINBASE",
    "TIMESTAMP",
    "NUMBER",
    "PREVRANDAO",
    "GASLIMIT",
    "CHAINID",
    "BASEFEE",
    "BLOBBASEFEE",
    "PC",
    "MSIZE",
    "GAS",
];

fn surroundings() -> Vec<Case> {
    let mut cases: Vec<Case> = SURROUNDINGS.map(|name| with(name, name, &[], 1)).into();
    cases.push(with("SELFBALANCE", "SELFBALANCE", &[], 1));
    cases.push(with("CALLDATALOAD", "CALLDATALOAD", &["7"], 1));
    cases.push(with("BLOBHASH", "BLOBHASH", &["0"], 1));
    cases
}

/// Words that the variants for long operands read or write.
pub const WORDS: u64 = 64;

/// Bytes that one of these copies from and to places that nothing has touched for long.
pub const VAST: u64 = 1 << 18;

/// Bytes of input and code that such a variant does not come to the end of.
const LONGER: usize = 4_096;

/// Stops the loop from measuring the growth of memory.
const GROWN: &str = "0 65536 MSTORE";

fn memory() -> Vec<Case> {
    let grown = |mut case: Case| {
        case.setup = format!("{GROWN} {}", case.setup);
        case
    };
    let long = (WORDS * 32).to_string();
    let mut cases = vec![
        grown(with("MLOAD", "MLOAD", &["7"], 1)),
        grown(with("MSTORE", "MSTORE", &[LARGE, "7"], 0)),
        grown(with("MSTORE8", "MSTORE8", &[LARGE, "7"], 0)),
        grown(with("KECCAK256", "KECCAK256", &["1", "7"], 1)),
        grown(with("KECCAK256_LONG", "KECCAK256", &[&long, "7"], 1)),
    ];
    for name in ["CALLDATACOPY", "CODECOPY", "MCOPY"] {
        cases.push(grown(with(name, name, &["32", "3", "6"], 0)));
        // From somewhere and the byte after it, of which one is no word of the machine.
        for (suffix, from) in [("LONG", "3"), ("LONG_NEXT", "4")] {
            let mut long = grown(with(&format!("{name}_{suffix}"), name, &[&long, from, "6"], 0));
            long.input = vec![0xd3; LONGER].into();
            long.tail = vec![0x5b; LONGER].into();
            cases.push(long);
        }
    }
    // More than a segment has room for.
    let mut vast =
        with("MCOPY_VAST", "MCOPY", &[&VAST.to_string(), "3", &(VAST + 6).to_string()], 0);
    vast.setup = format!("0 {} MSTORE {}", 3 * VAST, vast.setup);
    (vast.times, vast.rounds) = (1, [1, 5]);
    cases.push(vast);
    // What is to be copied lies ahead of where it goes, and is written over on the way.
    cases.push(grown(with("MCOPY_DOWN", "MCOPY", &[&long, "7", "6"], 0)));
    for (topics, name) in [(0, "LOG0"), (4, "LOG4")] {
        let mut operands = vec![LARGE; topics];
        operands.extend(["0", "7"]);
        // Receipts are hashed when the transactions are over.
        let mut short = grown(with(name, name, &operands, 0));
        (short.times, short.rounds, short.when) = (8, [2, 34], When::Phases);
        operands[topics] = &long;
        let mut all = grown(with(&format!("{name}_LONG"), name, &operands, 0));
        (all.times, all.rounds, all.when) = (8, [2, 18], When::Phases);
        cases.extend([short, all]);
    }
    // A word more in each round: the counter falls.
    let mut growth = case("GROWTH", "", 0, "0 DUP2 9000 SUB 5 SHL MSTORE");
    (growth.times, growth.rounds) = (1, [100, 6_100]);
    cases.push(growth);
    // Words all over two megabytes, between pages of the machine.
    let place = "DUP1 13 SHL ADD 0x1fffff AND";
    for (name, body) in [
        ("SPARSE", format!("DUP1 {place} MLOAD POP")),
        ("SPARSE_STORE", format!("DUP1 DUP2 {place} MSTORE")),
    ] {
        let mut sparse = case(name, "0 0x200000 MSTORE", 0, &body);
        (sparse.times, sparse.rounds) = (1, [1_000, 9_000]);
        cases.push(sparse);
    }
    cases
}

/// Things that no shape is made for, by turns.
fn mixes() -> Vec<Case> {
    let numbers = format!("{HIGH} {ONES} {LARGE}");
    let product = "DUP3 DUP3 DUP3 MULMOD POP";
    let mix = |name: &str, with: &str| {
        let mut mix = case(name, &format!("{GROWN} {numbers}"), 3, &format!("{product} {with}"));
        (mix.times, mix.rounds) = (8, [10, 60]);
        mix
    };
    vec![
        mix("MIX_HASH", "64 7 KECCAK256 POP"),
        mix("MIX_LONG_HASH", "2048 7 KECCAK256 POP"),
        mix("MIX_SHA256", "0 0 64 0 2 GAS STATICCALL POP"),
        mix("MIX_COPY", "1024 7 2500 MCOPY"),
        mix("MIX_SHA256_HASH", "0 0 64 0 2 GAS STATICCALL POP 64 7 KECCAK256 POP"),
    ]
}

fn jumps() -> Vec<Case> {
    vec![
        case("JUMPDEST", "", 0, "here#:"),
        case("JUMP", "", 0, "@here# JUMP here#:"),
        case("JUMPI", "1", 1, "DUP1 @here# JUMPI here#:"),
    ]
}
