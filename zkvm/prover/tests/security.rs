//! The numbers that soundness rests on, computed from the real chips, shapes and parameters.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, OnceLock};

use minster_machine::buses;
use minster_machine::chip::DEGREE_MAX;
use minster_machine::config::{PARAMETERS, Parameters};
use minster_machine::shape::{SHAPES, Shape};
use minster_machine::{EF, F};
use minster_prover::security::{
    ChipFacts, PROVEN_BITS, SecurityReport, Source, SourceBits, proven_security, security,
};
use minster_riscv::{CODE_WORDS_MAX, Instruction, Opcode, Program, encode};
use minster_verifier::VerifyingKey;
use p3_air::symbolic::{AirLayout, BaseEntry, BaseLeaf, SymbolicExpr, SymbolicExpression};
use p3_batch_stark::symbolic::get_symbolic_constraints;
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use p3_lookup::{Kind, LogUpGadget, Lookup, check_bus_widths, check_multiplicity_height_bound};
use p3_security::fri::FriRegime;
use p3_security::logup::LogUpAir;
use p3_security::stark::proven_security_report;
use p3_security::{GrindingSites, InstanceShape, StarkAirParams};

/// Base-2 logarithm of p.
fn log_p() -> f64 {
    f64::from(F::ORDER_U32).log2()
}

/// A key: the chips' constraints are those of every program.
fn key() -> &'static VerifyingKey {
    static KEY: OnceLock<VerifyingKey> = OnceLock::new();
    KEY.get_or_init(|| {
        let halt = Instruction { opcode: Opcode::Ecall, rd: 0, rs1: 0, rs2: 0, imm: 0 };
        let base = 0x0020_0000;
        let program = Program::new(base, base, &[encode(&halt)], &[]).expect("a program");
        VerifyingKey::new(&program).expect("a key")
    })
}

fn chips() -> &'static [ChipFacts] {
    static CHIPS: OnceLock<Vec<ChipFacts>> = OnceLock::new();
    CHIPS.get_or_init(|| ChipFacts::of(key()))
}

/// The heights of a shape with the largest program.
fn heights(shape: &Shape) -> Vec<Option<u8>> {
    assert!(CODE_WORDS_MAX.is_power_of_two());
    shape.log_heights(u8::try_from(CODE_WORDS_MAX.ilog2()).expect("few bits")).to_vec()
}

/// The tables that a shape opens, with their heights.
fn opened(shape: &Shape) -> Vec<(&'static ChipFacts, u8)> {
    let opened = chips().iter().zip(heights(shape));
    opened.filter_map(|(chip, height)| Some((chip, height?))).collect()
}

fn of(parameters: &Parameters, shape: &Shape) -> SecurityReport {
    security(parameters, chips(), &heights(shape))
}

fn worst(parameters: &Parameters) -> SecurityReport {
    let reports = SHAPES.iter().map(|shape| of(parameters, shape));
    reports.min_by(SecurityReport::compare).expect("a shape")
}

#[test]
fn every_shape_has_a_hundred_proven_bits() {
    for chip in chips() {
        println!("{chip:?}");
    }
    let total = |part: fn(&ChipFacts) -> usize| chips().iter().map(part).sum::<usize>();
    println!(
        "{} constraints, {} columns, {} bus columns, {} messages of a row, {} openings",
        total(|chip| chip.constraints),
        total(|chip| chip.columns),
        total(|chip| chip.bus_columns),
        total(|chip| chip.messages),
        total(|chip| chip.openings),
    );
    for shape in &SHAPES {
        let report = of(&PARAMETERS, shape);
        println!("{} with 2^20 lines\n{report}", shape.name);
        assert!(report.bits() >= 100.0, "{}\n{report}", shape.name);
        // A smaller program is no worse.
        let small = security(&PARAMETERS, chips(), &key().log_heights(shape));
        assert!(small.bits() >= report.bits(), "{}\n{small}", shape.name);
    }
}

