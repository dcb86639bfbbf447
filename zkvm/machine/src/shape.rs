//! Shapes: the heights that the tables of a segment may have.

use minster_emulator::{CLASSES, Limits};
use minster_precompiles::{UNITS, Unit};

use crate::chip::{BASE_TABLES, TABLES};
use crate::chips::lookup::Lookup;
use crate::chips::segment::Segment;

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
    /// Touched leaves of memory.
    pub leaf: u8,
    /// Inner nodes.
    pub node: u8,
    /// Compressions.
    pub compression: u8,
    /// Precompiles, if the shape has room for any.
    pub precompiles: Option<PrecompileHeights>,
}

/// The heights of the tables of precompiles, as base-2 logarithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrecompileHeights {
    /// Calls.
    pub call: u8,
    /// Blocks of memory.
    pub block: u8,
    /// By unit: the table of its chip, if the shape opens it.
    pub units: [Option<u8>; UNITS],
}

/// Every shape that a proof may have, cheapest first. A segment is as long as some shape has room
/// for it, and takes the cheapest with room for it. The mixes are those of the example programs.
///
/// The classes are, in order: addi, jalr, add, compare, logic, shift, mul, div, branch, word,
/// sub-word, ecall.
pub const SHAPES: [Shape; 8] = [
    // Programs of a moment.
    Shape {
        name: "tiny",
        steps: [10, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8],
        transfer: 8,
        leaf: 8,
        node: 10,
        compression: 12,
        precompiles: None,
    },
    // Some ten thousand instructions, and the ends of longer runs.
    Shape {
        name: "small",
        steps: [14, 11, 13, 11, 14, 14, 11, 10, 13, 14, 12, 8],
        transfer: 10,
        leaf: 10,
        node: 11,
        compression: 13,
        precompiles: None,
    },
    // Some hundred thousand instructions, and the ends of longer runs.
    Shape {
        name: "medium",
        steps: [16, 13, 15, 14, 16, 16, 13, 10, 15, 16, 14, 10],
        transfer: 12,
        leaf: 12,
        node: 12,
        compression: 14,
        precompiles: None,
    },
    // Reading up to a megabyte of input in one go.
    Shape {
        name: "input",
        steps: [13, 8, 11, 8, 8, 8, 8, 8, 12, 12, 8, 10],
        transfer: 18,
        leaf: 15,
        node: 15,
        compression: 18,
        precompiles: None,
    },
    // A little of everything.
    Shape {
        name: "general",
        steps: [18, 14, 17, 16, 18, 18, 14, 12, 17, 18, 16, 10],
        transfer: 14,
        leaf: 13,
        node: 13,
        compression: 15,
        precompiles: None,
    },
    // Loads, stores and comparisons: sorting.
    Shape {
        name: "memory",
        steps: [18, 14, 18, 17, 14, 17, 12, 10, 18, 19, 16, 10],
        transfer: 14,
        leaf: 13,
        node: 13,
        compression: 15,
        precompiles: None,
    },
    // Bitwise operations on much memory: Keccak on 64-bit words.
    Shape {
        name: "bits",
        steps: [18, 13, 16, 12, 19, 18, 16, 10, 16, 19, 14, 8],
        transfer: 12,
        leaf: 12,
        node: 13,
        compression: 15,
        precompiles: None,
    },
    // Branches and bytes: parsing.
    Shape {
        name: "text",
        steps: [19, 14, 18, 16, 17, 15, 14, 10, 19, 18, 18, 10],
        transfer: 14,
        leaf: 12,
        node: 13,
        compression: 15,
        precompiles: None,
    },
];

impl Shape {
    /// The room of the shape. Instructions may fill their tables to the last row.
    pub fn limits(&self) -> Limits {
        let rows = |log_height: Option<u8>| log_height.map_or(0, |log_height| 1 << log_height);
        let units = Unit::ALL.map(|unit| {
            let log_height = self.precompiles.and_then(|heights| heights.units[unit.index()]);
            rows(log_height) / rows_per_call(unit)
        });
        Limits {
            steps: self.steps.map(|log_height| 1 << log_height),
            io: 1 << self.transfer,
            calls: rows(self.precompiles.map(|heights| heights.call)),
            units,
            blocks: rows(self.precompiles.map(|heights| heights.block)),
            leaves: 1 << self.leaf,
            nodes: 1 << self.node,
            hashes: 1 << self.compression,
            clock: CLOCK_MAX,
        }
    }

    /// The heights of all tables, in the order of [`crate::chip::Chip::all`]; nothing for those
    /// that the shape does not open.
    pub fn log_heights(&self, log_program_height: u8) -> [Option<u8>; TABLES] {
        let [call, block] =
            self.precompiles.map_or([None; 2], |heights| [Some(heights.call), Some(heights.block)]);
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
            self.leaf,
            self.node,
            self.compression,
        ];
        let mut heights = base.into_iter().map(Some).chain([call, block]);
        core::array::from_fn(|_| heights.next().flatten())
    }
}

/// The rows that a call takes in the table of its unit.
const fn rows_per_call(unit: Unit) -> u32 {
    match unit {
        Unit::Keccak | Unit::Sha256 | Unit::Blake3 | Unit::Modular | Unit::Secp256k1 => 1,
    }
}
