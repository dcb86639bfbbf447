use minster_primitives::U256;

use super::*;

fn sender(index: usize) -> Address {
    Address::from_word(U256::from(index).into())
}

#[test]
fn the_newest_nonce_wins_and_a_correction_lowers_it() {
    let mut nonces = RecentNonces::default();
    nonces.correct(sender(1), 9);
    assert_eq!(nonces.newest(sender(1), 3), 3);
    nonces.remember(sender(1), 5);
    assert_eq!((nonces.newest(sender(1), 3), nonces.newest(sender(1), 7)), (5, 7));
    nonces.correct(sender(1), 2);
    assert_eq!(nonces.newest(sender(1), 1), 2);
}

#[test]
fn the_memory_is_bounded() {
    let mut nonces = RecentNonces::default();
    for index in 0..=2 * GENERATION_SIZE {
        nonces.remember(sender(index), 5);
    }
    assert_eq!(nonces.young.len() + nonces.old.len(), GENERATION_SIZE + 1);
    assert_eq!(nonces.newest(sender(GENERATION_SIZE - 1), 0), 0);
    assert_eq!(nonces.newest(sender(GENERATION_SIZE), 0), 5);
    assert_eq!(nonces.newest(sender(2 * GENERATION_SIZE), 0), 5);
}
