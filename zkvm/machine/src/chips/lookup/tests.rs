use alloc::collections::BTreeSet;
use alloc::sync::Arc;

use minster_riscv::Program;
use p3_air::Air;
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;

use super::{Lookup, LookupRow};
use crate::F;
use crate::buses::{self, ALIGN, BYTES, CONSTANT, FACTOR, RANGE, SEPTETS, XOR};
use crate::cells::Cells;
use crate::checker::{
    HonestRow, RowReport, canonical, flatten, free_columns, is_answered, report, report_with,
};
use crate::chip::{Chip, TABLES};
use crate::evaluation::{Evaluation, Listener};
use crate::lookups::{FACTOR_LINES, LOOKUP_LINES, LookupCounts};
use crate::rom::Rom;
use crate::shape::SHAPES;

const CONSTANT_LINES: usize = 160;

/// What a line holds.
fn line(line: usize) -> Vec<F> {
    let fixed = Lookup::preprocessed();
    fixed.row(line).expect("a line").into_iter().collect()
}

fn seen(row: LookupRow<F>, line: &[F]) -> RowReport {
    report_with::<Lookup>(&flatten(row), line, &[])
}

/// A count for every answer that a line has.
fn full(index: usize) -> LookupRow<F> {
    let mut row = LookupRow::all(F::ONE);
    row.septets = F::from_bool(index & 0x8080 == 0);
    row.factor = F::from_bool(index < FACTOR_LINES);
    row.constant = F::from_bool(index < CONSTANT_LINES);
    row
}

#[test]
fn lines_answer_everything_and_nothing_else() {
    let fixed = Lookup::preprocessed();
    let mut answers: BTreeSet<(String, Vec<u32>)> = BTreeSet::new();
    for (index, line) in fixed.rows().enumerate() {
        let report = seen(full(index), &line.collect::<Vec<F>>());
        assert_eq!(report.violations, Vec::<&str>::new(), "{index}");
        for message in report.messages {
            assert_eq!(message.count, -F::ONE);
            let answer = (message.bus, message.tuple);
            assert_eq!(is_answered(&answer.0, &answer.1), Some(true), "{answer:?}");
            assert!(answers.insert(answer), "{index}: twice");
        }
    }
    let count = |bus| answers.iter().filter(|(name, _)| name == bus).count();
    let counts = [RANGE, SEPTETS, BYTES, XOR, ALIGN, FACTOR, CONSTANT].map(count);
    assert_eq!(counts, [1 << 16, 1 << 14, 1 << 16, 1 << 16, 1 << 16, 16, 160]);
}

#[test]
fn counts_go_to_the_lines_that_answer() {
    type Ask = (fn(&mut LookupCounts), &'static str, &'static [u32]);
    let asks: [Ask; 14] = [
        (|counts| counts.range(0), RANGE, &[0]),
        (|counts| counts.range(0xffff), RANGE, &[0xffff]),
        (|counts| counts.septets(127, 0), SEPTETS, &[127, 0]),
        (|counts| counts.septets(1, 127), SEPTETS, &[1, 127]),
        (|counts| counts.bytes(255, 3), BYTES, &[255, 3]),
        (|counts| counts.xor(0xf0, 0x3c), XOR, &[0xf0, 0x3c, 0xcc]),
        (|counts| counts.align(0x3fff, 0), ALIGN, &[0x3fff, 0]),
        (|counts| counts.align(5, 3), ALIGN, &[5, 3]),
        (|counts| counts.factor(false, 0), FACTOR, &[0, 0, 1]),
        (|counts| counts.factor(false, 7), FACTOR, &[0, 7, 128]),
        (|counts| counts.factor(true, 0), FACTOR, &[1, 0, 256]),
        (|counts| counts.factor(true, 7), FACTOR, &[1, 7, 2]),
        (|counts| counts.constant(63), CONSTANT, &[63, 0x78f2, 0xc671]),
        (|counts| counts.constant(64 + 4 * 23 + 3), CONSTANT, &[159, 0x8000, 0]),
    ];
    let fixed = Lookup::preprocessed();
    for (ask, bus, tuple) in asks {
        let mut counts = LookupCounts::default();
        ask(&mut counts);
        let trace = Lookup::trace(&counts);
        assert_eq!(trace.height(), fixed.height());
        let messages: Vec<_> = (trace.rows().zip(fixed.rows()))
            .flat_map(|(row, line)| {
                let cells: Vec<F> = row.collect();
                report_with::<Lookup>(&cells, &line.collect::<Vec<F>>(), &[]).messages
            })
            .collect();
        let [message] = messages.as_slice() else { panic!("{bus} {tuple:?}: {messages:?}") };
        assert_eq!((message.bus.as_str(), message.tuple.as_slice()), (bus, tuple));
        assert_eq!(message.count, -F::ONE);
    }
}

