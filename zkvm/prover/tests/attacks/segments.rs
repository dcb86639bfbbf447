//! Line 25: segments of runs put together as they were not run.

use minster_machine::trace::SegmentTraces;
use minster_verifier::{SeamPart, VerifyError};

use crate::support::{Proven, Score, prove, proven_chains, table};

/// Puts segments together: by run and position.
fn splice(places: &[(usize, usize)]) -> Vec<Vec<u8>> {
    let chains = proven_chains();
    places.iter().map(|(run, segment)| chains[*run].parts[*segment].clone()).collect()
}

fn first() -> &'static Proven {
    &proven_chains()[0]
}

/// Segments dropped, repeated, reordered, exchanged between two runs; a part of a run shown as a
/// whole one; segments behind the last one.
#[test]
fn line_25_sequences() {
    let mut score = Score::new("line 25, sequences");
    let forged: [&[(usize, usize)]; 20] = [
        &[],
        &[(0, 0)],
        &[(0, 0), (0, 1)],
        &[(0, 1), (0, 2)],
        &[(0, 2)],
        &[(0, 0), (0, 2)],
        &[(0, 0), (0, 0), (0, 1), (0, 2)],
        &[(0, 0), (0, 1), (0, 1), (0, 2)],
        &[(0, 0), (0, 1), (0, 2), (0, 2)],
        &[(0, 0), (0, 1), (0, 2), (0, 0)],
        &[(0, 0), (0, 1), (0, 2), (0, 0), (0, 1), (0, 2)],
        &[(0, 1), (0, 0), (0, 2)],
        &[(0, 0), (0, 2), (0, 1)],
        &[(0, 2), (0, 1), (0, 0)],
        &[(1, 0), (0, 1), (0, 2)],
        &[(0, 0), (1, 1), (0, 2)],
        &[(0, 0), (0, 1), (1, 2)],
        &[(0, 0), (1, 1), (1, 2)],
        &[(1, 0), (1, 1), (0, 2)],
        &[(1, 0), (1, 1), (1, 2)],
    ];
    for places in forged {
        score.refused(&format!("{places:?}"), || first().verify(&splice(places)));
        let other = &proven_chains()[1].run.output;
        let is_honest = places == [(1, 0), (1, 1), (1, 2)];
        if !is_honest {
            let parts = splice(places);
            score.refused("the other output", || first().run.verify(other, &parts));
        }
    }
    let partial = |error: &VerifyError| matches!(error, VerifyError::NotHalted);
    let parts = splice(&[(0, 0), (0, 1)]);
    score.refused_because("a part of a run", partial, || first().verify(&parts));
    let early = |error: &VerifyError| matches!(error, VerifyError::HaltedEarly { segment: 2 });
    let parts = splice(&[(0, 0), (0, 1), (0, 2), (0, 0)]);
    score.refused_because("after the halt", early, || first().verify(&parts));
    let memory = |error: &VerifyError| {
        matches!(error, VerifyError::Seam { segment: 1, part: SeamPart::Memory })
    };
    let parts = splice(&[(0, 0), (1, 1), (0, 2)]);
    score.refused_because("spliced runs", memory, || first().verify(&parts));
    score.end();
}

/// The tables of a segment with other public values in them.
fn claimed(segment: usize, claim: impl FnOnce(&mut SegmentTraces)) -> SegmentTraces {
    let mut traces = first().run.parts[segment].traces.clone();
    claim(&mut traces);
    let cells = traces.public.elements();
    traces.tables[table::SEGMENT].values[..cells.len()].copy_from_slice(&cells);
    traces
}

/// Segments whose public values are made to meet what they do not: the seam holds, the proof not.
#[test]
fn line_25_seams() {
    let mut score = Score::new("line 25, seams");
    let [first, second] = proven_chains();
    let other = &second.run.parts[1].traces.public;
    let claims: [(&str, SegmentTraces, usize); 5] = [
        (
            "the last segment as the second",
            claimed(2, |traces| {
                let honest = &first.run.parts[1].traces.public;
                traces.public.root_before = honest.root_before;
                traces.public.pc_start = honest.pc_start;
                traces.public.output_before = honest.output_before;
            }),
            2,
        ),
        ("another run's memory", claimed(1, |t| t.public.root_before = other.root_before), 1),
        ("another run's memory after", claimed(1, |t| t.public.root_after = other.root_after), 1),
        ("another pc", claimed(1, |traces| traces.public.pc_start += 1), 1),
        (
            "halted in the middle",
            claimed(1, |traces| {
                traces.public.exit_code = Some(0);
                traces.public.pc_end = minster_machine::rom::HALTED;
            }),
            1,
        ),
    ];
    for (attack, traces, place) in claims {
        score.faulty(attack, &first.run.faults(&traces));
        let mut parts = first.parts.clone();
        parts[place] = prove(&first.run.prover, traces);
        if attack.starts_with("the last") {
            parts.remove(1);
        } else if attack.starts_with("halted") {
            parts.truncate(2);
        }
        score.refused(attack, || first.verify(&parts));
    }
    score.end();
}
