//! Contracts that come to be, or do not, and go.

use alloy_primitives::{Address, B256, Bytes, TxKind, U256, hex, keccak256};
use minster_os::Refusal;
use minster_params::precontracts::CREATE2_DEPLOYER;
use minster_primitives::KECCAK256_EMPTY;

use super::super::assembly::{code, creation};
use super::super::chain::Chain;
use super::super::{call, other, signer};
use super::chain;

/// The longest code (EIP-170) and creation code (EIP-3860).
const CODE_SIZE_MAX: usize = 24_576;
const CREATION_SIZE_MAX: usize = 2 * CODE_SIZE_MAX;

/// Creations by transactions and by contracts, with every way to fail, and codes seen before.
#[must_use]
pub fn creation_of_contracts() -> Chain {
    let mut chain = chain();
    chain.create(0, Bytes::new());
    let small = creation(&code("7 0 SSTORE"));
    let [first, second] = [(); 2].map(|()| chain.create(0, small.clone()));
    assert_eq!(chain.account(first).code_hash, chain.account(second).code_hash);
    let largest = creation(&[0; CODE_SIZE_MAX]);
    chain.create(1, largest);
    chain.seal();

    failing(&mut chain);
    chain.cut();
    // Code of the last batch, and of the same block, at new addresses.
    chain.create(0, small.clone());
    let other_code = creation(&code("8 0 SSTORE"));
    chain.create(0, other_code.clone());
    chain.create(2, other_code);
    chain.call(0, first, 0, Bytes::new());
    assert_eq!(chain.slot(first, 0), U256::from(7));
    let endowed = chain.run(0, TxKind::Create, 5, creation(&[]));
    let endowed = endowed.execution.created.expect("a contract");
    assert_eq!(chain.account(endowed).balance, U256::from(5));
    chain.seal();
    by_contracts(&mut chain, &small);
    chain
}

fn failing(chain: &mut Chain) {
    let invalid = [
        code("0 0 REVERT"),
        code("INVALID"),
        code("again: @again JUMP"),
        code("1 0 SSTORE 0x1000000 0 RETURN"),
        creation(&[0; CODE_SIZE_MAX + 1]),
        creation(&[0xef, 0]),
        // Its storage goes with it.
        code("1 0 SSTORE 0 0 REVERT"),
    ];
    for input in invalid {
        let executed = chain.run(0, TxKind::Create, 1, input);
        assert!(!executed.receipt.success);
    }
    // Enough gas to run, not enough to keep the code.
    let input = creation(&[0; 1_000]);
    let poor = call(0, chain.nonce(0), TxKind::Create, 0, input, 200_000);
    assert!(!chain.send(&poor).receipt.success);
    let input = Bytes::from(vec![0; CREATION_SIZE_MAX]);
    chain.create(0, input);
    let input = Bytes::from(vec![0; CREATION_SIZE_MAX + 1]);
    let large = call(0, chain.nonce(0), TxKind::Create, 0, input, 1 << 24);
    assert!(matches!(chain.offer(&large), Err(Refusal::Invalid(_))));
}

/// Puts the creation code behind the label `child` into memory, and leaves its size on the stack.
const LOAD: &str = "@child 1 ADD DUP1 CODESIZE SUB DUP1 SWAP2 0 CODECOPY";
/// Creates it under salt 5; the address is then above the size.
const CREATE2: &str = "DUP1 5 SWAP1 0 0 CREATE2";
/// Calls the address on the stack.
const CALL: &str = "0 0 0 0 0 DUP6 GAS CALL POP";

/// Creation code that runs a text with creation code of another contract at hand.
fn script(text: &str, child: &[u8]) -> Bytes {
    let own = code(&format!("{LOAD} {text} STOP child:"));
    [&own, child].concat().into()
}

fn address2(creator: Address, salt: u64, creation: &[u8]) -> Address {
    creator.create2(B256::from(U256::from(salt)), keccak256(creation))
}

fn by_contracts(chain: &mut Chain, small: &Bytes) {
    let salted = |salt: u8, input: &[u8]| [&[salt; 32][..], input].concat().into();
    chain.call(0, CREATE2_DEPLOYER, 0, salted(1, small));
    // An address that is taken, by a transaction of its own.
    chain.fail(0, CREATE2_DEPLOYER, 0, salted(1, small));
    // An address that had ether before it had code.
    let later = CREATE2_DEPLOYER.create2(B256::repeat_byte(2), keccak256(small));
    chain.call(0, later, 9, Bytes::new());
    chain.call(0, CREATE2_DEPLOYER, 0, salted(2, small));
    assert_eq!(chain.account(later).balance, U256::from(9));
    assert_ne!(chain.account(later).code_hash, KECCAK256_EMPTY);
    // Two of the same salt in one transaction, and one that costs more than there is.
    let twice = script(&format!("{CREATE2} POP {CREATE2} 0 SSTORE"), small);
    let twice = chain.create(0, twice);
    assert_eq!(chain.slot(twice, 0), U256::ZERO);
    assert_eq!(chain.account(twice).nonce, 3);
    let costly = chain.create(0, script("0 1 CREATE 0 SSTORE", small));
    assert_eq!(chain.account(costly).nonce, 1);
    // What is created and then undone leaves nothing, not even its code.
    let undone = script(&format!("{CREATE2} 0 0 REVERT"), &creation(&code("9 0 SSTORE")));
    assert!(!chain.run(0, TxKind::Create, 0, undone).receipt.success);
    // A contract that makes one that makes one.
    let inner = script(&format!("{CREATE2} POP"), &script(&format!("{CREATE2} POP"), small));
    chain.create(0, inner);
    // An empty code, and a call of one's own code while it is still to come.
    let own_call = "0 0 0 0 ADDRESS GAS STATICCALL 0 SSTORE";
    chain.create(0, script(&format!("0 0 0 CREATE POP {own_call}"), small));
    chain.seal();
}

