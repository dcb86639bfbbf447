//! What transactions cost before their first instruction, and blocks around them.

use alloy_eips::eip7702::SignedAuthorization;
use alloy_primitives::{Address, Bytes, TxKind};

use super::super::assembly::code;
use super::super::chain::Chain;
use super::super::scenarios::failures::contract;
use super::super::signed::{access, authorize, with_access, with_authorizations};
use super::super::{other, transfer};
use minster_params::Genesis;

use super::super::triangle::range_of;
use super::rows::Shapes;
use super::{Cost, OTHERS, Run};

/// Chains that differ by a number of things.
pub struct Family {
    /// What it measures.
    pub name: &'static str,
    /// How many of them the two chains have.
    pub counts: [u64; 2],
    /// The chain of a number.
    pub chain: fn(&mut Chain, u64) -> Totals,
}

/// Sums over the transactions of a chain: metered cycles, and gas.
#[derive(Debug, Clone, Copy, Default)]
pub struct Totals {
    cycles: u64,
    gas: u64,
}

impl Totals {
    fn send(&mut self, chain: &mut Chain, bytes: &Bytes) {
        let execution = chain.send(bytes).execution;
        assert!(execution.is_success(), "{:?}", execution.outcome);
        self.cycles += execution.cycles;
        self.gas += execution.gas_used;
    }
}

/// Slots that a call of the reader reads.
pub const SLOTS: u64 = 4_000;
const READER: u64 = 1_000_000;

/// A genesis with a contract that reads as many slots, in stems of their own.
fn genesis() -> Genesis {
    let mut genesis = super::super::genesis(KEYS, OTHERS);
    let text = format!("{SLOTS} next: DUP1 128 SHL SLOAD POP 1 SWAP1 SUB DUP1 @next JUMPI STOP");
    contract(&mut genesis, READER, code(&text));
    genesis
}

/// Keys with ether.
const KEYS: u64 = 64;

impl Family {
    /// What one of the things costs.
    ///
    /// # Panics
    /// When the guest does not do what the OS does natively.
    #[must_use]
    pub fn cost(&self, shapes: &Shapes) -> Cost {
        let [few, many] = self.counts.map(|count| {
            let mut chain = Chain::new(genesis());
            let Totals { cycles, gas } = (self.chain)(&mut chain, count);
            Run { range: range_of(chain, 0), cycles, gas }.taken()
        });
        many.again(few, self.counts[1] - self.counts[0]).in_phases(shapes)
    }
}

fn one(chain: &mut Chain, bytes: &Bytes) -> Totals {
    let mut totals = Totals::default();
    totals.send(chain, bytes);
    totals
}

fn data(chain: &mut Chain, bytes: Vec<u8>) -> Totals {
    let to = TxKind::Call(other(1));
    one(chain, &super::super::call(0, 0, to, 0, bytes.into(), super::super::GAS))
}

/// A transaction with so many authorizations.
fn authorized(chain: &mut Chain, count: u64, of: impl Fn(u64) -> SignedAuthorization) -> Totals {
    let list = (1..=count).map(of).collect();
    one(chain, &with_authorizations(0, 0, other(1), Bytes::new(), list))
}

/// Makes the transaction with this nonce.
pub type WithNonce = fn(u64) -> Bytes;

/// Transactions that fill a block with what comes before the first instruction: the name of each
/// kind, and the one with this nonce.
pub const FULL: [(&str, WithNonce); 4] = [
    ("AUTHORIZATIONS", |nonce| {
        let keys = 500 + nonce * 36..536 + nonce * 36;
        let list = keys.map(|key| authorize(key, 0, 0, other(key))).collect();
        with_authorizations(0, nonce, other(1), Bytes::new(), list)
    }),
    ("LISTS", |nonce| {
        with_access(0, nonce, other(1), Bytes::new(), access(other(1_000 + nonce), 40))
    }),
    ("DATA", |nonce| {
        let bytes = vec![0xd3; 40_000].into();
        super::super::call(0, nonce, TxKind::Call(other(1)), 0, bytes, super::super::GAS)
    }),
    ("INITCODE", |nonce| {
        let mut code = vec![0x5b; 40_000];
        code[0] = 0;
        super::super::call(0, nonce, TxKind::Create, 0, code.into(), super::super::GAS)
    }),
];

/// The genesis that they run on, with these limits.
#[must_use]
pub fn limited(transaction_cycles_max: u64, block_cycles_max: u64) -> Genesis {
    let mut genesis = genesis();
    genesis.config.transaction_cycles_max = transaction_cycles_max;
    genesis.config.block_cycles_max = block_cycles_max;
    genesis
}

/// Every family.
#[must_use]
pub fn families() -> Vec<Family> {
    let family = |name, counts, chain| Family { name, counts, chain };
    vec![
        family("TRANSFER", [2, 34], |chain, count| {
            let mut totals = Totals::default();
            for key in 0..count {
                totals.send(chain, &transfer(key, 0, other(key), 1));
            }
            totals
        }),
        family("REPEATED_TRANSFER", [2, 34], |chain, count| {
            let mut totals = Totals::default();
            for nonce in 0..count {
                totals.send(chain, &transfer(0, nonce, other(0), 1));
            }
            totals
        }),
        family("RELOADED_SLOTS", [2, 10], |chain, count| {
            let mut totals = Totals::default();
            for nonce in 0..count {
                let to = TxKind::Call(other(READER));
                let input = Bytes::new();
                let bytes = super::super::call(0, nonce, to, 0, input, super::super::GAS);
                totals.send(chain, &bytes);
            }
            totals
        }),
        family("DATA_ZERO_BYTE", [1_000, 51_000], |chain, count| {
            data(chain, vec![0; count as usize])
        }),
        family("DATA_BYTE", [1_000, 51_000], |chain, count| {
            data(chain, vec![0xd3; count as usize])
        }),
        family("INITCODE_BYTE", [1_000, 41_000], |chain, count| {
            let mut code = vec![0x5b; count as usize];
            code[0] = 0;
            let bytes = super::super::call(0, 0, TxKind::Create, 0, code.into(), super::super::GAS);
            one(chain, &bytes)
        }),
        family("LISTED_SLOT", [8, 40], |chain, count| {
            let list = access(other(3), count);
            one(chain, &with_access(0, 0, other(1), Bytes::new(), list))
        }),
        family("LISTED_ACCOUNT", [8, 40], |chain, count| {
            let mut list = access(other(3), 0);
            list.0 = (0..count).map(|n| access(other(n + 5), 0).0[0].clone()).collect();
            one(chain, &with_access(0, 0, other(1), Bytes::new(), list))
        }),
        family("AUTHORIZATION", [4, 36], |chain, count| {
            authorized(chain, count, |key| authorize(key, 0, 0, other(7)))
        }),
        family("AUTHORIZATION_NEW", [4, 36], |chain, count| {
            authorized(chain, count, |key| authorize(key + 500, 0, 0, other(7)))
        }),
        family("AUTHORIZATION_CODES", [4, 36], |chain, count| {
            authorized(chain, count, |key| authorize(key + 500, 0, 0, other(7 + key)))
        }),
        family("AUTHORIZATION_REFUSED", [4, 36], |chain, count| {
            authorized(chain, count, |key| authorize(key + 500, 0, 9, Address::ZERO))
        }),
        family("BLOCK", [2, 18], |chain, count| {
            for _ in 0..count {
                chain.seal();
            }
            Totals::default()
        }),
    ]
}
