//! Shapes: the heights that the tables of a segment may have.

use minster_emulator::{CLASSES, Limits};

use crate::chip::TABLES;
use crate::chips::lookup::Lookup;
use crate::chips::segment::Segment;

/// Ticks of a segment: the instructions of every shape are fewer, so that times stay below 2^23.
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

/// Every shape that a proof may have, cheapest first. The classes are, in order: addi, jalr, add,
/// compare, logic, shift, mul, div, branch, word, sub-word, ecall.
pub const SHAPES: [Shape; 3] = [
    Shape {
        name: "tiny",
        steps: [10, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8],
        transfer: 8,
        leaf: 8,
        node: 10,
        compression: 12,
    },
    Shape {
        name: "small",
        steps: [16, 12, 14, 14, 14, 14, 12, 10, 14, 16, 14, 10],
        transfer: 12,
        leaf: 10,
        node: 12,
        compression: 14,
    },
    Shape {
        name: "large",
        steps: [19, 16, 18, 16, 18, 18, 16, 14, 18, 19, 18, 12],
        transfer: 14,
        leaf: 13,
        node: 15,
        compression: 17,
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
