//! What the meter's entries cost in the batch guest, against what the meter says.
//!
//! A [`Case`] is a contract that does something in a loop. It runs in two batches that differ in
//! nothing but the number of rounds; the difference of what they take of the machine's tables is
//! what the rounds between take, down to the witness and the pubdata that they cause.

pub mod figures;
pub mod loops;
pub mod mixes;
pub mod precompiles;
pub mod record;
pub mod rows;
pub mod state;
pub mod transactions;
pub mod weights;

use std::array::from_fn;

use alloy_primitives::{Address, Bytes, TxKind, U256};
use minster_os::{Executed, Limit, Refusal};
use minster_params::{Genesis, GenesisAccount};

use self::rows::{Rows, Shapes, Taken, taken};
use self::weights::sum;
use super::assembly::code;
use super::chain::Chain;
use super::triangle::{Range, SALT, guest, io, range_of};
use super::{GAS, call, genesis, other};

/// Accounts beside those of a case.
pub const OTHERS: u64 = 100;
/// A cycle-equivalent is so many cells: the rows of the `mixed` example program have as many for
/// each of its cycles, in 31 rounds. What is measured in them counts the rows that are left empty.
pub const CELLS_PER_CYCLE: f64 = 77.7;
/// The cells of whole blocks' segments for those of their rows: `tests/tests/meter.rs` prints both.
pub const PHASES_PADDING: f64 = 2.2;
/// The contract under test.
const CONTRACT: u64 = 1_000_000;

/// More rounds than any gas buys.
const ENDLESS: u64 = 1 << 40;

/// When most of the work of something comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum When {
    /// Where a contract asks for it, by turns with whatever else it does.
    #[default]
    Turns,
    /// Before the transactions or after them.
    Phases,
    /// Some of it here and some there: what is charged is the dearer of both for all of it.
    Both,
}

/// A loop whose rounds are measured.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// What it measures.
    pub name: String,
    /// What the contract does before the loop, in the assembler's words.
    pub setup: String,
    /// How many words lie on the counter when a round starts and ends.
    pub depth: usize,
    /// What it does in a round.
    pub body: String,
    /// How often a round does it; `#` in the body is the number of the repetition.
    pub times: u64,
    /// The rounds of the two runs.
    pub rounds: [u64; 2],
    /// Input after the word with the number of rounds.
    pub input: Bytes,
    /// What the contract's code has behind the loop.
    pub tail: Bytes,
    /// Accounts that are there.
    pub accounts: Vec<(Address, GenesisAccount)>,
    /// The contract's storage.
    pub storage: Vec<(U256, U256)>,
    /// When most of the work comes.
    pub when: When,
    /// EVM gas of the work inside, where the body calls something that is charged by it.
    pub work: f64,
}

/// What one execution of a body costs.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cost {
    /// Instructions of the guest.
    pub cycles: f64,
    /// What it fills of the machine's tables.
    pub rows: Rows,
    /// The cells that a prover pays for.
    pub cells: f64,
    /// What the meter charges.
    pub metered: f64,
    /// What EVM gas it takes.
    pub gas: f64,
    /// Bytes of the guest's input.
    pub input: f64,
    /// As in the [`Case`].
    pub work: f64,
}

impl Cost {
    /// The cells in cycle-equivalents.
    #[must_use]
    pub fn measured(&self) -> f64 {
        self.cells / CELLS_PER_CYCLE
    }

    fn each(self, of: impl Fn(f64) -> f64) -> Self {
        Self {
            cycles: of(self.cycles),
            rows: self.rows.map(&of),
            cells: of(self.cells),
            metered: of(self.metered),
            gas: of(self.gas),
            input: of(self.input),
            work: self.work,
        }
    }

    /// One of the bodies by which this run is longer than that one, not yet in cells.
    #[must_use]
    pub fn again(self, few: Self, bodies: u64) -> Self {
        self.less(few, 1.0).each(|number| number / bodies as f64)
    }

    /// What the transactions of a batch do in its phases.
    #[must_use]
    pub fn in_phases(self, shapes: &Shapes) -> Self {
        Self { cells: shapes.full_cells(&self.rows) * PHASES_PADDING, ..self }
    }

    /// What one transaction can do again and again, by turns with whatever else.
    #[must_use]
    pub fn in_turns(self, weights: &Rows) -> Self {
        Self { cells: sum(&self.rows, weights), ..self }
    }

    /// What one transaction can do again and again, and nothing else.
    #[must_use]
    pub fn in_a_row(self, shapes: &Shapes) -> Self {
        Self { cells: shapes.cells(&self.rows), ..self }
    }

    /// The dearer for a prover of this and the other.
    #[must_use]
    pub fn or_dearer(self, other: Self) -> Self {
        if other.cells > self.cells { other } else { self }
    }

    /// This without so many times the other.
    #[must_use]
    pub fn less(self, other: Self, times: f64) -> Self {
        Self {
            cycles: self.cycles - times * other.cycles,
            rows: from_fn(|thing| self.rows[thing] - times * other.rows[thing]),
            cells: self.cells - times * other.cells,
            metered: self.metered - times * other.metered,
            gas: self.gas - times * other.gas,
            input: self.input - times * other.input,
            work: self.work,
        }
    }
}

impl Case {
    /// The contract's code.
    #[must_use]
    pub fn text(&self) -> String {
        let bodies: Vec<String> =
            (0..self.times).map(|index| self.body.replace('#', &index.to_string())).collect();
        let swap = if self.depth > 0 { format!("SWAP{}", self.depth) } else { String::new() };
        format!(
            "0 CALLDATALOAD {} next: {} {swap} 1 SWAP1 SUB {swap} DUP{} @next JUMPI STOP",
            self.setup,
            bodies.join(" "),
            self.depth + 1
        )
    }