#[test]
fn the_documented_bits_are_the_computed_ones() {
    let report = worst(&PARAMETERS);
    assert_eq!(report.bits().floor(), f64::from(PROVEN_BITS), "{report}");
    let readme = include_str!("../README.md");
    assert!(readme.contains(&format!("**{PROVEN_BITS} proven bits**")), "README.md: the total");
    for SourceBits { source, grinding, .. } in report.sources {
        let bits = SHAPES.iter().map(|shape| of(&PARAMETERS, shape).of(source));
        let bits = bits.fold(f64::INFINITY, f64::min);
        let start = format!("| {source} | ");
        let row = readme.lines().find_map(|line| line.strip_prefix(&start));
        let (least, rest) = row.and_then(|row| row.split_once(" | ")).expect("a row");
        let least: f64 = least.parse().expect("a number of bits");
        // A bound, so that not every change of a shape is one of the document.
        assert!((least..least + 3.0).contains(&bits), "README.md: {source} has {bits} bits");
        assert_eq!(rest, format!("{grinding} |"), "README.md: {source}");
    }
    assert!(proven_security(key()).bits() >= f64::from(PROVEN_BITS));
}

/// The same bits by the library's own composition, which also searches for `m`.
#[test]
fn the_library_composes_the_same_bits() {
    for shape in &SHAPES {
        let opened = opened(shape);
        let log_trace_length = opened.iter().map(|(_, height)| usize::from(*height)).max();
        let log_trace_length = log_trace_length.expect("tables");
        let messages: usize = opened.iter().map(|(chip, height)| chip.messages << height).sum();
        let buses = LogUpAir {
            num_interactions: messages.div_ceil(1 << log_trace_length),
            max_message_width: opened
                .iter()
                .map(|(chip, _)| chip.message_width)
                .max()
                .expect("chips"),
        };
        let instance = InstanceShape {
            log_trace_length,
            modulus_bits: EF::bits() - 1,
            collision_resistance: 123,
            num_batched_functions: opened.iter().map(|(chip, _)| chip.openings).sum(),
        };
        let air = StarkAirParams {
            num_constraints: opened.iter().map(|(chip, _)| chip.constraints).sum(),
            max_constraint_degree: DEGREE_MAX,
            num_quotient_chunks: DEGREE_MAX - 1,
            max_combo: 2,
        };
        let fri = FriRegime {
            log_blowup: PARAMETERS.log_blowup,
            num_queries: PARAMETERS.queries,
            log_final_poly_len: PARAMETERS.log_final_length,
            max_log_arity: PARAMETERS.log_arity_max,
            commit_pow_bits: PARAMETERS.folding_grinding,
            query_pow_bits: PARAMETERS.query_grinding,
        };
        let sites = GrindingSites {
            out_of_domain: PARAMETERS.out_of_domain_grinding,
            batch_combination: PARAMETERS.batching_grinding,
            lookup_challenge: PARAMETERS.bus_grinding,
        };
        let extra = p3_security::logup::security_term(&buses, &instance, &sites);
        let extra: Vec<_> = extra.into_iter().collect();
        let library = proven_security_report(&fri, &air, &instance, &extra, &sites);
        let bits = of(&PARAMETERS, shape).bits();
        assert!((library.security_bits() - bits).abs() < 1e-9, "{bits} {library:?}");
    }
}

/// The same bits once more from the formulas of the papers, where ours are stricter: the exact size
/// of the field, the square of the list at the out-of-domain point (2024/1553), and one more power
/// of a folding challenge, since smaller tables join the fold with it.
#[test]
fn the_formulas_by_hand_agree() {
    for shape in &SHAPES {
        let report = of(&PARAMETERS, shape);
        let opened = opened(shape);
        let log_rows = opened.iter().map(|(_, height)| i32::from(*height)).max();
        let rows = 2f64.powi(log_rows.expect("tables"));
        let total = |part: fn(&ChipFacts) -> usize| {
            opened.iter().map(|(chip, _)| part(chip)).sum::<usize>() as f64
        };
        let m = report.m as f64;
        let field = 5.0 * log_p();
        let rate = 0.5_f64;
        let list = (m + 0.5) / rate.sqrt();
        let line = 8.0 * (2.0 * rows) * (m + 0.5).powi(3) / (3.0 * (rows - 1.0) / (2.0 * rows));
        let messages = opened.iter();
        let messages: f64 = messages.map(|(c, h)| c.messages as f64 * 2f64.powi((*h).into())).sum();
        // Counted per row of the largest table, as the library wants it.
        let messages = (messages / rows).ceil() * rows;
        let width = opened.iter().map(|(chip, _)| chip.message_width).max();
        let width = width.expect("chips") as f64;
        let agreement = (1.0 + 0.5 / m) * rate.sqrt();
        let p = PARAMETERS;
        let [query, fold, batch, bus, point] = [
            p.query_grinding,
            p.folding_grinding,
            p.batching_grinding,
            p.bus_grinding,
            p.out_of_domain_grinding,
        ]
        .map(|bits| bits as f64);
        let openings = total(|chip| chip.openings);
        let constraints = total(|chip| chip.constraints);
        let hand = [
            (Source::Buses, field - (list * messages * (width + 2.0)).log2() + bus),
            (Source::Composition, field - (list * constraints).log2()),
            (Source::OutOfDomain, field - (list * list * (4.0 * rows + 2.0)).log2() + point),
            (Source::Batching, field - (line * (openings - 1.0)).log2() + batch),
            (Source::Folding, field - (line * 8.0).log2() + fold),
            (Source::Queries, query - p.queries as f64 * agreement.log2()),
            (Source::Collision, 4.0 * log_p()),
        ];
        for (source, bits) in hand {
            // The library rounds the field down, by 0.94 bits; the square of the list costs more.
            let rounding = if source == Source::OutOfDomain { list.log2() } else { 1.0 };
            assert!((report.of(source) - bits).abs() <= rounding, "{source} {bits}\n{report}");
        }
        let bits = hand.iter().map(|(_, bits)| *bits).fold(f64::INFINITY, f64::min);
        assert!(bits >= report.bits() - 1e-9, "{bits}\n{report}");
    }
}

