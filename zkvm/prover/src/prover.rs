//! Proving one segment.

use std::sync::Arc;

use minster_emulator::Counts;
use minster_machine::chip::Chip;
use minster_machine::config::{Config, ProverTables, SharedData};
use minster_machine::output::OutputDigest;
use minster_machine::rom::Rom;
use minster_machine::shape::{SHAPES, Shape};
use minster_machine::trace::{RunState, SegmentTraces};
use minster_machine::tree::MemoryTree;
use minster_riscv::Program;
use minster_verifier::{ProvingParts, SegmentProof, VerifyingKey};
use p3_batch_stark::common::GlobalPreprocessed;
use p3_batch_stark::{ProverOnlyData, StarkInstance, prove_batch};

use crate::error::ProveError;

/// Proves runs of one program.
pub struct Prover {
    program: Program,
    key: VerifyingKey,
    /// The fixed tables as committed, for each of the key's openings.
    tables: Vec<ProverTables>,
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
        let openings = key.openings().iter().map(|opening| ProverTables {
            common: copy(&opening.shared),
            prover_only: ProverOnlyData {
                preprocessed_prover_data: tables.preprocessed_prover_data.clone(),
            },
        });
        let tables = openings.collect();
        Ok(Self { program, key, tables, rom, memory })
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
        let parts = SHAPES.get(usize::from(shape)).and_then(|shape| {
            let index = self.key.opening_index(shape)?;
            Some((self.key.openings().get(index)?, self.tables.get(index)?))
        });
        let (opening, tables) = parts.ok_or(ProveError::Shape { segment })?;
        let instances = instances(&opening.chips, &traces);
        let stark = prove_batch(self.key.config(), &instances, tables);
        let stark =
            stark.map_err(|error| ProveError::Stark { segment, reason: error.to_string() })?;
        Ok(SegmentProof { shape, public: traces.public, stark })
    }
}

/// The tables that a segment opens, with what they are checked against.
fn instances<'a>(
    chips: &'a [Chip],
    traces: &'a SegmentTraces,
) -> Vec<StarkInstance<'a, Config, Chip>> {
    let opened = traces.tables.iter().filter(|table| !table.values.is_empty());
    let instance = |(air, trace): (&'a Chip, _)| StarkInstance {
        air,
        trace,
        public_values: air.public_values(&traces.public),
    };
    chips.iter().zip(opened).map(instance).collect()
}

/// The cheapest shape with room for a record: shapes are listed by cost.
pub(crate) fn cheapest(counts: &Counts) -> Option<(u8, &'static Shape)> {
    (0..).zip(&SHAPES).find(|(_, shape)| counts.fits(&shape.limits()))
}

/// The library's type has no `Clone`.
fn copy(shared: &SharedData) -> SharedData {
    let preprocessed = shared.preprocessed.as_ref().map(|global| GlobalPreprocessed {
        commitment: global.commitment.clone(),
        instances: global.instances.clone(),
        matrix_to_instance: global.matrix_to_instance.clone(),
    });
    SharedData::new(preprocessed, shared.lookups.clone())
}
