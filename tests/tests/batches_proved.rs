//! The third side of the triangle: what the OS does natively and the guest does in the emulator is
//! what a proof says.

use minster_prover::{Prover, RunOptions};
use minster_tests::batches::scenarios::small::SMALL;
use minster_tests::batches::triangle::{Range, SALT, guest, io, range_of};

#[test]
fn batches_are_proved() {
    let prover = Prover::new(guest().clone()).expect("a key");
    for (name, scenario) in &SMALL {
        let chain = scenario();
        let last = chain.ended();
        let Range { input, claim, .. } = range_of(chain, last);
        let run = prover.prove(io(input.salted(&SALT)), RunOptions::default(), |_| ());
        let run = run.expect("a proof");
        assert_eq!(run.outcome.output, claim, "{name}: emulated");
        assert_eq!(prover.key().verify(&run.proof).expect("it verifies"), claim, "{name}: proved");
        println!("{name}: {} cycles, {} bytes of proof", run.outcome.cycles, run.proof.len());
    }
}