#[test]
fn each_parameter_counts() {
    let now = worst(&PARAMETERS);
    type Weaker = (Source, f64, fn(&mut Parameters));
    // At one and the same m, since a weaker parameter may move the best one.
    let weaker: [Weaker; 5] = [
        (Source::Queries, 20.0, |p| p.query_grinding = 0),
        (Source::Batching, 8.0, |p| p.batching_grinding = 0),
        (Source::Folding, 8.0, |p| p.folding_grinding = 0),
        (Source::Buses, 8.0, |p| p.bus_grinding = 0),
        (Source::OutOfDomain, 8.0, |p| p.out_of_domain_grinding = 0),
    ];
    for (source, loss, weaken) in weaker {
        let mut parameters = PARAMETERS;
        weaken(&mut parameters);
        let report = worst(&parameters);
        let moved = report.m != now.m;
        let lost = now.of(source) - report.of(source);
        assert!(moved || (lost - loss).abs() < 1e-9, "{source} loses {lost}\n{report}");
        assert!(!moved || report.bits() < now.bits(), "{source}\n{report}");
    }
    let binding: [fn(&mut Parameters); 3] =
        [|p| p.queries -= 10, |p| p.query_grinding = 0, |p| p.batching_grinding = 0];
    for weaken in binding {
        let mut parameters = PARAMETERS;
        weaken(&mut parameters);
        let report = worst(&parameters);
        assert!(report.bits() < f64::from(PROVEN_BITS), "{report}");
    }
    let few = worst(&Parameters { queries: 154, ..PARAMETERS });
    assert!(few.bits() < 100.0, "{few}");
    let ungrinded = worst(&Parameters { query_grinding: 0, ..PARAMETERS });
    assert!(ungrinded.bits() < 100.0, "{ungrinded}");
}

/// A multiplicity that wraps the field could balance a bus that does not balance.
#[test]
fn multiplicities_do_not_wrap() {
    for shape in &SHAPES {
        let heights: Vec<usize> =
            heights(shape).iter().flatten().map(|height| 1 << height).collect();
        let opening = key().opening_index(shape).expect("a shape's tables");
        let lookups = &key().openings()[opening].shared.lookups;
        check_multiplicity_height_bound::<F>(lookups, &heights).expect(shape.name);
        let sum: u64 = lookups
            .iter()
            .zip(&heights)
            .map(|(lookups, height)| lookups.total_count_weight() * *height as u64)
            .sum();
        println!("{}: {sum} messages, {:.1} % of p", shape.name, 100.0 * sum as f64 / p());
        assert!((sum as f64) < p());
    }
}

fn p() -> f64 {
    f64::from(F::ORDER_U32)
}

/// Times are numbers, not residues. The state bus is a chain from clock 1 that adds 1 at each
/// instruction, and a cycle of it would need p instructions, so a clock is at most the number of
/// instruction rows plus one, whatever the prover does. What stamps a cell anew has its time in a
/// range of 23 bits. An access shows that `stamp - previous - 1 = gap` in the field, with
/// `gap < 2^23`. All stamps of accesses are below 2^30, so both sides lie between -2^30 and 2^30
/// and the right one is small: they are less than p apart, hence equal as integers, and every
/// access is later than its predecessor if that is an access too. What a leaf starts with may be
/// any element of the field.
#[test]
fn times_do_not_wrap() {
    for shape in &SHAPES {
        let calls = shape.precompiles.map_or(0, |heights| 1 << heights.call);
        let rows: u64 = shape.steps.iter().map(|height| 1u64 << height).sum::<u64>() + calls;
        let stamp_max = 4 * (rows + 1) + 3;
        println!("{}: {rows} instruction rows, stamps up to {stamp_max}", shape.name);
        assert!(stamp_max < 1 << 24);
    }
    assert!(u64::from(F::ORDER_U32) > (1 << 30) + (1 << 23));
}