    /// The genesis of its chains.
    #[must_use]
    pub fn genesis(&self) -> Genesis {
        let mut genesis = genesis(2, OTHERS);
        genesis.config.transaction_cycles_max = u64::MAX / 4;
        genesis.config.block_cycles_max = u64::MAX / 2;
        genesis.accounts.extend(self.accounts.iter().cloned());
        let contract = GenesisAccount {
            nonce: 1,
            balance: U256::from(1) << 64,
            code: [code(&self.text()), self.tail.clone()].concat().into(),
            storage: self.storage.iter().copied().collect(),
        };
        genesis.accounts.insert(other(CONTRACT), contract);
        genesis
    }

    /// What the contract reads to go so many rounds.
    fn calldata(&self, rounds: u64) -> Bytes {
        [&U256::from(rounds).to_be_bytes::<32>()[..], &self.input].concat().into()
    }

    /// A run of so many rounds.
    fn run(&self, rounds: u64) -> Run {
        let mut chain = Chain::new(self.genesis());
        let executed = chain.run(0, TxKind::Call(other(CONTRACT)), 0, self.calldata(rounds));
        let execution = executed.execution;
        assert!(execution.is_success(), "{}: {:?}", self.name, execution.outcome);
        Run { range: range_of(chain, 0), cycles: execution.cycles, gas: execution.gas_used }
    }

    /// A run that goes on until this many cycle-equivalents, or all gas of the largest
    /// transaction, are used.
    #[must_use]
    pub fn exhausted(&self, cycles_max: u64) -> Run {
        let mut genesis = self.genesis();
        genesis.config.transaction_cycles_max = cycles_max;
        let mut chain = Chain::new(genesis);
        let executed = chain.run(0, TxKind::Call(other(CONTRACT)), 0, self.calldata(ENDLESS));
        let execution = executed.execution;
        Run { range: range_of(chain, 0), cycles: execution.cycles, gas: execution.gas_used }
    }

    /// A block of runs that each go on until nothing is left, each over other words than the ones
    /// before it, as many as fit; and what they fill.
    ///
    /// # Panics
    /// When one is refused but for the block's being full.
    #[must_use]
    pub fn full_block(&self, transaction_cycles_max: u64, block_cycles_max: u64) -> (Run, Limit) {
        let mut genesis = self.genesis();
        genesis.config.transaction_cycles_max = transaction_cycles_max;
        genesis.config.block_cycles_max = block_cycles_max;
        full_block(&self.name, genesis, |nonce| {
            let input = self.calldata(ENDLESS * (nonce + 1));
            call(0, nonce, TxKind::Call(other(CONTRACT)), 0, input, GAS)
        })
    }

    /// What one execution of the body costs, with its share of the loop.
    ///
    /// # Panics
    /// When the guest does not do what the OS does natively.
    #[must_use]
    pub fn cost(&self, shapes: &Shapes) -> Cost {
        let [few, many] = self.rounds.map(|rounds| self.run(rounds).taken());
        let bodies = (self.rounds[1] - self.rounds[0]) * self.times;
        let one = Cost { work: self.work, ..many.again(few, bodies) };
        match self.when {
            When::Turns => one.in_a_row(shapes),
            When::Phases | When::Both => one.in_phases(shapes),
        }
    }
}

/// A block of transactions of one sender, as many as fit, and what it has no more room for.
///
/// # Panics
/// When one is refused but for the block's being full.
#[must_use]
pub fn full_block(
    name: &str,
    genesis: Genesis,
    transaction: impl Fn(u64) -> Bytes,
) -> (Run, Limit) {
    let mut chain = Chain::new(genesis);
    let (mut cycles, mut gas) = (0, 0);
    let full = (0..).find_map(|nonce| match chain.offer(&transaction(nonce)) {
        Ok(Executed { execution, .. }) => {
            cycles += execution.cycles;
            gas += execution.gas_used;
            None
        }
        Err(Refusal::BlockFull(limit)) => Some(limit),
        Err(refusal) => panic!("{name}: {refusal}"),
    });
    (Run { range: range_of(chain, 0), cycles, gas }, full.expect("an end"))
}

/// A batch with what the meter said natively.
pub struct Run {
    /// The batch.
    pub range: Range,
    /// What the meter charged.
    pub cycles: u64,
    /// EVM gas.
    pub gas: u64,
}

impl Run {
    /// What the guest takes for it, not yet in cells.
    ///
    /// # Panics
    /// When the guest does not do what the OS does natively.
    #[must_use]
    pub fn taken(&self) -> Cost {
        let input = self.range.input.salted(&SALT);
        let bytes = input.len() as f64;
        let Taken { cycles, rows, output } = taken(guest(), io(input));
        assert_eq!(output, self.range.claim, "native and emulated");
        Cost {
            cycles: cycles as f64,
            rows,
            metered: self.cycles as f64,
            gas: self.gas as f64,
            input: bytes,
            ..Cost::default()
        }
    }

    /// The same, in the segments that a prover cuts it into.
    ///
    /// # Panics
    /// When the guest does not do what the OS does natively.
    #[must_use]
    pub fn measured(&self, shapes: &Shapes) -> Cost {
        let cells = shapes.run_cells(io(self.range.input.salted(&SALT)));
        Cost { cells: cells as f64, ..self.taken() }
    }
}

/// Every case, in an order in which each comes after those that it refers to.
#[must_use]
pub fn cases() -> Vec<Case> {
    [loops::cases(), state::cases(), precompiles::cases()].concat()
}
