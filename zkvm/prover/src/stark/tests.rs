//! The library's prover is the oracle: the same tables give the same bytes.

use minster_emulator::{Io, Limits, Recorder};
use minster_machine::config::{ProverTables, SharedData};
use minster_machine::shape::SHAPES;
use minster_machine::trace::{SegmentTraces, segment_traces};
use minster_machine::{EF, F};
use minster_riscv::Program;
use minster_verifier::{SegmentProof, VerifyingKey};
use p3_air::SymbolicExpression;
use p3_air::symbolic::{BaseEntry, BaseLeaf, SymbolicVariable};
use p3_batch_stark::common::GlobalPreprocessed;
use p3_batch_stark::{StarkInstance, prove_batch};
use p3_field::{Field, PackedFieldExtension, PackedValue, PrimeCharacteristicRing};
use p3_lookup::{Kind, Lookup};
use rayon::ThreadPoolBuilder;

use super::linear::{Fingerprint, Linear, Packed, Widths, messages};
use crate::prover::{Prover, SegmentWork};

const WIDTHS: Widths = Widths { main: 3, fixed: 2 };

/// The first segment of a program of the examples.
fn segment(name: &str, input: &[u8]) -> (Prover, u8, SegmentTraces) {
    let path = format!("{}/../examples/elf/{name}.elf", env!("CARGO_MANIFEST_DIR"));
    let elf = std::fs::read(path).expect("the ELF file");
    let prover = Prover::new(Program::from_elf(&elf).expect("a program")).expect("a key");
    let io = Io::with_input(input.to_vec());
    let limits: Vec<Limits> = SHAPES.iter().map(|shape| shape.limits()).collect();
    let mut recorder = Recorder::new(prover.program(), io, u64::MAX);
    let record = recorder.next_segment(&limits).expect("a segment");
    let mut shapes = (0..).zip(&SHAPES);
    let (index, shape) =
        shapes.find(|(_, shape)| record.counts.fits(&shape.limits())).expect("a shape");
    let traces =
        segment_traces(&record, prover.rom(), shape, &mut prover.start()).expect("its own program");
    (prover, index, traces)
}

/// The proof of the library's prover.
fn oracle(prover: &Prover, shape: u8, traces: &SegmentTraces) -> SegmentProof {
    let key = prover.key();
    let index = key.opening_index(&SHAPES[usize::from(shape)]).expect("an opening");
    let opening = &key.openings()[index];
    let global = opening.shared.preprocessed.as_ref().expect("preprocessed columns");
    let global = GlobalPreprocessed {
        commitment: global.commitment.clone(),
        instances: global.instances.clone(),
        matrix_to_instance: global.matrix_to_instance.clone(),
    };
    let (_, parts) = VerifyingKey::with_parts(prover.program()).expect("a key");
    let tables = ProverTables {
        common: SharedData::new(Some(global), opening.shared.lookups.clone()),
        prover_only: parts.tables,
    };
    let opened = traces.tables.iter().filter(|table| !table.values.is_empty());
    let instances: Vec<_> = opening
        .chips
        .iter()
        .zip(opened)
        .map(|(air, trace)| StarkInstance {
            air,
            trace,
            public_values: air.public_values(&traces.public),
        })
        .collect();
    let stark = prove_batch(key.config(), &instances, &tables).expect("a proof");
    SegmentProof { shape, public: traces.public.clone(), stark }
}

#[test]
fn a_proof_is_that_of_the_library() {
    check("mixed", &1u32.to_le_bytes());
}

/// In a shape that opens the tables of every unit.
#[test]
fn a_proof_of_precompiles_is_that_of_the_library() {
    check("keccak_precompile", &2u32.to_le_bytes());
}

