//! A fast checker of forged rows: what changes between an honest segment and a forged one.
//!
//! An honest segment has no fault, so a forged one has none exactly if the forged rows satisfy
//! their constraints and what they send differs from what the honest rows sent by nothing. The
//! forger is given all that is free: tables of answers count whatever is asked of them, as long as
//! it is true.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use minster_machine::F;
use minster_machine::buses::{ALIGN, BYTES, COMPRESSION, CONSTANT, FACTOR, MEMORY, PROGRAM};
use minster_machine::buses::{RANGE, SEPTETS, STATE, XOR};
use minster_machine::cells::Cells;
use minster_machine::checker::{Message, RowReport, canonical, is_answered};
use minster_machine::chip::Chip;
use minster_machine::chips::compression::Compression;
use minster_machine::evaluation::Evaluation;
use minster_machine::public::PublicValues;
use minster_machine::trace::SegmentTraces;
use minster_machine::tree::Compressor;
use p3_air::{Air, BaseAir};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;

use super::{Run, cell, column, columns, table, tour};

/// A row that is no longer the honest one.
#[derive(Clone, Debug)]
pub struct Change {
    pub table: usize,
    pub row: usize,
    pub cells: Vec<F>,
}

/// A bus and what is sent on it.
pub type Tuple = (String, Vec<u32>);

/// The honest rows of a run's only segment, and who receives what.
pub struct Ledger {
    chips: Vec<Chip>,
    columns: Vec<Vec<String>>,
    fixed: Vec<Option<RowMajorMatrix<F>>>,
    lines: Vec<Vec<u32>>,
    known_lines: BTreeSet<Vec<u32>>,
    compressor: Compressor,
    traces: SegmentTraces,
    receivers: BTreeMap<Tuple, (usize, usize)>,
}

impl Ledger {
    /// The ledger of tables without faults.
    pub fn new(run: &Run, traces: &SegmentTraces) -> Self {
        let chips = run.key().chips().to_vec();
        let lines = run.prover.rom().lines().iter().map(|line| canonical(&line.cells()));
        let lines: Vec<Vec<u32>> = lines.collect();
        let mut ledger = Self {
            fixed: chips.iter().map(BaseAir::preprocessed_trace).collect(),
            columns: chips.iter().map(Chip::column_names).collect(),
            chips,
            known_lines: lines.iter().cloned().collect(),
            lines,
            compressor: Compressor::default(),
            traces: traces.clone(),
            receivers: BTreeMap::new(),
        };
        for table in table::SEGMENT..table::COMPRESSION {
            for row in 0..traces.used[table] {
                for message in ledger.report(table, row, &ledger.cells(table, row)).messages {
                    let ours = message.bus == MEMORY || message.bus == STATE;
                    if ours && message.count == -F::ONE {
                        let key = (message.bus, message.tuple);
                        ledger.receivers.insert(key, (table, row));
                    }
                }
            }
        }
        ledger
    }

    /// The honest tables.
    pub fn traces(&self) -> &SegmentTraces {
        &self.traces
    }

