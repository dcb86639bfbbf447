//! The verifying key: what a proof is checked against, made from a program alone.

use alloc::sync::Arc;
use alloc::vec::Vec;

use minster_machine::F;
use minster_machine::chip::{Chip, TABLES};
use minster_machine::config::{
    self, Config, Digest, PARAMETERS, Parameters, ProverTables, permutation,
};
use minster_machine::fingerprint::{fingerprint, hash, text};
use minster_machine::rom::Rom;
use minster_machine::shape::{SHAPES, Shape};
use minster_machine::tree::MemoryTree;
use minster_riscv::Program;
use p3_air::BaseAir;
use p3_batch_stark::ProverOnlyData;
use p3_batch_stark::common::GlobalPreprocessed;
use p3_field::PrimeCharacteristicRing;
use p3_symmetric::Permutation as _;

use crate::error::KeyError;
use crate::proof::VERSION;

/// A key. Its digest covers the program, the constraints and buses of every chip, the shapes, the
/// parameters and the hash function; it begins the transcript of every proof.
pub struct VerifyingKey {
    /// Address of the first instruction in words.
    pub(crate) entry: u32,
    /// Root of the memory that the program starts with.
    pub(crate) root: Digest,
    /// Base-2 logarithm of the rows of the program table.
    pub(crate) log_program_height: u8,
    /// The chips, in the order of a proof's tables.
    pub(crate) chips: [Chip; TABLES],
    /// The preprocessed commitment, and the layout of the buses of all chips.
    pub(crate) shared: config::SharedData,
    /// The same of every set of tables that some shape opens.
    openings: Vec<Opening>,
    /// The proof system, with the key's digest in the transcript.
    pub(crate) config: Config,
    digest: Digest,
}

/// The tables that a segment opens, in their order.
pub struct Opening {
    /// Which of all tables.
    is_open: [bool; TABLES],
    /// Their chips.
    pub chips: Vec<Chip>,
    /// The preprocessed commitment, and the layout of their buses.
    pub shared: config::SharedData,
}

impl Opening {
    fn new(is_open: [bool; TABLES], chips: &[Chip; TABLES], all: &config::SharedData) -> Self {
        let open = |index: &usize| is_open.get(*index).copied().unwrap_or_default();
        let chips = chips.iter().zip(is_open).filter(|(_, open)| *open);
        let lookups = all.lookups.iter().enumerate().filter(|(index, _)| open(index));
        // Only tables that every segment opens have preprocessed columns, and they come first, so
        // that their places are the same everywhere.
        let preprocessed = all.preprocessed.as_ref().map(|global| {
            let instances = global.instances.iter().enumerate().filter(|(index, _)| open(index));
            GlobalPreprocessed {
                commitment: global.commitment.clone(),
                instances: instances.map(|(_, instance)| instance.clone()).collect(),
                matrix_to_instance: global.matrix_to_instance.clone(),
            }
        });
        let lookups = lookups.map(|(_, lookups)| lookups.clone()).collect();
        Self {
            is_open,
            chips: chips.map(|(chip, _)| chip.clone()).collect(),
            shared: config::SharedData::new(preprocessed, lookups),
        }
    }
}

/// What a prover keeps beside the key.
pub struct ProvingParts {
    /// The program's lines.
    pub rom: Arc<Rom>,
    /// Memory as the program starts with it.
    pub memory: MemoryTree,
    /// The preprocessed columns as committed.
    pub tables: ProverOnlyData<Config>,
}

impl VerifyingKey {
    /// The key of a program.
    pub fn new(program: &Program) -> Result<Self, KeyError> {
        Self::with_parts(program).map(|(key, _)| key)
    }

