//! Shapes: the heights that the tables of a segment may have.

use minster_emulator::{CLASSES, Limits};

use crate::chip::TABLES;
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
    },
    // Some ten thousand instructions, and the ends of longer runs.
    Shape {
        name: "small",
        steps: [14, 11, 13, 11, 14, 14, 11, 10, 13, 14, 12, 8],
        transfer: 10,
        leaf: 10,
        node: 11,
        compression: 13,
    },
    // Some hundred thousand instructions, and the ends of longer runs.
    Shape {
        name: "medium",
        steps: [16, 13, 15, 14, 16, 16, 13, 10, 15, 16, 14, 10],
        transfer: 12,
        leaf: 12,
        node: 12,
        compression: 14,
    },
    // Reading up to a megabyte of input in one go.
    Shape {
        name: "input",
        steps: [13, 8, 11, 8, 8, 8, 8, 8, 12, 12, 8, 10],
        transfer: 18,
        leaf: 15,
        node: 15,
        compression: 18,
    },
    // A little of everything.
    Shape {
        name: "general",
        steps: [18, 14, 17, 16, 18, 18, 14, 12, 17, 18, 16, 10],
        transfer: 14,
        leaf: 13,
        node: 13,
        compression: 15,
    },
    // Loads, stores and comparisons: sorting.
    Shape {
        name: "memory",
        steps: [18, 14, 18, 17, 14, 17, 12, 10, 18, 19, 16, 10],
        transfer: 14,
        leaf: 13,
        node: 13,
        compression: 15,
    },
    // Bitwise operations on much memory: Keccak on 64-bit words.
    Shape {
        name: "bits",
        steps: [18, 13, 16, 12, 19, 18, 16, 10, 16, 19, 14, 8],
        transfer: 12,
        leaf: 12,
        node: 13,
        compression: 15,
    },
    // Branches and bytes: parsing.
    Shape {
        name: "text",
        steps: [19, 14, 18, 16, 17, 15, 14, 10, 19, 18, 18, 10],
        transfer: 14,
        leaf: 12,
        node: 13,
        compression: 15,
    },
];

impl Shape {
    /// The room of the shape. Instructions may fill their tables to the last row.
    pub fn limits(&self) -> Limits {
        Limits {
            steps: self.steps.map(|log_height| 1 << log_height),
            io: 1 << self.transfer,
            leaves: 1 << self.leaf,
            nodes: 1 << self.node,
            hashes: 1 << self.compression,
            clock: CLOCK_MAX,
        }
    }

    /// The heights of all tables, in the order of [`crate::chip::Chip::all`].
    pub fn log_heights(&self, log_program_height: u8) -> [u8; TABLES] {
        let [addi, jalr, add, compare, logic, shift, mul, div, branch, word, subword, ecall] =
            self.steps;
        [
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
        ]
    }
}