fn check(name: &str, input: &[u8]) {
    let (prover, shape, traces) = segment(name, input);
    // With more threads, grinding takes the witness that some thread finds first, in the library's
    // prover as well as here, and from there on two proofs of the same tables differ.
    let one_thread = ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    let (proof, expected) = one_thread.install(|| {
        let expected = oracle(&prover, shape, &traces).encode().expect("bytes");
        let work = SegmentWork { segment: 0, shape, traces };
        (prover.prove_segment(work).expect("a proof"), expected)
    });
    prover.key().verify_segment(0, &proof).expect("it verifies");
    assert!(proof.encode().expect("bytes") == expected);
}

fn variable(entry: BaseEntry, index: usize) -> SymbolicExpression<F> {
    SymbolicExpression::Leaf(BaseLeaf::Variable(SymbolicVariable::new(entry, index)))
}

fn main(index: usize) -> SymbolicExpression<F> {
    variable(BaseEntry::Main { offset: 0 }, index)
}

/// Rows with other values in each lane, of all columns and one public value.
fn rows() -> Vec<Packed> {
    let cell = |place: u32| move |lane: usize| F::from_u32(7 * place + 1) * F::from_usize(lane + 3);
    (0..6).map(|place| Packed::from_fn(cell(place))).collect()
}

#[test]
fn sums_and_multiples_are_linear() {
    let fixed = variable(BaseEntry::Preprocessed { offset: 0 }, 1);
    let public = variable(BaseEntry::Public, 0);
    let seven = SymbolicExpression::from(F::from_u32(7));
    let expression = (main(0) - main(2)) * seven.clone() - (seven * fixed - -public) + F::TWO;
    let form = Linear::new(&expression, WIDTHS).expect("a linear form");
    let row = rows();
    let seven = F::from_u32(7);
    let expected = (row[0] - row[2]) * seven - row[4] * seven - row[5] + F::TWO;
    assert_eq!(form.value(&row), expected);
}

#[test]
fn what_is_not_linear_in_one_row_is_refused() {
    let not_linear = [
        main(0) * main(1),
        main(0) + variable(BaseEntry::Main { offset: 1 }, 0),
        -variable(BaseEntry::Preprocessed { offset: 1 }, 0),
        variable(BaseEntry::Periodic, 0) * F::TWO,
        SymbolicExpression::Leaf(BaseLeaf::IsFirstRow) - main(0),
    ];
    for expression in &not_linear {
        assert_eq!(Linear::new(expression, WIDTHS), None, "{expression:?}");
    }
}

fn lookup(tuple: Vec<SymbolicExpression<F>>, flags: bool) -> Lookup<F> {
    Lookup {
        kind: Kind::Global("bus".to_owned()),
        elements: vec![tuple],
        multiplicities: vec![main(1)],
        count_weight: 1,
        column: 0,
        flags: flags.then(|| vec![main(2)]),
    }
}

#[test]
fn a_fingerprint_is_the_sum_over_the_tuple() {
    let tuple =
        vec![main(0) + main(1), main(1) - F::TWO, SymbolicExpression::from(F::TWO), main(2)];
    let [message] = &messages(&lookup(tuple, false), WIDTHS).expect("linear")[..] else {
        panic!("one message")
    };
    let alpha = EF::GENERATOR.exp_u64(5);
    let beta = EF::GENERATOR.exp_u64(9);
    let row = rows();
    let values = Fingerprint::new(message, alpha, beta).value(&row, &mut Vec::new());
    for lane in 0..Packed::WIDTH {
        let cell = |place: usize| row[place].as_slice()[lane];
        let tuple = [cell(0) + cell(1), cell(1) - F::TWO, F::TWO, cell(2)];
        let sum = tuple.iter().fold(EF::ZERO, |sum, element| sum * beta + *element);
        let value: EF = values.extract(lane);
        assert_eq!(value, alpha - sum, "lane {lane}");
        assert_eq!(message.count.value(&row).as_slice()[lane], cell(1));
    }
}

#[test]
fn messages_with_flags_are_refused() {
    assert!(messages(&lookup(vec![main(0)], true), WIDTHS).is_none());
}