    /// The name of a table's chip.
    pub fn chip_name(&self, table: usize) -> &'static str {
        self.chips[table].name()
    }

    /// The names of a table's columns.
    pub fn columns(&self, table: usize) -> &[String] {
        &self.columns[table]
    }

    /// An honest row.
    pub fn cells(&self, table: usize, row: usize) -> Vec<F> {
        self.traces.tables[table].row_slice(row).expect("a row").to_vec()
    }

    /// A cell of an honest row.
    pub fn get(&self, table: usize, row: usize, name: &str) -> u32 {
        self.cells(table, row)[column(table, name)].as_canonical_u32()
    }

    /// The used rows of a table whose columns hold these numbers.
    pub fn find(&self, table: usize, wanted: &[(&str, u32)]) -> Vec<usize> {
        let holds = |row: &usize| wanted.iter().all(|(name, v)| self.get(table, *row, name) == *v);
        let rows: Vec<usize> = (0..self.traces.used[table]).filter(holds).collect();
        assert!(!rows.is_empty(), "no row of table {table} with {wanted:?}");
        rows
    }

    /// An honest row with other numbers in some columns.
    pub fn change(&self, table: usize, row: usize, sets: &[(&str, u32)]) -> Change {
        let mut cells = self.cells(table, row);
        for (name, value) in sets {
            cells[column(table, name)] = cell(*value);
        }
        Change { table, row, cells }
    }

    /// What a row does.
    pub fn report(&self, table: usize, row: usize, cells: &[F]) -> RowReport {
        report(&self.chips[table], self.fixed[table].as_ref(), row, cells, &self.traces.public)
    }

    /// Whether the row sends something, as it is or as it was.
    pub fn is_silent(&self, change: &Change) -> bool {
        let Change { table, row, cells } = change;
        let honest = self.report(*table, *row, &self.cells(*table, *row));
        honest.messages.is_empty() && self.report(*table, *row, cells).messages.is_empty()
    }

    /// What is sent more than by the honest rows; nothing if a constraint fails.
    pub fn difference(&self, changes: &[Change]) -> Option<BTreeMap<Tuple, F>> {
        let mut difference: BTreeMap<Tuple, F> = BTreeMap::new();
        let mut add = |message: Message, sign: F| {
            *difference.entry((message.bus, message.tuple)).or_default() += sign * message.count;
        };
        for Change { table, row, cells } in changes {
            let forged = self.report(*table, *row, cells);
            if !forged.violations.is_empty() {
                return None;
            }
            forged.messages.into_iter().for_each(|message| add(message, F::ONE));
            let honest = self.report(*table, *row, &self.cells(*table, *row));
            honest.messages.into_iter().for_each(|message| add(message, -F::ONE));
        }
        difference.retain(|_, count| *count != F::ZERO);
        Some(difference)
    }

    /// Whether a true answer to the tuple exists.
    pub fn is_true(&self, (bus, tuple): &Tuple) -> bool {
        match (is_answered(bus, tuple), bus.as_str()) {
            (Some(answered), _) => answered,
            (None, PROGRAM) => self.known_lines.contains(tuple),
            (None, COMPRESSION) => {
                let (input, output) = tuple.split_at(16);
                let input = core::array::from_fn(|index| cell(input[index]));
                canonical(&self.compressor.compress(input)) == output
            }
            (None, _) => false,
        }
    }

    /// Whether the forged rows have a fault that no count of answers mends.
    pub fn notices(&self, changes: &[Change]) -> bool {
        let difference = self.difference(changes);
        difference.is_none_or(|difference| difference.keys().any(|tuple| !self.is_true(tuple)))
    }

    /// Whether the row is false by itself, whatever the others are: it breaks a constraint, or asks
    /// for what has no true answer.
    pub fn is_false(&self, Change { table, row, cells }: &Change) -> bool {
        let report = self.report(*table, *row, cells);
        let open =
            |bus: &str| is_answered(bus, &[]).is_some() || [PROGRAM, COMPRESSION].contains(&bus);
        let mut asked = report.messages.into_iter().filter(|message| open(&message.bus));
        !report.violations.is_empty() || asked.any(|m| !self.is_true(&(m.bus, m.tuple)))
    }

    /// Whether the forged rows have a fault if all other rows stay.
    pub fn notices_alone(&self, changes: &[Change]) -> bool {
        self.difference(changes).is_none_or(|difference| !difference.is_empty())
    }

    /// The change, and changes of those who receive what the row leaves in memory.
    pub fn spread(&self, change: Change) -> Vec<Change> {
        let Change { table, row, cells } = &change;
        let sent = |cells: &[F]| -> Vec<Vec<u32>> {
            let messages = self.report(*table, *row, cells).messages.into_iter();
            let memory = messages.filter(|m| m.bus == MEMORY && m.count == F::ONE);
            memory.map(|message| message.tuple).collect()
        };
        let (honest, forged) = (sent(&self.cells(*table, *row)), sent(cells));
        let followers = honest.iter().zip(&forged).filter(|(old, new)| old != new);
        let followers: Vec<Change> =
            followers.filter_map(|(old, new)| self.follow(old, new)).collect();
        let mut changes = vec![change];
        for follower in followers {
            let place = |other: &Change| (other.table, other.row) == (follower.table, follower.row);
            if !changes.iter().any(place) {
                changes.push(follower);
            }
        }
        changes
    }

    /// The row that received a tuple, such that it receives another one.
    fn follow(&self, old: &[u32], new: &[u32]) -> Option<Change> {
        let key = (MEMORY.to_string(), old.to_vec());
        let (table, row) = *self.receivers.get(&key)?;
        let cells = self.cells(table, row);
        (1..cells.len()).find_map(|high| {
            let mut cells = cells.clone();
            if canonical(&cells[high - 1..=high]) != old[1..3] {
                return None;
            }
            cells[high - 1] = cell(new[1]);
            cells[high] = cell(new[2]);
            let mut messages = self.report(table, row, &cells).messages.into_iter();
            let found = messages.any(|m| m.bus == MEMORY && m.tuple == *new && m.count == -F::ONE);
            found.then_some(Change { table, row, cells })
        })
    }

    /// The forged tables: the changed rows, with every count of answers set to what these ask for.
    pub fn apply(&self, changes: &[Change]) -> SegmentTraces {
        let mut traces = self.traces.clone();
        for Change { table, row, cells } in changes {
            traces.tables[*table].row_mut(*row).copy_from_slice(cells);
        }
        let messages = |cells: Vec<F>, change: &Change| {
            self.report(change.table, change.row, &cells).messages.into_iter()
        };
        let mut asked: BTreeMap<Tuple, F> = BTreeMap::new();
        let provides = |change: &&Change| {
            [table::PROGRAM, table::LOOKUP, table::COMPRESSION].contains(&change.table)
        };
        for change in changes.iter().filter(|change| !provides(change)) {
            let honest = messages(self.cells(change.table, change.row), change);
            let honest = honest.map(|message| (message, -F::ONE));
            let forged = messages(change.cells.clone(), change).map(|message| (message, F::ONE));
            for (message, sign) in honest.chain(forged) {
                *asked.entry((message.bus, message.tuple)).or_default() += sign * message.count;
            }
        }
        let asked = asked.iter().filter(|(tuple, count)| **count != F::ZERO && self.is_true(tuple));
        asked.for_each(|(tuple, count)| self.answer(&mut traces, tuple, *count));
        traces
    }

    fn answer(&self, traces: &mut SegmentTraces, (bus, tuple): &Tuple, count: F) {
        let (table, row, column) = match (bus.as_str(), tuple.as_slice()) {
            (RANGE, [value]) => (table::LOOKUP, *value, 0),
            (SEPTETS, [first, second]) => (table::LOOKUP, first + 256 * second, 1),
            (BYTES, [first, second]) => (table::LOOKUP, first + 256 * second, 2),
            (XOR, [first, second, _]) => (table::LOOKUP, first + 256 * second, 3),
            (ALIGN, [word, offset]) => (table::LOOKUP, 4 * word + offset, 4),
            (FACTOR, [right, distance, _]) => (table::LOOKUP, 8 * right + distance, 5),
            (CONSTANT, [index, ..]) => (table::LOOKUP, *index, 6),
            (PROGRAM, line) => {
                let place = self.lines.iter().position(|known| known == line).expect("a line");
                (table::PROGRAM, u32::try_from(place).expect("a short program"), 0)
            }
            _ => return compress(&mut traces.tables[table::COMPRESSION], tuple, count),
        };
        let row = usize::try_from(row).expect("a row");
        traces.tables[table].row_mut(row)[column] += count;
    }
}

