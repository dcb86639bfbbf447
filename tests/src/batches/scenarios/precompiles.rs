//! Every precompile of Osaka, with inputs that it takes and inputs that it refuses.

mod curves;
mod hashes;
mod numbers;
mod signatures;

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};

use super::super::assembly::code;
use super::super::chain::Chain;
use super::super::genesis;
use super::failures::{WITNESS, contract, witnessed};
use super::{KEYS, OTHERS};

/// What a precompile does with an input.
#[derive(Debug, Clone)]
pub enum Answer {
    /// It returns this.
    Is(Vec<u8>),
    /// It returns something.
    Some,
    /// The call fails.
    None,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Case {
    /// The last two bytes of the address.
    pub number: u16,
    /// The input.
    pub input: Vec<u8>,
    /// What comes of it.
    pub answer: Answer,
}

impl Case {
    fn new(number: u16, input: impl Into<Vec<u8>>, answer: Answer) -> Self {
        Self { number, input: input.into(), answer }
    }

    fn is(number: u16, input: impl Into<Vec<u8>>, output: impl Into<Vec<u8>>) -> Self {
        Self::new(number, input, Answer::Is(output.into()))
    }

    fn some(number: u16, input: impl Into<Vec<u8>>) -> Self {
        Self::new(number, input, Answer::Some)
    }

    fn none(number: u16, input: impl Into<Vec<u8>>) -> Self {
        Self::new(number, input, Answer::None)
    }

    fn address(&self) -> Address {
        Address::from_word(U256::from(self.number).into())
    }
}

/// Gas of one call; the heaviest here takes a tenth of it.
const CALL_GAS: u64 = 1_000_000;
/// Changes of each input.
const CHANGES: u64 = 2;

/// A number in 32 bytes.
fn word(number: u64) -> [u8; 32] {
    U256::from(number).to_be_bytes()
}

/// Every case.
#[must_use]
pub fn cases() -> Vec<Case> {
    [signatures::cases(), hashes::cases(), numbers::cases(), curves::cases()].concat()
}

/// Each case through a contract that logs what came of it; each again with too little gas, as a
/// transaction of its own, and with some of its bytes changed, whatever that comes to.
#[must_use]
pub fn precompiles() -> Chain {
    let mut genesis = genesis(KEYS, OTHERS);
    let witness = contract(&mut genesis, 10_000, code(WITNESS));
    let mut chain = Chain::new(genesis);
    let mut seen = Vec::new();
    for case in cases() {
        check(&mut chain, witness, &case, CALL_GAS);
        if !seen.contains(&case.number) {
            seen.push(case.number);
            chain.seal();
            directly(&mut chain, witness, &case);
        }
    }
    let osaka: Vec<u16> = (1..=0x11).chain([0x100]).collect();
    seen.sort_unstable();
    assert_eq!(seen, osaka);
    chain
}

/// Each case again with some of its bytes changed, whatever that comes to.
#[must_use]
pub fn changed_inputs() -> Chain {
    let mut genesis = genesis(KEYS, OTHERS);
    let witness = contract(&mut genesis, 10_000, code(WITNESS));
    let mut chain = Chain::new(genesis);
    for (index, case) in (0..).zip(cases()) {
        for change in 0..CHANGES {
            let seed = keccak256([word(index), word(change)].concat());
            let changed = witnessed(case.address(), CALL_GAS, &changed(&case.input, seed));
            chain.run(change, witness.into(), 0, changed);
        }
        if index % 8 == 7 {
            chain.seal();
        }
    }
    chain
}

fn check(chain: &mut Chain, witness: Address, case: &Case, gas: u64) {
    let executed = chain.run(0, witness.into(), 0, witnessed(case.address(), gas, &case.input));
    let log = executed.receipt.logs.first().expect("the witness has enough gas");
    let has_succeeded = log.topics()[0] == B256::from(word(1));
    match &case.answer {
        Answer::None => assert!(!has_succeeded, "{case:02x?}"),
        Answer::Some => assert!(has_succeeded, "{case:02x?}"),
        Answer::Is(output) => {
            assert!(has_succeeded, "{case:02x?}");
            assert_eq!(log.data.data.to_vec(), *output, "{case:02x?}");
        }
    }
}

/// As the target of a transaction, and with less gas than any precompile takes.
fn directly(chain: &mut Chain, witness: Address, case: &Case) {
    let executed = chain.run(1, case.address().into(), 1, case.input.clone().into());
    assert_eq!(executed.receipt.success, !matches!(case.answer, Answer::None), "{case:02x?}");
    chain.run(1, case.address().into(), 0, Bytes::new());
    for gas in [0, 11] {
        check(chain, witness, &Case { answer: Answer::None, ..case.clone() }, gas);
    }
}

/// An input with up to four other bytes, or with one more if it has none.
fn changed(input: &[u8], seed: B256) -> Vec<u8> {
    let mut changed = input.to_vec();
    if changed.is_empty() {
        changed.push(seed[0]);
    }
    let size = changed.len();
    for part in seed.chunks(8).take(1 + usize::from(seed[31] % 4)) {
        let place = usize::from(u16::from_be_bytes([part[0], part[1]])) % size;
        changed[place] ^= 1 << (part[2] % 8);
    }
    changed
}
