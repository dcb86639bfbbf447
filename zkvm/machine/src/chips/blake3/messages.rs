//! Tuples of the buses that the rows of a call speak on.

use core::array::from_fn;

use super::LANES;
use crate::access::Word;

/// The tuple of [`crate::buses::BLAKE3_STATE`]: the words a, b, c and d of each lane.
pub fn state<E: Clone>(clock: E, half_round: E, lanes: &[[Word<E>; 4]; LANES]) -> [E; 34] {
    let limb = |index: usize| {
        let Word { low, high } = &lanes[index / 8][index / 2 % 4];
        if index.is_multiple_of(2) { low.clone() } else { high.clone() }
    };
    from_fn(|index| match index {
        0 => clock.clone(),
        1 => half_round.clone(),
        _ => limb(index - 2),
    })
}

/// The tuple of [`crate::buses::BLAKE3_WORDS`].
pub fn words<E: Clone>(clock: E, place: E, limbs: &[E; 16]) -> [E; 18] {
    from_fn(|index| match index {
        0 => clock.clone(),
        1 => place.clone(),
        _ => limbs[index - 2].clone(),
    })
}