/// Contracts that destroy themselves: in the transaction that made them, and later.
#[must_use]
pub fn self_destruct() -> Chain {
    let mut chain = chain();
    let heir = other(3_000);
    let to_heir = format!("0x{} SELFDESTRUCT", hex::encode(heir));
    // Later it only gives away what it has (EIP-6780).
    let lasting = chain.create(0, creation(&code(&to_heir)));
    chain.call(0, lasting, 11, Bytes::new());
    assert_eq!(chain.account(heir).balance, U256::from(11));
    assert_ne!(chain.account(lasting).code_hash, KECCAK256_EMPTY);
    let keeping = chain.create(0, creation(&code("1 0 SSTORE ADDRESS SELFDESTRUCT")));
    chain.call(0, keeping, 13, Bytes::new());
    assert_eq!(chain.account(keeping).balance, U256::from(13));
    chain.cut();

    // While it is made, its ether to somebody or to itself, which burns it.
    for (text, left) in [(to_heir.as_str(), 17), ("ADDRESS SELFDESTRUCT", 0)] {
        let before = chain.account(heir).balance;
        let gone = chain.run(1, TxKind::Create, 17, code(text)).execution.created;
        assert_eq!(chain.account(gone.expect("a contract")), Default::default());
        assert_eq!(chain.account(heir).balance - before, U256::from(left));
    }
    chain.seal();
    within_one(&mut chain, &to_heir);
    chain.seal();
    // One whose heir is new, was there, and is a precompile.
    for heir in [other(3_001), signer(2).address(), Address::with_last_byte(4)] {
        let text = format!("0x{} SELFDESTRUCT", hex::encode(heir));
        let contract = chain.create(0, creation(&code(&text)));
        chain.call(0, contract, 1, Bytes::new());
    }
    chain
}

fn within_one(chain: &mut Chain, to_heir: &str) {
    // Made, called and so destroyed; made again at the same place, which is taken until the end.
    let child = creation(&code(&format!("1 7 SSTORE {to_heir}")));
    let text = format!("{CREATE2} {CALL} POP {CREATE2} 0 SSTORE");
    let creator = chain.create(0, script(&text, &child));
    let gone = address2(creator, 5, &child);
    assert_eq!(chain.account(gone), Default::default());
    assert_eq!(chain.slot(gone, 7), U256::ZERO);
    assert_eq!(chain.slot(creator, 0), U256::ZERO);
    // Gone with the transaction, so the deployer can make it again, twice in one block.
    for _ in 0..2 {
        let text = format!("{CREATE2_TO_DEPLOYER} {LOAD_CALL} STOP child:");
        let input = [&code(&text)[..], &[3; 32], &child].concat();
        assert!(chain.run(0, TxKind::Create, 0, input.into()).receipt.success);
    }
    let gone = CREATE2_DEPLOYER.create2(B256::repeat_byte(3), keccak256(&child));
    assert_eq!(chain.account(gone), Default::default());
    // A destruction that is undone did not happen.
    let undoing = code("0 0 0 0 0 0 CALLDATALOAD GAS CALL POP 0 0 REVERT");
    let undoing = hex::encode(chain.create(0, creation(&undoing)));
    let text = format!("{CREATE2} 0 MSTORE 0 0 32 0 0 0x{undoing} GAS CALL POP");
    let child = creation(&code(to_heir));
    let creator = chain.create(0, script(&text, &child));
    assert_ne!(chain.account(address2(creator, 5, &child)).code_hash, KECCAK256_EMPTY);
}

/// Sends salt and creation code behind `child` to the CREATE2 deployer.
const CREATE2_TO_DEPLOYER: &str = "@child 1 ADD DUP1 CODESIZE SUB DUP1 SWAP2 0 CODECOPY \
     32 0 DUP3 0 0 0x4e59b44847b379578588920ca78fbf26c0b4956c GAS CALL POP";
/// Calls the address that it returned, as 20 bytes at the start of memory.
const LOAD_CALL: &str = "0 0 0 0 0 0 MLOAD 96 SHR GAS CALL POP";
