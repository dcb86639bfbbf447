//! Lines 9 and 18: the ends of a run, public values, and the public output.

use minster_emulator::{Class, Io};
use minster_machine::F;
use minster_machine::access::REGISTER_CELL;
use minster_machine::public::PublicValues;
use minster_machine::rom::HALTED;
use minster_machine::trace::SegmentTraces;
use minster_machine::tree::MemoryTree;
use minster_riscv::Opcode;
use minster_verifier::{SeamPart, VerifyError};
use p3_field::PrimeCharacteristicRing;

use crate::support::{
    Assembler, Proven, Run, Score, doubling, prove, proven_doubling, record, table, tour,
};

/// Bytes of a part before its public values: the shape, and how many values there are.
const PUBLIC_START: usize = 2;

fn claim(traces: &mut SegmentTraces, claim: impl FnOnce(&mut PublicValues)) {
    claim(&mut traces.public);
    let cells = traces.public.elements();
    traces.tables[table::SEGMENT].values[..cells.len()].copy_from_slice(&cells);
}

fn seam(part: SeamPart) -> impl FnOnce(&VerifyError) -> bool {
    move |error| matches!(error, VerifyError::Seam { part: found, .. } if *found == part)
}

/// A run from another entry, proven with this program's own tables: the segment is true, the run is
/// not.
#[test]
fn line_09_entry() {
    let mut score = Score::new("line 9, entry");
    let run = &proven_doubling().run;
    let elsewhere = Run::new(doubling().program_at(4, &[1, 2, 3, 4]), Io::default());
    let traces = elsewhere.part().traces.clone();
    assert_eq!(run.faults(&traces), [], "the tables are true under both keys");
    let part = prove(&run.prover, traces.clone());
    let output = &elsewhere.output;
    let parts = [part];
    score.refused_because("pc", seam(SeamPart::Pc), || run.verify(output, &parts));
    let mut traces = traces;
    claim(&mut traces, |public| public.pc_start -= 1);
    score.faulty("the entry in the public values alone", &run.faults(&traces));
    score.refused("the same, proven", || run.judge(traces, output));
    let mut late = run.part().record.clone();
    for steps in &mut late.steps {
        steps.iter_mut().for_each(|step| step.clock += 1);
    }
    late.clock_end += 1;
    score.faulty("a first tick of 2", &run.faults(&run.fill(&late, &run.part().before)));
    score.end();
}

/// A register that is not 0 at the start: true of another memory, not of the program's.
#[test]
fn line_09_registers() {
    let mut score = Score::new("line 9, registers");
    let run = &proven_doubling().run;
    let mut record = run.part().record.clone();
    let step = &mut record.steps[Class::Add.index()][0];
    (step.rs1.value, step.rs2.value, step.rd_value) = (7, 7, 14);
    let registers = record.leaves.iter_mut().find(|leaf| leaf.index == REGISTER_CELL / 8);
    let registers = registers.expect("registers are always there");
    (registers.before[5], registers.after[5], registers.after[6]) = (7, 7, 14);
    let mut state = run.part().before.clone();
    let image = run.prover.program().image().map(|(address, word)| (address / 4, word));
    state.memory = MemoryTree::new(image.chain([(REGISTER_CELL + 5, 7)]));
    let traces = run.fill(&record, &state);
    assert_eq!(run.faults(&traces), [], "the segment of a run in the middle");
    let parts = [prove(&run.prover, traces.clone())];
    let memory = seam(SeamPart::Memory);
    score.refused_because("another root", memory, || run.verify(&run.output, &parts));
    let mut traces = traces;
    claim(&mut traces, |public| public.root_before = run.part().traces.public.root_before);
    score.faulty("the key's root claimed", &run.faults(&traces));
    score.refused("the same, proven", || run.judge(traces, &run.output));
    score.end();
}

