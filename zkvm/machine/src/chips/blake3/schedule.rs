//! Which words meet in which lane.
//!
//! Before a half round of columns, lane i has the words i, 4 + i, 8 + i and 12 + i of the state, as
//! the quads of [`minster_precompiles::blake3`] have them. Before one of diagonals, lane i has
//! diagonal -i modulo 4. With the lanes backwards the permutation of the state from columns to
//! diagonals is also that from diagonals to columns, so every half round ends in the same way.

use minster_precompiles::blake3::{ROUNDS, SCHEDULE};

/// Gs of a half round.
pub const LANES: usize = 4;
/// Half rounds: columns, diagonals, columns and so on.
pub const HALF_ROUNDS: usize = 2 * ROUNDS;

/// The lane whose word `word` (0 for a, to 3 for d) comes into a lane before the next half round.
pub const fn before_permutation(word: usize, lane: usize) -> usize {
    (LANES - lane + word) % LANES
}

/// The words of the message that each half round mixes in: two for each lane.
pub const WORD_ORDER: [[usize; 2 * LANES]; HALF_ROUNDS] = word_order();

const fn word_order() -> [[usize; 2 * LANES]; HALF_ROUNDS] {
    let mut order = [[0; 2 * LANES]; HALF_ROUNDS];
    let mut message = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
    let mut round = 0;
    while round < ROUNDS {
        let mut lane = 0;
        while lane < LANES {
            let diagonal = LANES + before_permutation(0, lane);
            let mut word = 0;
            while word < 2 {
                order[2 * round][2 * lane + word] = message[2 * lane + word];
                order[2 * round + 1][2 * lane + word] = message[2 * diagonal + word];
                word += 1;
            }
            lane += 1;
        }
        message = permuted(&message);
        round += 1;
    }
    order
}

const fn permuted(message: &[usize; 16]) -> [usize; 16] {
    let mut next = [0; 16];
    let mut index = 0;
    while index < next.len() {
        next[index] = message[SCHEDULE[index]];
        index += 1;
    }
    next
}
