//! Shapes for programs of all kinds, and for what strangers may repeat in a batch as they like.

use super::{Shape, room, shape};

/// The mixes of the example programs, of contracts that do one thing, and of all things by turns.
pub const GENERAL: [Shape; 18] = [
    // Programs of a moment.
    shape("tiny", [10, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8], [8, 9, 8, 10, 12], None),
    // A few calls of each precompile.
    shape(
        "calls",
        [12, 9, 11, 9, 11, 10, 8, 8, 10, 12, 10, 9],
        [10, 10, 9, 11, 13],
        room(8, 10, [20, 5, 17, 128, 85]),
    ),
    // Some ten thousand instructions, and the ends of longer runs.
    shape("small", [14, 11, 13, 11, 14, 14, 11, 10, 13, 14, 12, 8], [10, 10, 10, 11, 13], None),
    // Some hundred thousand instructions, and the ends of longer runs.
    shape("medium", [16, 13, 15, 14, 16, 16, 13, 10, 15, 16, 14, 10], [12, 13, 12, 12, 14], None),
    // Hashing by Keccak-f, and little else.
    shape(
        "keccak",
        [13, 9, 12, 8, 14, 8, 8, 8, 12, 15, 10, 10],
        [11, 11, 11, 12, 13],
        room(9, 12, [327, 0, 0, 0, 0]),
    ),
    // Hashing by SHA-256, and little else.
    shape(
        "sha256",
        [16, 14, 13, 11, 16, 15, 10, 8, 14, 16, 16, 8],
        [9, 11, 12, 14, 15],
        room(10, 11, [0, 642, 0, 0, 0]),
    ),
    // A little of everything, in shorter segments.
    shape(
        "general-short",
        [17, 12, 16, 13, 17, 17, 13, 11, 16, 17, 15, 9],
        [11, 13, 10, 11, 11],
        None,
    ),
    // Reading up to a megabyte of input in one go.
    shape("input", [13, 8, 11, 8, 8, 8, 8, 8, 12, 12, 8, 10], [18, 12, 15, 15, 18], None),
    // Moving memory from and to places that are no words.
    shape("copies", [15, 12, 15, 13, 17, 18, 12, 8, 15, 18, 13, 8], [9, 17, 15, 15, 17], None),
    // Large numbers: curves and pairings that have no precompile, and some of those that have.
    shape(
        "curves",
        [17, 15, 18, 17, 17, 16, 17, 9, 16, 18, 14, 8],
        [9, 13, 10, 11, 13],
        room(11, 13, [20, 160, 0, 512, 1365]),
    ),
    // Contracts that hash a word or two at a time, now and then otherwise.
    shape(
        "slots",
        [16, 13, 15, 14, 16, 16, 13, 8, 15, 17, 16, 8],
        [9, 13, 12, 12, 14],
        room(11, 13, [655, 160, 0, 512, 1365]),
    ),
    // A little of everything.
    shape("general", [18, 13, 17, 14, 18, 18, 14, 10, 17, 18, 16, 9], [9, 14, 9, 10, 11], None),
    // Loads, stores and comparisons: sorting.
    shape("memory", [18, 14, 18, 17, 14, 17, 12, 10, 18, 19, 16, 10], [14, 17, 13, 13, 15], None),
    // Large numbers between hashes of all kinds.
    shape(
        "anything",
        [17, 15, 18, 17, 17, 17, 17, 10, 16, 18, 17, 8],
        [10, 15, 12, 13, 15],
        room(12, 14, [163, 160, 273, 512, 2730]),
    ),
    // Bitwise operations on much memory: Keccak on 64-bit words.
    shape("bits", [18, 13, 16, 12, 19, 18, 16, 10, 16, 19, 14, 8], [12, 16, 12, 13, 15], None),
    // Branches and bytes: parsing.
    shape("text", [19, 14, 18, 16, 17, 15, 14, 10, 19, 18, 18, 10], [14, 16, 12, 13, 15], None),
    // Transactions as they run.
    shape(
        "execution",
        [18, 15, 17, 16, 18, 17, 14, 9, 17, 19, 18, 7],
        [9, 16, 13, 13, 15],
        room(9, 11, [163, 0, 68, 128, 42]),
    ),
    // Contracts and tries: Keccak.
    shape(
        "hashes",
        [18, 15, 17, 14, 18, 18, 13, 10, 17, 19, 18, 10],
        [9, 16, 13, 14, 16],
        room(10, 13, [655, 0, 8, 512, 42]),
    ),
];
