//! Instructions that read and write the state, and those that call and create.

use alloy_primitives::{Address, B256, Bytes, U256};
use minster_params::GenesisAccount;

use super::super::assembly::creation;
use super::loops::{WORDS, with};
use super::{Case, ENDLESS, When};

/// Leaves of the smaller and of the larger of the trees that the price of a level is taken from.
pub const LEAVES: [u64; 2] = [1_000, 16_000];
/// Cold loads of the longer run.
pub const LOADS: u64 = 40;
/// The longest code (EIP-170).
pub const CODE_SIZE_MAX: usize = 24_576;

/// A loop with the counter on top, whose rounds each do one thing.
fn once(name: &str, body: &str, rounds: [u64; 2]) -> Case {
    Case { name: name.to_owned(), body: body.to_owned(), times: 1, rounds, ..Case::default() }
}

/// An address that a round makes of the counter by `96 SHL`.
fn counted(number: u64) -> Address {
    Address::from_word(B256::from(U256::from(number) << 96))
}

fn rich() -> GenesisAccount {
    GenesisAccount { balance: U256::from(10_u64.pow(18)), ..GenesisAccount::default() }
}

fn with_code(code: impl Into<Bytes>) -> GenesisAccount {
    GenesisAccount { nonce: 1, code: code.into(), ..GenesisAccount::default() }
}

/// Every case.
pub fn cases() -> Vec<Case> {
    let mut cases = [slots(), accounts(), codes(), calls(), creations()].concat();
    for case in &mut cases {
        let is_cold = case.name.ends_with("_SMALL") || case.name.ends_with("_LARGE");
        let is_new = case.name.starts_with("CREATE") || case.name == "SELFDESTRUCT";
        case.when = match () {
            () if is_new => When::Both,
            () if is_cold || case.name.starts_with("CODE_") => When::Phases,
            () => When::Turns,
        };
    }
    cases
}

/// Slots of stems of their own.
fn slots() -> Vec<Case> {
    let few = [8, LOADS];
    let full = |leaves| (1..=leaves).map(|n| (U256::from(n) << 128, U256::MAX - U256::from(n)));
    let value = "0xf123456789abcdeffedcba98765432100f1e2d3c4b5a69788796a5b4c3d2e1f7";
    let mut cases = Vec::new();
    for (leaves, size) in LEAVES.into_iter().zip(["SMALL", "LARGE"]) {
        let bodies = [
            ("SLOAD_COLD", "DUP1 128 SHL SLOAD POP".to_owned()),
            ("SLOAD_ABSENT", "DUP1 160 SHL SLOAD POP".to_owned()),
            ("SSTORE_CHANGE", format!("{value} DUP2 128 SHL SSTORE")),
            ("SSTORE_NEW", format!("{value} DUP2 160 SHL SSTORE")),
            ("SSTORE_CLEAR", "0 DUP2 128 SHL SSTORE".to_owned()),
        ];
        for (name, body) in bodies {
            let mut case = once(&format!("{name}_{size}"), &body, few);
            case.storage = full(leaves).collect();
            cases.push(case);
        }
    }
    cases.push(with("SLOAD", "SLOAD", &["5"], 1));
    cases.push(once("SSTORE", "DUP1 7 SSTORE", [100, 1_100]));
    cases.push(once("TSTORE", "DUP1 DUP1 128 SHL TSTORE", [100, 2_100]));
    // Among many others.
    let mut load = once("TLOAD", "DUP1 128 SHL TLOAD POP", [100, 3_900]);
    load.setup = "4000 fill: DUP1 DUP1 128 SHL TSTORE 1 SWAP1 SUB DUP1 @fill JUMPI POP".to_owned();
    cases.push(load);
    cases
}

fn accounts() -> Vec<Case> {
    let mut cases = Vec::new();
    for (leaves, size) in LEAVES.into_iter().zip(["SMALL", "LARGE"]) {
        let there: Vec<_> = (1..=leaves).map(|n| (counted(n), rich())).collect();
        let send = "0 0 0 0 1 DUP6 96 SHL 0 CALL POP";
        let send_new = "0 0 0 0 1 DUP6 80 SHL 1 OR 0 CALL POP";
        for (name, body) in [
            ("BALANCE_COLD", "DUP1 96 SHL BALANCE POP"),
            ("BALANCE_ABSENT", "DUP1 80 SHL 1 OR BALANCE POP"),
            ("SEND", send),
            ("SEND_NEW", send_new),
        ] {
            let mut case = once(&format!("{name}_{size}"), body, [8, LOADS]);
            case.accounts = there.clone();
            cases.push(case);
        }
    }
    let someone = "0x1000000000000000000000000";
    for name in ["BALANCE", "EXTCODESIZE", "EXTCODEHASH"] {
        let mut case = with(name, name, &[someone], 1);
        case.accounts = vec![(counted(1), with_code([0]))];
        cases.push(case);
    }
    for (size, suffix) in [(32, ""), (32 * WORDS, "_LONG")] {
        let size = size.to_string();
        let name = format!("EXTCODECOPY{suffix}");
        let mut case = with(&name, "EXTCODECOPY", &[&size, "3", "6", someone], 0);
        case.accounts = vec![(counted(1), with_code(vec![0x5b; 4_096]))];
        case.setup = format!("0 65536 MSTORE {}", case.setup);
        cases.push(case);
    }
    cases
}