/// Programs that end with another exit code than 0, and the claim that they did not; the last row
/// of a run that goes on, and the claim that it halted.
#[test]
fn line_09_exit_codes() {
    let mut score = Score::new("line 9, exit codes");
    for exit_code in [1, 0x1_0000, 0x7f00_0001, u32::MAX] {
        let mut code = Assembler::default();
        code.halt(exit_code);
        let run = Run::new(code.program(), Io::default());
        let honest = run.part().traces.clone();
        assert_eq!(run.faults(&honest), []);
        let failed = |error: &VerifyError| match error {
            VerifyError::Failed { exit_code: found } => *found == exit_code,
            _ => false,
        };
        let parts = [prove(&run.prover, honest.clone())];
        score.refused_because("an honest failure", failed, || run.verify(&run.output, &parts));
        let mut traces = honest;
        claim(&mut traces, |public| public.exit_code = Some(0));
        score.faulty("0 claimed", &run.faults(&traces));
        score.refused("0 claimed", || run.judge(traces, &run.output));
    }
    let run = &proven_doubling().run;
    for claims in [(None, HALTED), (None, HALTED - 2), (None, 5), (Some(1), HALTED), (Some(0), 5)] {
        let mut traces = run.part().traces.clone();
        claim(&mut traces, |public| (public.exit_code, public.pc_end) = claims);
        if traces.public != run.part().traces.public {
            score.faulty("another end", &run.faults(&traces));
            score.refused("another end", || run.judge(traces, &run.output));
        }
    }
    score.end();
}

/// A halt that is followed by more instructions.
#[test]
fn line_09_after_the_halt() {
    let mut score = Score::new("line 9, after the halt");
    let mut code = Assembler::default();
    code.halt(1);
    code.halt(0);
    let run = Run::new(code.program(), Io::default());
    let ledger = crate::support::Ledger::new(&run, &run.part().traces);
    let halt = ledger.find(table::ECALL, &[("is_halt", 1)])[0];
    let next = ledger.get(table::ECALL, halt, "pc") + 1;
    let change = ledger.change(table::ECALL, halt, &[("next", next)]);
    score.caught("a halt that goes on", ledger.notices(&[change]));
    // Starts behind the first halt.
    let late = Run::new(code.program_at(code.position() / 2, &[1, 2, 3, 4]), Io::default());
    assert_eq!(run.faults(&late.part().traces), []);
    let parts = [prove(&run.prover, late.part().traces.clone())];
    score.refused_because("the second halt alone", seam(SeamPart::Pc), || run.verify(&[], &parts));
    let failed = prove(&run.prover, run.part().traces.clone());
    let parts = [failed, parts[0].clone()];
    score.refused("a failure, then a success", || run.verify(&[], &parts));
    score.end();
}

/// Every public value changed after proving, in every way that still decodes and in some that do
/// not; and before proving, so that the forger's transcript has it.
#[test]
fn line_18_public_values() {
    let mut score = Score::new("line 18, public values");
    let proven = proven_doubling();
    let honest = proven.run.part().traces.public.elements();
    for index in 0..honest.len() {
        let start = PUBLIC_START + 4 * index;
        for byte in 0..4 {
            let mut parts = proven.parts.clone();
            parts[0][start + byte] ^= 1;
            score.refused(&format!("value {index}, byte {byte}"), || proven.verify(&parts));
            // As a segment on its own, whatever the run says.
            let segment = minster_verifier::SegmentProof::decode(&parts[0]);
            if let Ok(segment) = segment {
                score.refused("on its own", || proven.run.key().verify_segment(0, &segment));
            }
        }
        let mut forged = honest;
        forged[index] += F::ONE;
        if let Some(public) = PublicValues::from_elements(&forged) {
            score.refused("by its value", || proven.edited(|proof| proof.public = public));
        }
        let mut traces = proven.run.part().traces.clone();
        traces.tables[table::SEGMENT].values[index] += F::ONE;
        score.faulty("in the table", &proven.run.faults(&traces));
    }
    for (count, byte) in [(38, 38), (36, 36), (0, 0)] {
        let mut parts = proven.parts.clone();
        parts[0][1] = byte;
        parts[0].splice(PUBLIC_START..PUBLIC_START, vec![0; 4 * usize::from(count > 37)]);
        score.refused("another number of values", || proven.verify(&parts));
    }
    score.end();
}

