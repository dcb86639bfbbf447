//! An honest prover is the library's: what the shipped prover makes of tables is, byte for byte,
//! what the library's own makes of them.

use minster_prover::SegmentWork;
use rayon::ThreadPoolBuilder;

use crate::support::tour;

/// Every instruction and every call.
#[test]
fn a_proof_of_all_tables_is_that_of_the_library() {
    let run = tour();
    let key = run.key();
    let traces = run.part().traces.clone();
    // Grinding on several threads takes the witness that one of them finds first.
    let one_thread = ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    let (proof, expected) = one_thread.install(|| {
        let work = SegmentWork { segment: 0, shape: 0, traces };
        let proof = run.prover.prove_segment(work).expect("a proof");
        (proof, run.prove_under(key.digest(), key.chips()))
    });
    assert!(proof.encode().expect("bytes") == expected.encode().expect("bytes"));
}
