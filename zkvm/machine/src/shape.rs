//! Shapes: the heights that the tables of a segment may have.

use minster_emulator::{CLASSES, Limits};
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

/// Every shape that a proof may have, cheapest first. The mixes are those of the example programs
/// and of the phases of a batch.
///
/// The classes are, in order: addi, jalr, add, compare, logic, shift, mul, div, branch, word,
/// sub-word, ecall.
pub const SHAPES: [Shape; 30] = [
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
    // A few calls of each precompile.
    Shape {
        name: "calls",
        steps: [12, 9, 11, 9, 11, 10, 8, 8, 10, 12, 10, 9],
        transfer: 10,
        leaf: 9,
        node: 11,
        compression: 13,
        precompiles: Some(PrecompileRoom { call: 8, block: 10, units: [20, 5, 17, 128, 85] }),
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
    // What is left of a batch.
    Shape {
        name: "rest",
        steps: [16, 13, 14, 12, 15, 15, 12, 9, 15, 17, 15, 8],
        transfer: 10,
        leaf: 11,
        node: 12,
        compression: 13,
        precompiles: Some(PrecompileRoom { call: 10, block: 11, units: [40, 0, 68, 256, 341] }),
    },
    // Hashing by Keccak-f, and little else.
    Shape {
        name: "keccak",
        steps: [13, 9, 12, 8, 14, 8, 8, 8, 12, 15, 10, 10],
        transfer: 11,
        leaf: 11,
        node: 12,
        compression: 13,
        precompiles: Some(PrecompileRoom { call: 9, block: 12, units: [327, 0, 0, 0, 0] }),
    },
    // Hashing by SHA-256, and little else.
    Shape {
        name: "sha256",
        steps: [16, 14, 13, 11, 16, 15, 10, 8, 14, 16, 16, 8],
        transfer: 9,
        leaf: 12,
        node: 14,
        compression: 15,
        precompiles: Some(PrecompileRoom { call: 10, block: 11, units: [0, 642, 0, 0, 0] }),
    },
    // The state tree of a few accounts.
    Shape {
        name: "state-short",
        steps: [16, 13, 13, 10, 15, 16, 11, 10, 14, 17, 16, 8],
        transfer: 14,
        leaf: 13,
        node: 13,
        compression: 15,
        precompiles: Some(PrecompileRoom { call: 10, block: 11, units: [40, 0, 546, 256, 21] }),
    },
    // A little of everything, in shorter segments.
    Shape {
        name: "general-short",
        steps: [17, 12, 16, 13, 17, 17, 13, 11, 16, 17, 15, 9],
        transfer: 11,
        leaf: 10,
        node: 11,
        compression: 11,
        precompiles: None,
    },
    // A batch of one transaction, or of a few.
    Shape {
        name: "few",
        steps: [17, 14, 14, 12, 16, 15, 12, 9, 15, 18, 16, 9],
        transfer: 12,
        leaf: 12,
        node: 12,
        compression: 14,
        precompiles: Some(PrecompileRoom { call: 11, block: 12, units: [81, 0, 136, 512, 341] }),
    },
    // Signatures, and hashes of what they sign.
    Shape {
        name: "signatures",
        steps: [17, 11, 15, 9, 15, 15, 8, 8, 16, 17, 15, 9],
        transfer: 12,
        leaf: 12,
        node: 12,
        compression: 13,
        precompiles: Some(PrecompileRoom { call: 14, block: 16, units: [81, 0, 0, 1024, 10922] }),
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
    // The state tree of some accounts.
    Shape {
        name: "state-medium",
        steps: [17, 14, 15, 12, 16, 16, 10, 10, 16, 18, 17, 10],
        transfer: 13,
        leaf: 13,
        node: 13,
        compression: 15,
        precompiles: Some(PrecompileRoom { call: 10, block: 12, units: [20, 0, 1092, 128, 85] }),
    },
    // Moving memory from and to places that are no words.
    Shape {
        name: "copies",
        steps: [15, 12, 15, 13, 17, 18, 12, 8, 15, 18, 13, 8],
        transfer: 9,
        leaf: 15,
        node: 15,
        compression: 17,
        precompiles: None,
    },
    // Senders of transactions.
    Shape {
        name: "senders",
        steps: [17, 14, 16, 12, 16, 16, 12, 9, 16, 18, 16, 9],
        transfer: 11,
        leaf: 12,
        node: 12,
        compression: 14,
        precompiles: Some(PrecompileRoom { call: 14, block: 16, units: [163, 0, 0, 1024, 10922] }),
    },
    // Transactions as they run, a few of them.
    Shape {
        name: "execution-short",
        steps: [17, 14, 17, 16, 16, 17, 12, 10, 17, 18, 17, 8],
        transfer: 12,
        leaf: 12,
        node: 12,
        compression: 14,
        precompiles: Some(PrecompileRoom { call: 11, block: 11, units: [163, 0, 34, 512, 170] }),
    },
    // Large numbers: curves and pairings that have no precompile, and some of those that have.
    Shape {
        name: "curves",
        steps: [17, 15, 18, 17, 17, 16, 17, 9, 16, 18, 14, 8],
        transfer: 9,
        leaf: 10,
        node: 11,
        compression: 13,
        precompiles: Some(PrecompileRoom { call: 11, block: 13, units: [20, 160, 0, 512, 1365] }),
    },
    // Contracts that hash a word or two at a time, now and then otherwise.
    Shape {
        name: "slots",
        steps: [16, 13, 15, 14, 16, 16, 13, 8, 15, 17, 16, 8],
        transfer: 9,
        leaf: 12,
        node: 12,
        compression: 14,
        precompiles: Some(PrecompileRoom { call: 11, block: 13, units: [655, 160, 0, 512, 1365] }),
    },
    // A little of everything.
    Shape {
        name: "general",
        steps: [18, 13, 17, 14, 18, 18, 14, 10, 17, 18, 16, 9],
        transfer: 9,
        leaf: 9,
        node: 10,
        compression: 11,
        precompiles: None,
    },
    // The state tree: BLAKE3.
    Shape {
        name: "state",
        steps: [18, 15, 15, 12, 17, 17, 11, 11, 16, 19, 17, 10],
        transfer: 14,
        leaf: 13,
        node: 13,
        compression: 15,
        precompiles: Some(PrecompileRoom { call: 11, block: 13, units: [40, 0, 2184, 128, 170] }),
    },
    // Blocks of a few transactions each, in shorter segments.
    Shape {
        name: "blocks-short",
        steps: [17, 14, 16, 15, 17, 17, 12, 10, 17, 18, 17, 9],
        transfer: 11,
        leaf: 13,
        node: 13,
        compression: 15,
        precompiles: Some(PrecompileRoom { call: 12, block: 14, units: [327, 0, 546, 1024, 2730] }),
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
    // Transactions as they run, fewer of them.
    Shape {
        name: "execution-medium",
        steps: [18, 15, 16, 15, 17, 17, 12, 9, 17, 19, 17, 6],
        transfer: 9,
        leaf: 13,
        node: 14,
        compression: 15,
        precompiles: Some(PrecompileRoom { call: 10, block: 12, units: [163, 0, 17, 1024, 42] }),
    },
    // Transactions that hash next to nothing.
    Shape {
        name: "execution-plain",
        steps: [18, 15, 16, 15, 18, 17, 14, 9, 17, 19, 18, 6],
        transfer: 9,
        leaf: 13,
        node: 14,
        compression: 15,
        precompiles: Some(PrecompileRoom { call: 8, block: 10, units: [1, 0, 136, 256, 42] }),
    },
    // Large numbers between hashes of all kinds.
    Shape {
        name: "anything",
        steps: [17, 15, 18, 17, 17, 17, 17, 10, 16, 18, 17, 8],
        transfer: 10,
        leaf: 12,
        node: 13,
        compression: 15,
        precompiles: Some(PrecompileRoom {
            call: 12,
            block: 14,
            units: [163, 160, 273, 512, 2730],
        }),
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
    // Blocks of a few transactions each.
    Shape {
        name: "blocks",
        steps: [18, 15, 16, 15, 17, 17, 13, 10, 17, 19, 17, 9],
        transfer: 12,
        leaf: 13,
        node: 13,
        compression: 15,
        precompiles: Some(PrecompileRoom { call: 12, block: 14, units: [327, 0, 1092, 512, 2730] }),
    },
    // Transactions as they run.
    Shape {
        name: "execution",
        steps: [18, 15, 17, 16, 18, 17, 14, 9, 17, 19, 18, 7],
        transfer: 9,
        leaf: 13,
        node: 13,
        compression: 15,
        precompiles: Some(PrecompileRoom { call: 9, block: 11, units: [163, 0, 68, 128, 42] }),
    },
    // Contracts and tries: Keccak.
    Shape {
        name: "hashes",
        steps: [18, 15, 17, 14, 18, 18, 13, 10, 17, 19, 18, 10],
        transfer: 9,
        leaf: 13,
        node: 14,
        compression: 16,
        precompiles: Some(PrecompileRoom { call: 10, block: 13, units: [655, 0, 8, 512, 42] }),
    },
];

impl Shape {
    /// The room of the shape. Instructions may fill their tables to the last row.
    pub fn limits(&self) -> Limits {
        let room = |of: fn(PrecompileRoom) -> u32| self.precompiles.map_or(0, of);
        Limits {
            steps: self.steps.map(|log_height| 1 << log_height),
            io: 1 << self.transfer,
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
