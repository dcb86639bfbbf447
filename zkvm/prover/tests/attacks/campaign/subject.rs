//! What the campaign attacks: an honest segment of a random program or of a compiled one.

use std::path::Path;

use minster_emulator::{Io, Limits, Recorder};
use minster_machine::shape::SHAPES;
use minster_machine::trace::{SegmentTraces, segment_traces};
use minster_prover::{Prover, SegmentWork};
use minster_riscv::Program;
use minster_verifier::VerifyError;

use super::random_program::random_program;
use crate::support::{Ledger, Part, Random, Run, stamp_anew};

/// Instructions that a compiled program runs at most: its first segment is attacked.
const CYCLES_MAX: u64 = 1 << 20;

/// Compiled programs and their inputs: an example that calls precompiles belongs here too.
const COMPILED: [(&str, &[u8]); 2] = [("fibonacci", &[20, 0, 0, 0]), ("sha256", b"campaign")];

/// A segment of a run.
pub struct Subject {
    /// The first segment of the run, as the only part.
    pub run: Run,
    /// Its rows.
    pub ledger: Ledger,
    shape: u8,
}

impl Subject {
    /// The first segment of a program's run; nothing if the program traps.
    fn new(program: Program, io: Io) -> Option<Self> {
        let prover = Prover::new(program).expect("a key");
        let mut recorder = Recorder::new(prover.program(), io, CYCLES_MAX);
        // The smaller shapes: tables are judged row by row, but also as a whole.
        let shapes = || (0..).zip(&SHAPES).filter(|(_, shape)| shape.steps.iter().all(is_small));
        let limits: Vec<Limits> = shapes().map(|(_, shape)| shape.limits()).collect();
        let mut record = recorder.next_segment(&limits).ok()?;
        let (index, shape) = shapes().find(|(_, shape)| record.counts.fits(&shape.limits()))?;
        stamp_anew(&mut record);
        let before = prover.start();
        let traces = segment_traces(&record, prover.rom(), shape, &mut before.clone());
        let traces = traces.expect("the program's own record");
        let run = Run {
            prover,
            parts: vec![Part { record, before, traces: traces.clone() }],
            output: Vec::new(),
        };
        assert_eq!(run.faults(&traces), [], "an honest segment");
        let ledger = Ledger::new(&run, &traces);
        Some(Self { run, ledger, shape: index })
    }

    /// A random program's run.
    pub fn random(random: &mut Random) -> Self {
        loop {
            let (program, io) = random_program(random);
            if let Some(subject) = Self::new(program, io) {
                return subject;
            }
        }
    }

    /// The compiled programs' runs, of which each is made when it is asked for.
    pub fn compiled() -> impl Iterator<Item = Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/elf");
        COMPILED.iter().map(move |(name, input)| {
            let elf = std::fs::read(folder.join(format!("{name}.elf"))).expect("an example");
            let program = Program::from_elf(&elf).expect("a program");
            Self::new(program, Io::with_input(input.to_vec())).expect("a run without traps")
        })
    }

    /// Proves forged tables and asks the verifier.
    pub fn judge(&self, traces: SegmentTraces) -> Result<(), VerifyError> {
        let work = SegmentWork { segment: 0, shape: self.shape, traces };
        let proof = self.run.prover.prove_segment(work);
        let proof = proof.expect("the prover proves whatever it is given");
        self.run.key().verify_segment(0, &proof)
    }
}

fn is_small(log_height: &u8) -> bool {
    *log_height <= 14
}
