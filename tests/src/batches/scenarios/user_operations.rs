//! ERC-4337: operations of accounts that are contracts, through EntryPoint.

use alloy_primitives::{Address, B256, Bytes, U256, address};
use alloy_signer::SignerSync;
use minster_evm::Outcome;

use super::super::abi::{self, Value, call};
use super::super::chain::Chain;
use super::super::contracts::{ACCOUNT_7702, ACCOUNT_FACTORY, with_arguments};
use super::super::signed::{authorize, with_authorizations};
use super::super::{CHAIN_ID, other, signer};
use super::chain;

/// The precontract.
const ENTRY_POINT: Address = address!("4337084D9E255Ff0702461CF8895CE9E3b5Ff108");
/// Marks an account under EIP-7702 where a factory's address would stand.
const DELEGATED: Address = address!("7702000000000000000000000000000000000000");
const OPERATION: &str = "(address,uint256,bytes,bytes,bytes32,uint256,bytes32,bytes,bytes)";

/// An operation before it is signed.
#[derive(Clone)]
struct Operation {
    sender: Address,
    nonce: u64,
    /// Factory and its call, for an account that is not there yet.
    init: Bytes,
    input: Bytes,
}

/// Two numbers of 128 bits in one word.
fn pair(high: u64, low: u64) -> B256 {
    B256::from_slice(&[u128::from(high), u128::from(low)].map(u128::to_be_bytes).concat())
}

impl Operation {
    fn value(&self, signature: &[u8]) -> Value {
        Value::Tuple(vec![
            self.sender.into(),
            self.nonce.into(),
            (&self.init).into(),
            (&self.input).into(),
            pair(1_000_000, 500_000).into(),
            50_000.into(),
            pair(1, 2_000_000_000).into(),
            Value::Bytes(Vec::new()),
            signature.into(),
        ])
    }

    /// The operation under the signature of the account with this key.
    fn signed(&self, chain: &Chain, key: u64) -> Value {
        let hash_of = format!("getUserOpHash({OPERATION})");
        let hash = chain.view(ENTRY_POINT, call(&hash_of, &[self.value(&[])]));
        let signature = signer(key).sign_hash_sync(&B256::from_slice(&hash));
        self.value(&signature.expect("a key signs").as_bytes())
    }
}

fn handle(operations: Vec<Value>) -> Bytes {
    let beneficiary = other(4_000).into();
    let signature = format!("handleOps({OPERATION}[],address)");
    call(&signature, &[Value::Array(operations), beneficiary])
}

/// `execute` of the sample accounts.
fn execute(to: Address, value: u64, input: &[u8]) -> Bytes {
    call("execute(address,uint256,bytes)", &[to.into(), value.into(), input.into()])
}

/// An account made by its first operation; several in one call; one that fails inside, which is
/// paid for; wrong signatures and nonces, for which the bundle reverts; an account under EIP-7702.
#[must_use]
pub fn user_operations() -> Chain {
    let mut chain = chain();
    let factory = chain.create(0, with_arguments(ACCOUNT_FACTORY, &[ENTRY_POINT.into()]));
    let owner = signer(1).address();
    let arguments = [owner.into(), 9.into()];
    let sender =
        abi::address(&chain.view(factory, call("getAddress(address,uint256)", &arguments)));
    chain.call(0, sender, 10_u64.pow(18), Bytes::new());
    chain.call(0, ENTRY_POINT, 10_u64.pow(16), call("depositTo(address)", &[sender.into()]));
    chain.cut();

    let create = call("createAccount(address,uint256)", &arguments);
    let first = Operation {
        sender,
        nonce: 0,
        init: [&factory[..], &create].concat().into(),
        input: execute(other(4_001), 77, &[]),
    };
    chain.call(7, ENTRY_POINT, 0, handle(vec![first.signed(&chain, 1)]));
    assert_eq!(chain.account(other(4_001)).balance, U256::from(77));
    assert!(chain.account(sender).nonce > 0, "the account is there");
    chain.seal();

    let later = |nonce, input| Operation { sender, nonce, init: Bytes::new(), input };
    let inner = later(2, execute(ENTRY_POINT, 0, &[1, 2, 3, 4]));
    let operations = [later(1, execute(other(4_002), 78, &[])), inner, later(3, Bytes::new())];
    let operations = operations.map(|operation| operation.signed(&chain, 1)).to_vec();
    chain.call(7, ENTRY_POINT, 0, handle(operations));
    assert_eq!(chain.account(other(4_002)).balance, U256::from(78));
    let next = later(4, execute(other(4_003), 79, &[]));
    for refused in [next.signed(&chain, 2), later(9, Bytes::new()).signed(&chain, 1)] {
        assert_eq!(chain.fail(7, ENTRY_POINT, 0, handle(vec![refused])), Outcome::Revert);
    }
    assert!(!chain.account(other(4_000)).balance.is_zero(), "the bundler is paid");
    chain.seal();
    delegated(&mut chain);
    chain
}

/// A plain account whose code is the authors' account, by an authorization in the same
/// transaction.
fn delegated(chain: &mut Chain) {
    let code = chain.create(0, Bytes::from_static(ACCOUNT_7702));
    let sender = signer(4).address();
    let operation = Operation {
        sender,
        nonce: 0,
        init: DELEGATED.to_vec().into(),
        input: execute(other(4_004), 80, &[]),
    };
    // What the operation's hash is depends on the delegation.
    let nonce = chain.account(sender).nonce;
    let authorization = vec![authorize(4, CHAIN_ID, nonce, code)];
    let first = chain.nonce(7);
    chain.send(&with_authorizations(7, first, other(1), Bytes::new(), authorization));
    let operations = handle(vec![operation.signed(chain, 4)]);
    chain.call(7, ENTRY_POINT, 0, operations);
    assert_eq!(chain.account(other(4_004)).balance, U256::from(80));
}