/// Codes that nobody has run before, full of jump targets, pushes and other bytes.
fn codes() -> Vec<Case> {
    /// The byte at a place.
    type Fill = fn(usize) -> u8;
    let fills: [(&str, Fill); 3] = [
        ("TARGETS", |_| 0x5b),
        ("PUSHES", |place| if place % 2 == 0 { 0x60 } else { 0x5b }),
        ("MIXED", |place| (place * 167 % 251) as u8),
    ];
    let cases = fills.map(|(name, fill)| {
        let mut case = once(&format!("CODE_{name}"), RUN_CODE, [1, 9]);
        case.accounts = (1..=9).map(|number| with_largest_code(fill, number)).collect();
        case
    });
    cases.into()
}

/// Runs the code at a counted address, which ends at once.
const RUN_CODE: &str = "0 0 0 0 DUP5 96 SHL 0 STATICCALL POP";

/// A contract with a code of its own that is as large as codes may be.
fn with_largest_code(fill: impl Fn(usize) -> u8, number: u64) -> (Address, GenesisAccount) {
    let mut code: Vec<u8> = (0..CODE_SIZE_MAX).map(fill).collect();
    code[..9].copy_from_slice(&[&[0][..], &number.to_be_bytes()].concat());
    (counted(number), with_code(code))
}

/// Returns half a megabyte as soon as it is called.
#[must_use]
pub fn outputs() -> Case {
    Case { name: "OUTPUTS".to_owned(), setup: "524289 0 RETURN".to_owned(), ..Case::default() }
}

/// For each of so many transactions of a [full block](Case::full_block), codes that it runs.
#[must_use]
pub fn many_codes(transactions: u64, each: u64) -> Case {
    let number = |transaction| (0..each).map(move |round| ENDLESS * transaction - round);
    let numbers = (1..=transactions).flat_map(number);
    let accounts = numbers.map(|number| with_largest_code(|_| 0x5b, number)).collect();
    Case { accounts, ..once("CODES", RUN_CODE, [1, 9]) }
}

fn calls() -> Vec<Case> {
    let someone = "0x1000000000000000000000000";
    let nothing = "0";
    let mut cases = Vec::new();
    let targets = [("", rich()), ("_CODE", with_code([0]))];
    for (suffix, target) in targets {
        for name in ["CALL", "CALLCODE", "DELEGATECALL", "STATICCALL"] {
            let mut operands = vec![nothing; if name.starts_with("CALL") { 5 } else { 4 }];
            operands.extend([someone, "1000"]);
            let mut case = with(&format!("{name}{suffix}"), name, &operands, 1);
            case.accounts = vec![(counted(1), target.clone())];
            cases.push(case);
        }
    }
    let long = (32 * WORDS).to_string();
    for (name, opcode) in [("RETURN", 0xf3), ("REVERT", 0xfd)] {
        // What is no word of the machine's where it lies, too.
        for (size, from, suffix) in
            [(0_u16, 0, ""), (32 * WORDS as u16, 0, "_LONG"), (32 * WORDS as u16, 3, "_LONG_ODD")]
        {
            let [high, low] = size.to_be_bytes();
            let size = size.to_string();
            let operands = [&size, "7", "0", "0", someone, "10000"];
            let mut case = with(&format!("{name}{suffix}"), "STATICCALL", &operands, 1);
            case.accounts =
                vec![(counted(1), with_code(vec![0x61, high, low, 0x60, from, opcode]))];
            case.setup = format!("0 65536 MSTORE {}", case.setup);
            cases.push(case);
        }
    }
    for (size, suffix) in [("32", ""), (long.as_str(), "_LONG")] {
        let name = format!("RETURNDATACOPY{suffix}");
        let mut case = with(&name, "RETURNDATACOPY", &[size, "0", "6"], 0);
        let operands = [&long, "7", "0", "0", someone, "10000"].join(" ");
        let call = format!("0 65536 MSTORE {operands} STATICCALL POP");
        case.setup = format!("{call} {}", case.setup);
        let long = (32 * WORDS as u16).to_be_bytes();
        let code = vec![0x61, long[0], long[1], 0x5f, 0xf3];
        case.accounts = vec![(counted(1), with_code(code))];
        cases.push(case);
    }
    cases
}

/// Contracts that come to be, with what is in memory as creation code.
fn creations() -> Vec<Case> {
    let case = |name: &str, code: &[u8], change: &str, rounds| {
        let size = code.len();
        let mut case = once(name, &format!("{change} {size} 0 0 CREATE POP"), rounds);
        case.setup = format!("{size} 32 0 CALLDATACOPY");
        case.input = Bytes::copy_from_slice(code);
        case
    };
    let mut idle = vec![0x5b; 2 * CODE_SIZE_MAX];
    idle[0] = 0;
    let unlike = "DUP1 64 MSTORE";
    let mut cases = vec![
        case("CREATE", &[], "", [8, 40]),
        case("CREATE_SMALL", &creation(&[0; 54]), unlike, [8, 40]),
        case("CREATE_IDLE", &idle, "", [1, 5]),
        case("CREATE_LONG", &creation(&[0x5b; CODE_SIZE_MAX]), unlike, [1, 3]),
        case("CREATE_SAME", &creation(&[0x5b; CODE_SIZE_MAX]), "", [1, 3]),
    ];
    let mut gone = case("SELFDESTRUCT", &[0x5a, 0xff], "", [8, 40]);
    gone.body = "2 0 1 CREATE POP".to_owned();
    let mut salted = case("CREATE2", &[], "", [8, 40]);
    salted.body = "DUP1 0 0 0 CREATE2 POP".to_owned();
    let mut salted_idle = case("CREATE2_IDLE", &idle, "", [1, 5]);
    salted_idle.body = format!("DUP1 {} 0 0 CREATE2 POP", idle.len());
    cases.extend([gone, salted, salted_idle]);
    cases
}
