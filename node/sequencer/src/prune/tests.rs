use std::num::NonZeroU64;

use super::{Floors, HistoryConfig, Needs};

fn floors(blocks: u64, state_blocks: u64, needs: (u64, u64, u64)) -> (u64, u64) {
    let (latest, snapshot, proven) = needs;
    let config = HistoryConfig {
        blocks: NonZeroU64::new(blocks),
        state_blocks: NonZeroU64::new(state_blocks),
    };
    let Floors { blocks, changes } = config.floors(Needs { latest, snapshot, proven });
    (blocks, changes)
}

#[test]
fn as_much_stays_as_is_asked_for() {
    assert_eq!(floors(0, 0, (1_000, 1_000, 1_000)), (0, 0));
    assert_eq!(floors(100, 0, (1_000, 1_000, 1_000)), (901, 901));
    // The state after block 990 is found by undoing the ten blocks from 991 on.
    assert_eq!(floors(100, 10, (1_000, 1_000, 1_000)), (901, 991));
    assert_eq!(floors(0, 10, (1_000, 1_000, 1_000)), (0, 991));
    assert_eq!(floors(100, 10, (50, 50, 50)), (0, 41));
}

#[test]
fn what_is_needed_stays_however_little_is_asked_for() {
    for latest in [0, 1, 7, 1_000, u64::MAX] {
        for snapshot in [0, 5, 400, latest] {
            for proven in [0, 3, 600, latest] {
                let (blocks, changes) = floors(1, 1, (latest, snapshot, proven));
                let needed = snapshot.min(proven);
                assert!(blocks <= needed && changes <= needed);
            }
        }
    }
}