/// A count is free where the line has the answer: it gives true answers only.
#[test]
fn counts_are_free_where_there_is_an_answer() {
    let row = |index| HonestRow {
        cells: flatten(full(index)),
        preprocessed: line(index),
        public: Vec::new(),
    };
    let some = [0, 1, 8, 15, 0x7f7f].map(row);
    let names = ["align", "bytes", "constant", "factor", "range", "septets", "xor"];
    assert_eq!(free_columns::<Lookup>(&some), names);
    let rows = [160, 0x0100, 0x7f7f].map(row);
    assert_eq!(free_columns::<Lookup>(&rows), ["align", "bytes", "range", "septets", "xor"]);
    let rows = [0xa0, 0x8000, 0xff80, 0xffff].map(row);
    assert_eq!(free_columns::<Lookup>(&rows), ["align", "bytes", "range", "xor"]);
}

#[test]
fn each_constraint_catches_its_forgery() {
    let septets = LookupRow { septets: F::ONE, ..LookupRow::default() };
    let factor = LookupRow { factor: -F::ONE, ..LookupRow::default() };
    let constant = LookupRow { constant: F::ONE, ..LookupRow::default() };
    for (id, row, index) in [
        ("LOOKUP-1", septets, 0x0080),
        ("LOOKUP-1", septets, 0x8000),
        ("LOOKUP-1", septets, 0xffff),
        ("LOOKUP-2", factor, FACTOR_LINES),
        ("LOOKUP-2", factor, LOOKUP_LINES - 1),
        ("LOOKUP-3", constant, CONSTANT_LINES),
        ("LOOKUP-3", constant, LOOKUP_LINES - 1),
    ] {
        assert_eq!(seen(row, &line(index)).violations, [id], "{index}");
    }
    // Without the fixed columns a row satisfies nothing.
    assert_eq!(report::<Lookup>(&flatten(full(0))).violations, ["LOOKUP-0"]);
}

/// Every line with a count wherever one is not forbidden: none answers what is false.
#[test]
fn no_line_answers_what_is_false() {
    let fixed = Lookup::preprocessed();
    for line in fixed.rows() {
        let line: Vec<F> = line.collect();
        let report = seen(LookupRow::all(F::ONE), &line);
        for message in &report.messages {
            let is_true = is_answered(&message.bus, &message.tuple) == Some(true);
            let guard = match message.bus.as_str() {
                SEPTETS => "LOOKUP-1",
                FACTOR => "LOOKUP-2",
                CONSTANT => "LOOKUP-3",
                _ => "",
            };
            let is_forbidden = report.violations.contains(&guard);
            assert_eq!(is_true, !is_forbidden, "{:?} {message:?}", canonical(&line));
        }
    }
}

/// Buses and bounds of all messages of a chip.
#[derive(Default)]
struct Bounds(Vec<(String, u32)>);

impl Listener for Bounds {
    fn constraint(&mut self, _: &'static str, _: F) {}

    fn message(&mut self, bus: &str, tuple: Vec<F>, _: F, weight: u32) {
        self.0.push((buses::own_bus(bus, &tuple).0.into(), weight));
    }
}

fn bounds() -> [Vec<(String, u32)>; TABLES] {
    let program = Program::new(0x1_0000, 0x1_0000, &[0x13], &[]).expect("a program");
    Chip::all(Arc::new(Rom::new(&program))).map(|chip| {
        let zeros = |width| vec![F::ZERO; width];
        let main = zeros(p3_air::BaseAir::<F>::width(&chip));
        let preprocessed = zeros(p3_air::BaseAir::<F>::preprocessed_width(&chip));
        let public = zeros(p3_air::BaseAir::<F>::num_public_values(&chip));
        let mut evaluation = Evaluation::new(&main, &preprocessed, &public, Bounds::default());
        chip.eval(&mut evaluation);
        evaluation.listener.0
    })
}

/// A count without a bound is sound only where every line is true: on the buses of this table, of
/// the program and of the compressions. Everywhere else a count is a bit.
#[test]
fn counts_without_bounds_are_those_of_true_lines() {
    let mut unbounded: Vec<String> = Vec::new();
    for (bus, weight) in bounds().into_iter().flatten() {
        assert!(weight <= 1, "{bus}");
        if weight == 0 {
            unbounded.push(bus);
        }
    }
    unbounded.sort_unstable();
    let mut expected =
        [RANGE, SEPTETS, BYTES, XOR, ALIGN, FACTOR, CONSTANT, buses::PROGRAM, buses::COMPRESSION];
    expected.sort_unstable();
    assert_eq!(unbounded, expected);
}

/// Counts of questions are integers below p: a line that no table has cannot be asked for p times.
#[test]
fn questions_do_not_wrap_the_field() {
    let bounds = bounds();
    for shape in &SHAPES {
        let heights = shape.log_heights(20);
        let questions: u64 = bounds
            .iter()
            .zip(heights)
            .map(|(bounds, height)| height.map_or(0, |height| (bounds.len() as u64) << height))
            .sum();
        assert!(questions < u64::from(F::ORDER_U32), "{}: {questions}", shape.name);
    }
}