    /// The key of a program, and what its prover needs.
    pub fn with_parts(program: &Program) -> Result<(Self, ProvingParts), KeyError> {
        let rom = Arc::new(Rom::new(program));
        let chips = Chip::all(Arc::clone(&rom));
        let memory = MemoryTree::new(program.image().map(|(address, word)| (address / 4, word)));
        let log_program_height = rom.log_height();
        // The heights of tables without preprocessed columns do not matter here.
        let [shape, ..] = &SHAPES;
        let log_heights = shape.log_heights(log_program_height);
        let log_heights = log_heights.map(|height| height.map_or(0, usize::from));
        // The commitment is the same under every seed of the transcript.
        let unseeded = config::config(&[]);
        let tables = ProverTables::from_airs_and_degrees(&unseeded, &chips, &log_heights)
            .map_err(|_| KeyError::Commitment)?;
        let mut key = Self {
            entry: program.entry() / 4,
            root: memory.root(),
            log_program_height,
            openings: openings(&chips, &tables.common),
            chips,
            shared: tables.common,
            config: unseeded,
            digest: Digest::default(),
        };
        key.digest = key.compute_digest();
        key.config = config::config(&key.digest);
        Ok((key, ProvingParts { rom, memory, tables: tables.prover_only }))
    }

    /// The digest of the key.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The chips, in the order of a proof's tables.
    pub fn chips(&self) -> &[Chip; TABLES] {
        &self.chips
    }

    /// The proof system under this key.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Every set of tables that some shape opens.
    pub fn openings(&self) -> &[Opening] {
        &self.openings
    }

    /// The position in [`VerifyingKey::openings`] of the tables that segments of a shape open.
    pub fn opening_index(&self, shape: &Shape) -> Option<usize> {
        let is_open = shape.log_heights(0).map(|height| height.is_some());
        self.openings.iter().position(|opening| opening.is_open == is_open)
    }

    /// The preprocessed commitment, and the layout of the buses of all chips.
    pub fn shared(&self) -> &config::SharedData {
        &self.shared
    }

    /// The heights of the tables in a shape, as base-2 logarithms; nothing for those that it does
    /// not open.
    pub fn log_heights(&self, shape: &Shape) -> [Option<u8>; TABLES] {
        shape.log_heights(self.log_program_height)
    }

    fn compute_digest(&self) -> Digest {
        let mut elements: Vec<F> = text("minster-zkvm").collect();
        elements.push(F::from_u32(VERSION));
        elements.extend(numbers(&PARAMETERS).map(F::from_usize));
        // Constants of the hash function, by what they do.
        elements.extend(permutation().permute([F::ONE; 16]));
        elements.push(F::from_usize(SHAPES.len()));
        elements.extend(SHAPES.iter().flat_map(|shape| shape.log_heights(0)).map(height));
        elements.extend(fingerprint(&self.chips));
        elements.extend(self.chips.iter().map(|chip| F::from_usize(chip.preprocessed_width())));
        elements.push(F::from_u8(self.log_program_height));
        elements.push(F::from_u32(self.entry));
        elements.extend(self.root);
        if let Some(preprocessed) = &self.shared.preprocessed {
            elements.extend(preprocessed.commitment.roots().iter().flatten());
        }
        hash(&elements)
    }
}

/// Each set of tables that some shape opens.
fn openings(chips: &[Chip; TABLES], all: &config::SharedData) -> Vec<Opening> {
    let mut openings: Vec<Opening> = Vec::new();
    for shape in &SHAPES {
        let is_open = shape.log_heights(0).map(|height| height.is_some());
        if openings.iter().all(|opening| opening.is_open != is_open) {
            openings.push(Opening::new(is_open, chips, all));
        }
    }
    openings
}

/// A height as an element; -1 where there is no table.
fn height(height: Option<u8>) -> F {
    height.map_or(F::NEG_ONE, F::from_u8)
}

/// Every number of the parameters: a new one does not compile until it is here.
fn numbers(parameters: &Parameters) -> [usize; 10] {
    let Parameters {
        log_blowup,
        log_final_length,
        log_arity_max,
        queries,
        query_grinding,
        folding_grinding,
        batching_grinding,
        bus_grinding,
        out_of_domain_grinding,
        cap_height,
    } = *parameters;
    [
        log_blowup,
        log_final_length,
        log_arity_max,
        queries,
        query_grinding,
        folding_grinding,
        batching_grinding,
        bus_grinding,
        out_of_domain_grinding,
        cap_height,
    ]
}