#[test]
fn no_constraint_exceeds_the_degree() {
    for chip in chips() {
        assert!(chip.degree <= DEGREE_MAX, "{chip:?}");
        assert_eq!(chip.quotient_chunks, DEGREE_MAX - 1, "{chip:?}");
        assert!(chip.quotient_chunks <= 1 << PARAMETERS.log_blowup, "{chip:?}");
    }
}

/// Only the current row is opened, so a constraint on the next one would be about nothing.
#[test]
fn no_chip_reads_the_next_row() {
    for (chip, lookups) in key().chips().iter().zip(&key().shared().lookups) {
        let layout = AirLayout::from_air(chip);
        let gadget = LogUpGadget::new();
        let (constraints, _) = get_symbolic_constraints::<F, EF, _, _>(chip, layout, &[], &gadget);
        let mut seen = HashSet::new();
        let messages = lookups
            .iter()
            .flat_map(|lookup| lookup.elements.iter().flatten().chain(&lookup.multiplicities));
        for expression in constraints.iter().chain(messages) {
            assert!(!looks_ahead(expression, &mut seen), "{}", chip.name());
        }
    }
}

/// Whether an expression holds a cell of another row. Parts that were seen are not visited again:
/// the tree of a permutation's rounds is exponential, its graph is not.
fn looks_ahead(
    expression: &SymbolicExpression<F>,
    seen: &mut HashSet<*const SymbolicExpression<F>>,
) -> bool {
    let mut part = |part: &Arc<SymbolicExpression<F>>| {
        seen.insert(Arc::as_ptr(part)) && looks_ahead(part, seen)
    };
    match expression {
        SymbolicExpr::Leaf(BaseLeaf::Variable(variable)) => match variable.entry {
            BaseEntry::Main { offset } | BaseEntry::Preprocessed { offset } => offset != 0,
            BaseEntry::Periodic | BaseEntry::Public => false,
        },
        SymbolicExpr::Leaf(_) => false,
        SymbolicExpr::Neg { x, .. } => part(x),
        SymbolicExpr::Add { x, y, .. }
        | SymbolicExpr::Sub { x, y, .. }
        | SymbolicExpr::Mul { x, y, .. } => part(x) || part(y),
    }
}

/// The machine's own bus of a message. Where the library's bus is one of many, the tuple's first
/// element says which, and no column changes it.
fn own_bus(bus: &str, tuple: &[SymbolicExpression<F>]) -> String {
    let constant = |part: &SymbolicExpression<F>| match part {
        SymbolicExpr::Leaf(BaseLeaf::Constant(value)) => *value,
        _ => F::ZERO,
    };
    let values: Vec<F> = tuple.iter().map(constant).collect();
    let (own, _) = buses::own_bus(bus, &values);
    assert!(own != "shared", "a message without the number of its bus");
    own.to_owned()
}

#[test]
fn every_bus_has_one_width_and_two_sides() {
    let lookups = &key().shared().lookups;
    let widest = check_bus_widths(lookups).expect("one width for each bus");
    assert_eq!(Some(widest), chips().iter().map(|chip| chip.message_width).max());
    let mut sides: BTreeMap<String, [bool; 2]> = BTreeMap::new();
    for lookup in lookups.iter().flat_map(|lookups| lookups.iter()) {
        let Lookup { kind: Kind::Global(bus), elements, multiplicities, flags: None, .. } = lookup
        else {
            panic!("{lookup:?} is no message of a bus");
        };
        for (tuple, count) in elements.iter().zip(multiplicities) {
            let received = usize::from(matches!(count, SymbolicExpr::Neg { .. }));
            sides.entry(own_bus(bus, tuple)).or_default()[received] = true;
        }
    }
    for (bus, sides) in &sides {
        assert_eq!(*sides, [true, true], "{bus}: sent, received");
    }
    assert_eq!(sides.len(), 28, "{sides:?}");
}
