//! Checks constraints and buses on concrete rows, without a proof: what the tests of chips stand
//! on. It says which constraint fails by its id, and which message has no partner.

mod mutation;
mod sample;
mod segment;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use p3_field::{PrimeCharacteristicRing, PrimeField32};

pub use mutation::{Escape, HonestRow, escapes, free_columns};
pub use sample::{SAMPLE_PC, Sample};
pub use segment::{Fault, faults};

use crate::F;
use crate::buses;
use crate::cells::Cells;
use crate::evaluation::{Evaluation, Listener};
use crate::lookups::{LookupCounts, constants};
use crate::table::Table;

/// A message of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The bus.
    pub bus: String,
    /// The tuple, as canonical integers.
    pub tuple: Vec<u32>,
    /// Sent if positive, received if negative.
    pub count: F,
}

/// What one row does.
#[derive(Clone, Debug, Default)]
pub struct RowReport {
    /// Ids of the constraints that fail.
    pub violations: Vec<&'static str>,
    /// The messages with a count that is not zero.
    pub messages: Vec<Message>,
}

impl Listener for RowReport {
    fn constraint(&mut self, id: &'static str, value: F) {
        if value != F::ZERO {
            self.violations.push(id);
        }
    }

    fn message(&mut self, bus: &str, tuple: Vec<F>, count: F, weight: u32) {
        if weight > 0 && count != F::ZERO && count != F::ONE && count != -F::ONE {
            self.violations.push("a count beyond its bound");
        }
        if count != F::ZERO {
            let (bus, tuple) = buses::own_bus(bus, &tuple);
            self.messages.push(Message { bus: bus.into(), tuple: canonical(tuple), count });
        }
    }
}

/// A row without preprocessed columns and public values.
pub fn report<T: Table>(cells: &[F]) -> RowReport {
    report_with::<T>(cells, &[], &[])
}

/// A row of a chip that has preprocessed columns or public values.
pub fn report_with<T: Table>(cells: &[F], preprocessed: &[F], public: &[F]) -> RowReport {
    let mut evaluation = Evaluation::new(cells, preprocessed, public, RowReport::default());
    match <T::Row<F> as Cells<F>>::read(&mut cells.iter()) {
        Some(row) => T::eval(&row, &mut evaluation),
        None => evaluation.listener.violations.push("row is too short"),
    }
    evaluation.listener
}

/// Whether a lookup has an answer; nothing for a bus that is not a lookup into the fixed table.
pub fn is_answered(bus: &str, tuple: &[u32]) -> Option<bool> {
    let answered = match (bus, tuple) {
        (buses::RANGE, [value]) => *value < 1 << 16,
        (buses::SEPTETS, [first, second]) => *first < 1 << 7 && *second < 1 << 7,
        (buses::BYTES, [first, second]) => *first < 1 << 8 && *second < 1 << 8,
        (buses::XOR, [first, second, xor]) => {
            *first < 1 << 8 && *second < 1 << 8 && *xor == first ^ second
        }
        (buses::ALIGN, [word, offset]) => *word < 1 << 14 && *offset < 4,
        (buses::FACTOR, [right, distance, factor]) => {
            *distance < 8
                && match right {
                    0 => *factor == 1 << distance,
                    1 => *factor == 1 << (8 - distance),
                    _ => false,
                }
        }
        (buses::CONSTANT, [index, low, high]) => {
            constants().nth(*index as usize).map(|word| [word & 0xffff, word >> 16])
                == Some([*low, *high])
        }
        (
            buses::RANGE
            | buses::SEPTETS
            | buses::BYTES
            | buses::XOR
            | buses::ALIGN
            | buses::FACTOR
            | buses::CONSTANT,
            _,
        ) => false,
        _ => return None,
    };
    Some(answered)
}

impl RowReport {
    /// Lookups of this row that no line of the fixed table answers.
    pub fn unanswered(&self) -> Vec<&Message> {
        let open = |message: &&Message| is_answered(&message.bus, &message.tuple) == Some(false);
        self.messages.iter().filter(open).collect()
    }

    /// The answered lookups of this row, counted as [`LookupCounts`] has to count them.
    pub fn lookups(&self) -> LookupCounts {
        let mut counts = LookupCounts::default();
        let answered = |message: &&Message| is_answered(&message.bus, &message.tuple) == Some(true);
        for message in self.messages.iter().filter(answered) {
            match (message.bus.as_str(), message.tuple.as_slice()) {
                (buses::RANGE, [value]) => counts.range(*value),
                (buses::SEPTETS, [first, second]) => counts.septets(*first, *second),
                (buses::BYTES, [first, second]) => counts.bytes(*first, *second),
                (buses::XOR, [first, second, _]) => counts.xor(*first, *second),
                (buses::ALIGN, [word, offset]) => counts.align(*word, *offset),
                (buses::FACTOR, [right, distance, _]) => counts.factor(*right == 1, *distance),
                (buses::CONSTANT, [index, ..]) => counts.constant(*index),
                _ => {}
            }
        }
        counts
    }

    /// The sum of the messages on buses other than lookups into the fixed table.
    pub fn balance(&self) -> Balance {
        let mut balance = Balance::default();
        for message in &self.messages {
            if is_answered(&message.bus, &message.tuple).is_none() {
                balance.add(message);
            }
        }
        balance.settle();
        balance
    }
}

/// What is sent less what is received, by bus and tuple.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balance(pub BTreeMap<(String, Vec<u32>), F>);

impl Balance {
    /// Counts a message.
    pub fn add(&mut self, message: &Message) {
        let key = (message.bus.clone(), message.tuple.clone());
        *self.0.entry(key).or_default() += message.count;
    }

    /// Forgets what cancels.
    pub fn settle(&mut self) {
        self.0.retain(|_, count| *count != F::ZERO);
    }
}

/// A row's cells as a flat list.
pub fn flatten<R: Cells<F>>(row: R) -> Vec<F> {
    let mut cells = F::zero_vec(R::WIDTH);
    row.write(&mut cells.iter_mut());
    cells
}

/// Canonical integers of field elements.
pub fn canonical(cells: &[F]) -> Vec<u32> {
    cells.iter().map(PrimeField32::as_canonical_u32).collect()
}
