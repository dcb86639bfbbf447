//! A Safe with three owners, two of whom must agree.

use alloy_primitives::{Address, B256, Bytes, U256, address, eip191_hash_message};
use alloy_signer::SignerSync;
use minster_evm::Outcome;

use super::super::abi::{self, Value, call};
use super::super::chain::Chain;
use super::super::contracts::{SAFE, SAFE_FALLBACK_HANDLER, SAFE_PROXY_FACTORY};
use super::super::{other, signer, transfer};
use super::chain;

/// The precontract that deploys by CREATE2 what follows a salt.
const SINGLETON_FACTORY: Address = address!("914d7Fec6aaC8cd542e72Bca78B30650d45643d7");
/// The precontract that makes several calls.
const MULTICALL: Address = address!("cA11bde05977b3631167028862bE2a173976CA11");
/// Keys of the owners.
const OWNERS: [u64; 3] = [1, 2, 3];

/// How an owner agrees.
enum Consent {
    /// By a signature of the hash.
    Signed,
    /// By a signature of the hash as a message for a person (EIP-191).
    Message,
    /// By sending the transaction.
    Sender,
    /// By a signature of something else.
    Wrong,
}

fn deploy(chain: &mut Chain, code: &[u8]) -> Address {
    let input = [&B256::ZERO[..], code].concat();
    let output = chain.call(0, SINGLETON_FACTORY, 0, input.into());
    Address::from_slice(&output)
}

fn new_safe(chain: &mut Chain) -> Address {
    let singleton = deploy(chain, SAFE);
    let handler = deploy(chain, SAFE_FALLBACK_HANDLER);
    let factory = deploy(chain, SAFE_PROXY_FACTORY);
    let owners = OWNERS.map(|key| signer(key).address().into()).to_vec();
    let nobody: Value = Address::ZERO.into();
    let arguments = [
        Value::Array(owners),
        2.into(),
        nobody.clone(),
        Value::Bytes(Vec::new()),
        handler.into(),
        nobody.clone(),
        0.into(),
        nobody,
    ];
    let setup = "setup(address[],uint256,address,bytes,address,address,uint256,address)";
    let setup = call(setup, &arguments);
    let create = "createProxyWithNonce(address,bytes,uint256)";
    let create = call(create, &[singleton.into(), (&setup).into(), 7.into()]);
    abi::address(&chain.call(0, factory, 0, create))
}

/// What a Safe is asked to do.
struct Action {
    to: Address,
    value: u64,
    input: Bytes,
    /// In the Safe's own name, by DELEGATECALL.
    is_delegated: bool,
    /// With gas set aside for the call, its failure does not fail the transaction.
    gas: u64,
}

impl Action {
    fn fields(&self) -> Vec<Value> {
        let nobody: Value = Address::ZERO.into();
        vec![
            self.to.into(),
            self.value.into(),
            (&self.input).into(),
            self.is_delegated.into(),
            self.gas.into(),
            0.into(),
            0.into(),
            nobody.clone(),
            nobody,
        ]
    }

    /// The call for it, with the owners' agreement in the order of their addresses.
    fn call(&self, chain: &Chain, safe: Address, consents: &[(u64, Consent)]) -> Bytes {
        let types = "(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,";
        let nonce = abi::word(&chain.view(safe, call("nonce()", &[])), 0);
        let hash_of = format!("getTransactionHash{types}uint256)");
        let mut fields = self.fields();
        fields.push(nonce.into());
        let hash = B256::from_slice(&chain.view(safe, call(&hash_of, &fields)));
        let mut parts: Vec<_> = consents
            .iter()
            .map(|(key, consent)| (signer(*key).address(), consent.encoded(*key, hash)))
            .collect();
        parts.sort();
        let signatures: Vec<u8> = parts.into_iter().flat_map(|(_, bytes)| bytes).collect();
        fields.pop();
        fields.push(Value::Bytes(signatures));
        call(&format!("execTransaction{types}bytes)"), &fields)
    }
}

impl Consent {
    fn encoded(&self, key: u64, hash: B256) -> Vec<u8> {
        let signed = match self {
            Self::Signed => hash,
            Self::Message => eip191_hash_message(hash),
            Self::Wrong => B256::repeat_byte(1),
            Self::Sender => {
                let owner = signer(key).address().into_word();
                return [&owner[..], &B256::ZERO[..], &[1]].concat();
            }
        };
        let mut bytes = signer(key).sign_hash_sync(&signed).expect("a key signs").as_bytes();
        if matches!(self, Self::Message) {
            bytes[64] += 4;
        }
        bytes.to_vec()
    }
}

/// Ether, calls that fail, calls in the Safe's own name, and a change of its owners.
#[must_use]
pub fn safe() -> Chain {
    use Consent::{Message, Sender, Signed, Wrong};
    let mut chain = chain();
    let safe = new_safe(&mut chain);
    let nonce = chain.nonce(0);
    // To receive ether a Safe's proxy needs more than 21,000 gas.
    assert!(!chain.send(&transfer(0, nonce, safe, 1)).receipt.success);
    chain.call(0, safe, 1_000_000, Bytes::new());
    chain.cut();

    let action = |to, value, input| Action { to, value, input, is_delegated: false, gas: 0 };
    let pay = action(other(2_000), 400, Bytes::new());
    chain.call(7, safe, 0, pay.call(&chain, safe, &[(1, Signed), (2, Signed)]));
    chain.call(2, safe, 0, pay.call(&chain, safe, &[(3, Message), (2, Sender)]));
    assert_eq!(chain.account(other(2_000)).balance, U256::from(800));
    for consents in [[(1, Signed), (2, Wrong)], [(1, Signed), (5, Signed)]] {
        let input = pay.call(&chain, safe, &consents);
        assert_eq!(chain.fail(7, safe, 0, input), Outcome::Revert);
    }
    chain.seal();

    let failing = Action { gas: 50_000, ..action(safe, 0, call("nothing()", &[])) };
    chain.call(7, safe, 0, failing.call(&chain, safe, &[(1, Signed), (3, Signed)]));
    let calls = [1, 2].map(|n| Value::Tuple(vec![other(n).into(), Value::Bytes(vec![7; 40])]));
    let calls = call("aggregate((address,bytes)[])", &[Value::Array(calls.to_vec())]);
    let batch = Action { is_delegated: true, ..action(MULTICALL, 0, calls) };
    chain.call(7, safe, 0, batch.call(&chain, safe, &[(1, Signed), (3, Message)]));
    let owner = [signer(5).address().into(), 3.into()];
    let change = action(safe, 0, call("addOwnerWithThreshold(address,uint256)", &owner));
    chain.call(7, safe, 0, change.call(&chain, safe, &[(1, Signed), (3, Signed)]));
    let two = pay.call(&chain, safe, &[(1, Signed), (2, Signed)]);
    assert_eq!(chain.fail(7, safe, 0, two), Outcome::Revert);
    let three = pay.call(&chain, safe, &[(1, Signed), (2, Signed), (5, Signed)]);
    chain.call(7, safe, 0, three);
    chain
}
