//! Shapes: the heights that the tables of a segment may have.

mod batches;
mod general;

use minster_emulator::{CLASSES, Limits, REFRESHES_PER_INSTRUCTION};
use minster_precompiles::{UNITS, Unit};

use crate::chip::{BASE_TABLES, TABLES};
use crate::chips::lookup::Lookup;
use crate::chips::precompile::PrecompileTable;
use crate::chips::segment::Segment;
use crate::chips::{blake3, blake3_call, keccak, lanes, modular, secp256k1, sha256};

/// Ticks of a segment that an honest prover makes: times stay below 2^23, so every gap between two
/// accesses does. A forger's tables may hold more instructions, but no gap of 2^23 either; see
/// `times_do_not_wrap` in the prover's tests of security.
pub const CLOCK_MAX: u32 = 1 << 21;

/// The heights of the tables that a run fills, as base-2 logarithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Name in reports.
    pub name: &'static str,
    /// By class of instruction.
    pub steps: [u8; CLASSES],
    /// Words that calls move.
    pub transfer: u8,
    /// Cells stamped anew.
    pub refresh: u8,
    /// Touched leaves of memory.
    pub leaf: u8,
    /// Inner nodes.
    pub node: u8,
    /// Compressions.
    pub compression: u8,
    /// Precompiles, if the shape has room for any.
    pub precompiles: Option<PrecompileRoom>,
}

/// The room of a shape for precompiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrecompileRoom {
    /// Base-2 logarithm of the calls of all functions.
    pub call: u8,
    /// Base-2 logarithm of the blocks of memory that they access.
    pub block: u8,
    /// Calls by unit. A unit without calls has no tables.
    pub units: [u32; UNITS],
}

/// The tables of the units, in the order of [`crate::chip::Chip::all`], with the rows of a call.
pub const UNIT_TABLES: [(Unit, usize); TABLES - BASE_TABLES - 2] = [
    (Unit::Keccak, keccak::Keccak::ROWS),
    (Unit::Keccak, lanes::Lanes::ROWS),
    (Unit::Sha256, sha256::Sha256::ROWS),
    (Unit::Blake3, blake3::Blake3::ROWS),
    (Unit::Blake3, blake3_call::Blake3Call::ROWS),
    (Unit::Modular, modular::Modular::ROWS),
    (Unit::Secp256k1, secp256k1::Secp256k1::ROWS),
];
/// The lowest table has 2^4 rows.
const LOG_HEIGHT_MIN: u8 = 4;

impl PrecompileRoom {
    /// The heights of the tables of precompiles, as base-2 logarithms.
    fn log_heights(&self) -> [Option<u8>; TABLES - BASE_TABLES] {
        let units = UNIT_TABLES.iter().map(|(unit, rows)| {
            let rows = self.units[unit.index()] as usize * rows;
            let log_height = rows.next_power_of_two().ilog2() as u8;
            (rows > 0).then_some(log_height.max(LOG_HEIGHT_MIN))
        });
        let mut heights = [Some(self.call), Some(self.block)].into_iter().chain(units);
        core::array::from_fn(|_| heights.next().flatten())
    }
}

pub use batches::BATCHES;
pub use general::GENERAL;

/// Every shape that a proof may have: the general ones, then those of batches.
pub const SHAPES: [Shape; GENERAL.len() + BATCHES.len()] = {
    let [first, ..] = GENERAL;
    let mut all = [first; GENERAL.len() + BATCHES.len()];
    let mut index = 0;
    while index < all.len() {
        all[index] =
            if index < GENERAL.len() { GENERAL[index] } else { BATCHES[index - GENERAL.len()] };
        index += 1;
    }
    all
};

/// A row of a list. The classes are, in order: addi, jalr, add, compare, logic, shift, mul, div,
/// branch, word, sub-word, ecall. Behind them are words moved, cells stamped anew, leaves,
/// nodes and compressions.
const fn shape(
    name: &'static str,
    steps: [u8; CLASSES],
    [transfer, refresh, leaf, node, compression]: [u8; 5],
    precompiles: Option<PrecompileRoom>,
) -> Shape {
    Shape { name, steps, transfer, refresh, leaf, node, compression, precompiles }
}

/// Room for calls of precompiles, for blocks that they access, and for calls by unit.
const fn room(call: u8, block: u8, units: [u32; UNITS]) -> Option<PrecompileRoom> {
    Some(PrecompileRoom { call, block, units })
}

impl Shape {
    /// The room of the shape. Instructions may fill their tables to the last row.
    pub fn limits(&self) -> Limits {
        let room = |of: fn(PrecompileRoom) -> u32| self.precompiles.map_or(0, of);
        Limits {
            steps: self.steps.map(|log_height| 1 << log_height),
            io: 1 << self.transfer,
            refreshes: (1 << self.refresh) - REFRESHES_PER_INSTRUCTION,
            calls: room(|room| 1 << room.call),
            units: self.precompiles.map_or([0; UNITS], |room| room.units),
            blocks: room(|room| 1 << room.block),
            leaves: 1 << self.leaf,
            nodes: 1 << self.node,
            hashes: 1 << self.compression,
            clock: CLOCK_MAX,
        }
    }

    /// The heights of all tables, in the order of [`crate::chip::Chip::all`]; nothing for those
    /// that the shape does not open.
    pub fn log_heights(&self, log_program_height: u8) -> [Option<u8>; TABLES] {
        let [addi, jalr, add, compare, logic, shift, mul, div, branch, word, subword, ecall] =
            self.steps;
        let base: [u8; BASE_TABLES] = [
            log_program_height,
            Lookup::LOG_HEIGHT,
            Segment::LOG_HEIGHT,
            addi,
            jalr,
            add,
            compare,
            logic,
            shift,
            mul,
            div,
            branch,
            word,
            subword,
            ecall,
            self.transfer,
            self.refresh,
            self.leaf,
            self.node,
            self.compression,
        ];
        let none = [None; TABLES - BASE_TABLES];
        let precompiles = self.precompiles.map_or(none, |room| room.log_heights());
        let mut heights = base.into_iter().map(Some).chain(precompiles);
        core::array::from_fn(|_| heights.next().flatten())
    }
}