/// What a row of a chip does.
pub fn report(
    chip: &Chip,
    fixed: Option<&RowMajorMatrix<F>>,
    row: usize,
    cells: &[F],
    public: &PublicValues,
) -> RowReport {
    let fixed = fixed.and_then(|fixed| fixed.row_slice(row));
    let fixed = fixed.as_deref().unwrap_or_default();
    let public = public.elements();
    let public = &public[..chip.num_public_values()];
    let mut evaluation = Evaluation::new(cells, fixed, public, RowReport::default());
    chip.eval(&mut evaluation);
    evaluation.listener
}

/// Adds to the count of a compression; one that was never asked for gets a row of padding.
fn compress(rows: &mut RowMajorMatrix<F>, tuple: &[u32], count: F) {
    let input: [F; 16] = core::array::from_fn(|index| cell(tuple[index]));
    let names = columns(table::COMPRESSION);
    let place = |name: &str| names.iter().position(|column| column == name).expect("a column");
    let (inputs, counts) = (place("input[0]"), place("count"));
    let height = rows.height();
    let known = (0..height).find(|row| {
        let cells = rows.row_slice(*row).expect("a row");
        cells[inputs..inputs + 16] == input && cells[counts] != F::ZERO
    });
    if let Some(row) = known {
        rows.row_mut(row)[counts] += count;
        return;
    }
    let is_free = |row: &usize| rows.row_slice(*row).expect("a row")[counts] == F::ZERO;
    let free = (0..height).find(is_free).expect("room for a compression");
    Compression::fill(input, 1).write(&mut rows.row_mut(free).iter_mut());
    rows.row_mut(free)[counts] = count;
}

/// The ledger of [`super::tour`].
pub fn tour_ledger() -> &'static Ledger {
    static LEDGER: OnceLock<Ledger> = OnceLock::new();
    LEDGER.get_or_init(|| Ledger::new(tour(), &tour().part().traces))
}
