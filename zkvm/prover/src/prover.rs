//! Proving one segment.

use std::sync::Arc;

use minster_machine::config::Config;
use minster_machine::output::OutputDigest;
use minster_machine::rom::Rom;
use minster_machine::shape::SHAPES;
use minster_machine::trace::{RunState, SegmentTraces};
use minster_machine::tree::MemoryTree;
use minster_riscv::Program;
use minster_verifier::{ProvingParts, SegmentProof, VerifyingKey};
use p3_batch_stark::ProverOnlyData;

use crate::error::ProveError;
use crate::stark::{Batch, Instance, Plan};

/// Proves runs of one program.
pub struct Prover {
    program: Program,
    key: VerifyingKey,
    /// The fixed tables as committed.
    tables: ProverOnlyData<Config>,
    /// What is known of every chip's table before any run.
    plans: Vec<Plan>,
    rom: Arc<Rom>,
    /// Memory as the program starts with it.
    memory: MemoryTree,
}

/// The tables of a segment, of a shape.
pub struct SegmentWork {
    /// Position in the run.
    pub segment: u32,
    /// Position in [`SHAPES`].
    pub shape: u8,
    /// The tables.
    pub traces: SegmentTraces,
}

impl Prover {
    /// Makes the key of a program and commits to its fixed tables.
    pub fn new(program: Program) -> Result<Self, ProveError> {
        let (key, ProvingParts { rom, memory, tables }) = VerifyingKey::with_parts(&program)?;
        let chips = key.chips().iter().zip(&key.shared().lookups);
        let plans: Result<_, _> = chips.map(|(chip, lookups)| Plan::new(chip, lookups)).collect();
        Ok(Self { program, plans: plans?, key, tables, rom, memory })
    }

    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The key.
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// The lines of the program.
    pub fn rom(&self) -> &Rom {
        &self.rom
    }

    /// The state of a run at its start.
    pub fn start(&self) -> RunState {
        RunState { memory: self.memory.clone(), output: OutputDigest::default() }
    }

    /// Proves the tables of a segment. Whatever is in them is proven as far as it is true.
    pub fn prove_segment(&self, work: SegmentWork) -> Result<SegmentProof, ProveError> {
        let SegmentWork { segment, shape, traces } = work;
        let opening = SHAPES.get(usize::from(shape)).and_then(|shape| {
            let index = self.key.opening_index(shape)?;
            self.key.openings().get(index)
        });
        let shared = &opening.ok_or(ProveError::Shape { segment })?.shared;
        let batch = Batch { config: self.key.config(), shared, fixed: &self.tables };
        let public = traces.public.clone();
        let stark = batch.prove(self.instances(traces));
        let stark =
            stark.map_err(|error| ProveError::Stark { segment, reason: error.to_string() })?;
        Ok(SegmentProof { shape, public, stark })
    }

    /// The tables that a segment opens, with what they are checked against.
    fn instances(&self, traces: SegmentTraces) -> Vec<Instance<'_>> {
        let SegmentTraces { tables, public, .. } = traces;
        let tables = self.key.chips().iter().zip(&self.plans).zip(tables);
        let opened = tables.filter(|(_, table)| !table.values.is_empty());
        let instance = |((air, plan), trace)| Instance::new(air, plan, trace, &public);
        opened.map(instance).collect()
    }
}