/// The public output: every byte changed, lengthened, shortened, reordered, empty.
#[test]
fn line_18_output() {
    let mut score = Score::new("line 18, output");
    let run = tour();
    let proven = [prove(&run.prover, run.part().traces.clone())];
    run.verify(&run.output, &proven).expect("the honest proof");
    let honest = &run.output;
    assert_eq!(honest.len(), 15, "whole words, then three bytes");
    let mut forged: Vec<Vec<u8>> = Vec::new();
    for index in 0..honest.len() {
        let changed = |byte: u8| {
            let mut output = honest.clone();
            output[index] = byte;
            output
        };
        forged.extend([1, 0x80, 0xff].map(|flip| changed(honest[index] ^ flip)));
        forged.push(honest[..index].to_vec());
        forged.push(honest[index + 1..].to_vec());
        let mut swapped = honest.clone();
        swapped.swap(index, (index + 4) % honest.len());
        forged.push(swapped);
        let mut doubled = honest.clone();
        doubled.insert(index, 0);
        forged.push(doubled);
    }
    for more in [&[0][..], &[0, 0], &[0; 5], &[7]] {
        forged.push([honest, more].concat());
        forged.push([more, honest].concat());
    }
    for output in forged.into_iter().filter(|output| output != honest) {
        let unproven = |error: &VerifyError| matches!(error, VerifyError::Output);
        let public = &run.part().traces.public;
        let check = || {
            let mut check = minster_verifier::RunCheck::new(run.key());
            check.next(public)?;
            check.end(&output)
        };
        score.refused_because(&format!("{output:?}"), unproven, check);
    }
    let mut output = honest.clone();
    output[0] ^= 1;
    score.refused("in a whole proof", || run.verify(&output, &proven));
    score.end();
}

/// A proof of one program offered for another: another instruction, another word of data, another
/// entry, one more instruction that is never run.
#[test]
fn line_18_other_programs() {
    let mut score = Score::new("line 18, programs");
    let proven: &Proven = proven_doubling();
    let mut longer = doubling();
    longer.immediate(Opcode::Addi, 1, 1, 1);
    let mut rest = doubling();
    rest.immediate(Opcode::Addi, 0, 0, 0);
    let programs = [
        ("data", doubling().program_at(0, &[1, 2, 3, 5])),
        ("the committed word", doubling().program_at(0, &[2, 2, 3, 4])),
        ("entry", doubling().program_at(4, &[1, 2, 3, 4])),
        ("one more instruction", longer.program()),
        ("a no-op more", rest.program()),
    ];
    for (name, program) in programs {
        let prover = minster_prover::Prover::new(program).expect("a key");
        assert_ne!(prover.key().digest(), proven.run.key().digest(), "{name}");
        let bytes = crate::support::whole(&proven.run.output, &proven.parts);
        score.refused(name, || crate::support::check(prover.key(), &bytes));
        let segment = minster_verifier::SegmentProof::decode(&proven.parts[0]).expect("a proof");
        score.refused(name, || prover.key().verify_segment(0, &segment));
        // And the other way round.
        let (parts, output) = record(&prover, Io::default());
        let part = prove(&prover, parts[0].traces.clone());
        score.refused(name, || proven.run.verify(&output, std::slice::from_ref(&part)));
        let segment = minster_verifier::SegmentProof::decode(&part).expect("a proof");
        score.refused(name, || proven.run.key().verify_segment(0, &segment));
    }
    score.end();
}
