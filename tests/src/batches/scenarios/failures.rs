//! Calls that fail in every way that a machine knows.

use alloy_primitives::{Address, Bytes, TxKind, U256};
use minster_evm::Outcome;
use minster_os::Refusal;
use minster_params::{Genesis, GenesisAccount};

use super::super::assembly::code;
use super::super::chain::Chain;
use super::super::{GAS, call, genesis, other};
use super::{KEYS, OTHERS};

/// Calls the address in the first word with the gas in the second and the rest as input, and logs
/// whether it succeeded with what it returned.
pub const WITNESS: &str = "64 CALLDATASIZE SUB DUP1 64 0 CALLDATACOPY \
     0 0 DUP3 0 0 0 CALLDATALOAD 32 CALLDATALOAD CALL \
     RETURNDATASIZE 0 0 RETURNDATACOPY RETURNDATASIZE 0 LOG1";

/// An account with code, from the beginning.
pub fn contract(genesis: &mut Genesis, number: u64, code: Bytes) -> Address {
    let address = other(number);
    let account = GenesisAccount { nonce: 1, code, ..GenesisAccount::default() };
    genesis.accounts.insert(address, account);
    address
}

/// The input of a [`WITNESS`].
#[must_use]
pub fn witnessed(target: Address, gas: u64, input: &[u8]) -> Bytes {
    let gas = U256::from(gas).to_be_bytes::<32>();
    [&target.into_word()[..], &gas, input].concat().into()
}

/// Texts that fail, and how.
fn failing() -> Vec<(String, &'static str)> {
    let wide = "0xffffffffffffffffffffffff";
    let all = |text: &str, reason| (text.to_owned(), reason);
    vec![
        all("0 0 REVERT", "revert"),
        all("32 0 REVERT", "revert"),
        all("1 0 SSTORE 7 0 MSTORE 9 64 0 LOG1 32 0 REVERT", "revert"),
        all("INVALID", "InvalidFEOpcode"),
        all("ADD", "StackUnderflow"),
        all("again: 0 @again JUMP", "StackOverflow"),
        all("again: @again JUMP", "OutOfGas"),
        all("3 JUMP STOP", "InvalidJump"),
        all("1 0x10000000000000005 JUMPI", "InvalidJump"),
        all("1 0 0 RETURNDATACOPY", "OutOfOffset"),
        (format!("1 {wide} MSTORE"), "OutOfGas"),
        (format!("{wide} 0 KECCAK256"), "OutOfGas"),
        all("0x1000000 0 0 CALLDATACOPY", "OutOfGas"),
        all("1 0 EXP 0xffffff 0 LOG0", "OutOfGas"),
    ]
}

/// Each as a transaction and inside of a call; static calls that write; calls without the ether
/// they send; calls as deep as gas allows; gas that just suffices; the proving meter at its end.
#[must_use]
pub fn failures() -> Chain {
    let mut genesis = genesis(KEYS, OTHERS);
    let witness = contract(&mut genesis, 10_000, code(WITNESS));
    let texts: Vec<_> = (10_001..).zip(failing()).collect();
    for (number, (text, _)) in &texts {
        contract(&mut genesis, *number, code(text));
    }
    let undefined = contract(&mut genesis, 11_000, Bytes::from_static(&[0x0c]));
    let deep = contract(&mut genesis, 11_001, code(DEEP));
    let writer = contract(&mut genesis, 11_002, code("1 0 SSTORE"));
    let still = contract(&mut genesis, 11_003, code(STATIC));
    let spender = contract(&mut genesis, 11_004, code(SPEND));
    let mut chain = Chain::new(genesis);

    for (number, (text, reason)) in texts {
        let outcome = chain.fail(0, other(number), 0, Bytes::new());
        assert_eq!(name(&outcome), reason, "{text}");
        chain.call(1, witness, 0, witnessed(other(number), 100_000, &[5; 64]));
    }
    assert_eq!(name(&chain.fail(0, undefined, 0, Bytes::new())), "OpcodeNotFound");
    chain.seal();
    chain.call(2, deep, 0, Bytes::new());
    assert!(chain.slot(deep, 0) > U256::from(300), "{}", chain.slot(deep, 0));
    chain.call(2, still, 0, writer.into_word().into());
    assert_eq!([0, 1].map(|slot| chain.slot(still, slot)), [U256::from(1), U256::ZERO]);
    chain.call(2, spender, 0, Bytes::new());
    assert_eq!(chain.slot(spender, 0), U256::ZERO);
    chain.cut();
    boundaries(&mut chain, writer);
    chain
}

fn name(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Success => "success",
        Outcome::Revert => "revert",
        Outcome::Halt { reason } => {
            let end = reason.find(|c: char| !c.is_alphanumeric()).unwrap_or(reason.len());
            &reason[..end]
        }
    }
}

/// Calls itself while there is gas, and counts in slot 0.
const DEEP: &str = "1 0 SLOAD ADD 0 SSTORE 0 0 0 0 0 ADDRESS GAS CALL POP";
/// Calls the address in its input, statically and with too much value; both results are kept, the
/// first the other way round.
const STATIC: &str = "0 0 0 0 0 CALLDATALOAD 100000 STATICCALL ISZERO 0 SSTORE \
     0 0 0 0 1 0 CALLDATALOAD 100000 CALL 1 SSTORE";
/// Sends ether that it does not have to somebody new.
const SPEND: &str = "0 0 0 0 1 0xabcdef 100000 CALL 0 SSTORE";

/// Gas that is just enough, and one less; input that only costs; a meter that runs out.
fn boundaries(chain: &mut Chain, writer: Address) {
    let send = |chain: &mut Chain, to: Address, input: Bytes, gas| {
        let nonce = chain.nonce(3);
        chain.offer(&call(3, nonce, TxKind::Call(to), 0, input, gas))
    };
    // Intrinsic 21,000; two pushes, a cold slot from 0 to 1 (EIP-2929).
    let needed = 21_000 + 2 + 3 + 22_100;
    let short = send(chain, writer, Bytes::new(), needed - 1).expect("it runs");
    assert!(!short.receipt.success);
    assert!(send(chain, writer, Bytes::new(), needed).expect("it runs").receipt.success);
    // The floor of EIP-7623: 40 gas for every byte that is not zero.
    let input = Bytes::from(vec![1; 1_000]);
    let floor = 21_000 + 40_000;
    let below = send(chain, other(1), input.clone(), floor - 1);
    assert!(matches!(below, Err(Refusal::Invalid(_))));
    let executed = send(chain, other(1), input, floor).expect("it runs");
    assert_eq!(executed.execution.gas_used, floor);
    chain.seal();
    // More pairs than a transaction's cycle-equivalents, for less gas than there is.
    let pairing = Address::with_last_byte(0x0f);
    let executed = chain.run(3, pairing.into(), 0, Bytes::from(vec![0; 384 * 60]));
    assert!(!executed.receipt.success);
    assert_eq!(executed.execution.gas_used, GAS);
}
