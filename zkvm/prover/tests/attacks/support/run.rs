//! Runs that are recorded, filled into tables, proven and verified part by part.

use minster_emulator::{Class, Io, Limits, Recorder, Refresh, SegmentRecord, Slot};
use minster_machine::F;
use minster_machine::access::REGISTER_CELL;
use minster_machine::checker::{Fault, faults};
use minster_machine::chip::Chip;
use minster_machine::config;
use minster_machine::shape::SHAPES;
use minster_machine::trace::{RunState, SegmentTraces, segment_traces};
use minster_prover::{Prover, SegmentWork};
use minster_riscv::Program;
use minster_verifier::{
    SegmentProof, VerifyError, VerifyingKey, encode_head, encode_output, encode_segment,
};
use p3_batch_stark::{StarkInstance, prove_batch};

/// A segment of a run.
pub struct Part {
    /// What happened.
    pub record: SegmentRecord,
    /// The state before it.
    pub before: RunState,
    /// Its tables.
    pub traces: SegmentTraces,
}

/// A run of a program, in segments of the smallest shape.
pub struct Run {
    /// The program's prover.
    pub prover: Prover,
    /// The segments.
    pub parts: Vec<Part>,
    /// The public output.
    pub output: Vec<u8>,
}

impl Run {
    /// Records a run.
    pub fn new(program: Program, io: Io) -> Self {
        let prover = Prover::new(program).expect("a key");
        let (parts, output) = record(&prover, io);
        Self { prover, parts, output }
    }

    /// The only segment.
    pub fn part(&self) -> &Part {
        assert_eq!(self.parts.len(), 1, "the run has one segment");
        &self.parts[0]
    }

    /// The key.
    pub fn key(&self) -> &VerifyingKey {
        self.prover.key()
    }

    /// What is wrong with tables of this program: the first few things.
    pub fn faults(&self, traces: &SegmentTraces) -> Vec<Fault> {
        faults(self.key().chips(), &traces.tables, &traces.public, 4)
    }

    /// The tables of a forged record.
    pub fn fill(&self, record: &SegmentRecord, state: &RunState) -> SegmentTraces {
        let mut state = state.clone();
        segment_traces(record, self.prover.rom(), &SHAPES[0], &mut state).expect("the same program")
    }

    /// Proves forged tables as the whole run, and verifies them.
    pub fn judge(&self, traces: SegmentTraces, output: &[u8]) -> Result<(), VerifyError> {
        self.verify(output, &[prove(&self.prover, traces)])
    }

    /// Proves the honest tables of the only segment by the library alone: in a transcript that
    /// begins with `seed`, and with the fixed columns of `chips`.
    pub fn prove_under(&self, seed: &[F], chips: &[Chip]) -> SegmentProof {
        let traces = &self.part().traces;
        let config = config::config(seed);
        let heights = self.key().log_heights(&SHAPES[0]).into_iter().flatten();
        let heights: Vec<usize> = heights.map(usize::from).collect();
        let chips = &chips[..heights.len()];
        let tables = config::ProverTables::from_airs_and_degrees(&config, chips, &heights);
        let instances = chips.iter().zip(&traces.tables).map(|(air, trace)| {
            let public = traces.public.elements().to_vec();
            let public_values = if matches!(air, Chip::Segment) { public } else { Vec::new() };
            StarkInstance { air, trace, public_values }
        });
        let instances: Vec<_> = instances.collect();
        let stark = prove_batch(&config, &instances, &tables.expect("fixed columns"));
        let stark = stark.expect("the prover proves whatever it is given");
        SegmentProof { shape: 0, public: traces.public.clone(), stark }
    }

    /// Verifies segments as a run.
    pub fn verify(&self, output: &[u8], parts: &[Vec<u8>]) -> Result<(), VerifyError> {
        check(self.key(), &whole(output, parts))
    }
}

/// Records a run: its segments and its output.
pub fn record(prover: &Prover, io: Io) -> (Vec<Part>, Vec<u8>) {
    let limits: [Limits; 1] = [SHAPES[0].limits()];
    let mut recorder = Recorder::new(prover.program(), io, 1 << 20);
    let mut state = prover.start();
    let mut parts = Vec::new();
    while !recorder.has_ended() {
        let mut record = recorder.next_segment(&limits).expect("a run without traps");
        stamp_anew(&mut record);
        let before = state.clone();
        let traces = segment_traces(&record, prover.rom(), &SHAPES[0], &mut state);
        parts.push(Part { record, before, traces: traces.expect("the program's own record") });
    }
    (parts, recorder.into_outcome().expect("the run has halted").output)
}

/// Gives a0 a new time before each ecall accesses it. A prover may do that where no honest one
/// needs to; runs that are long enough to need it have larger tables.
pub fn stamp_anew(record: &mut SegmentRecord) {
    for step in &mut record.steps[Class::Ecall.index()] {
        let stamp = Slot::Rd.stamp(step.clock) - 1;
        if step.rd.stamp < stamp {
            record.refreshes.push(Refresh { cell: REGISTER_CELL + 10, access: step.rd, stamp });
            step.rd.stamp = stamp;
        }
    }
}

/// Proves the tables of a segment, as bytes.
pub fn prove(prover: &Prover, traces: SegmentTraces) -> Vec<u8> {
    let proof = prover.prove_segment(SegmentWork { segment: 0, shape: 0, traces });
    let proof: SegmentProof = proof.expect("the prover proves whatever it is given");
    proof.encode().expect("a proof has an encoding")
}

/// A proof of these segments.
pub fn whole(output: &[u8], parts: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = encode_head();
    parts.iter().for_each(|part| bytes.extend(encode_segment(part).expect("a short part")));
    bytes.extend(encode_output(output).expect("a short output"));
    bytes
}

/// The verifier's answer.
pub fn check(key: &VerifyingKey, bytes: &[u8]) -> Result<(), VerifyError> {
    key.verify(bytes).map(|_| ())
}
