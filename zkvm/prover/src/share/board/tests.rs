use std::time::Duration;

use minster_machine::config::Digest;
use minster_machine::public::PublicValues;

use super::{AHEAD_MAX, Board};
use crate::segments::Expected;

fn board(segments: usize, again: Duration) -> Board {
    let board = Board::new(again);
    let zero = Digest::default();
    let public = PublicValues {
        pc_start: 0,
        pc_end: 0,
        exit_code: None,
        root_before: zero,
        root_after: zero,
        output_before: zero,
        output_after: zero,
    };
    (0..segments).for_each(|_| board.open(Expected { shape: 0, public: public.clone() }));
    board
}

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn segments_go_forward_and_back_only_if_nothing_else_is_open() {
    let board = board(3, HOUR);
    assert_eq!([board.take(1, 1), board.take(2, 0), board.take(1, 2)], [Some(1), Some(0), Some(2)]);
    assert_eq!(board.take(3, 0), None);
    board.release(2);
    assert_eq!(board.take(3, 2), Some(0));
}

#[test]
fn a_late_segment_is_given_to_everybody_once() {
    let board = board(2, Duration::ZERO);
    assert_eq!([1, 2].map(|worker| board.take(worker, 0)), [Some(0), Some(1)]);
    // Those that idle spread over what is late.
    assert_eq!([3, 4, 5].map(|worker| board.take(worker, 0)), [Some(0), Some(1), Some(0)]);
    assert_eq!([3, 3].map(|worker| board.take(worker, 0)), [Some(1), None]);
}

/// Workers that take a segment, leave, and take it again in turn do not make it look new.
#[test]
fn a_segment_stays_late_when_its_takers_leave() {
    let again = Duration::from_millis(100);
    let board = board(1, again);
    assert_eq!([board.take(1, 0), board.take(2, 0)], [Some(0), None]);
    std::thread::sleep(again);
    board.release(1);
    assert_eq!([3, 4, 5].map(|worker| board.take(worker, 0)), [Some(0); 3]);
}

#[test]
fn proofs_that_wait_are_bounded() {
    let board = board(AHEAD_MAX + 1, HOUR);
    let all = (0..AHEAD_MAX).map(|_| board.take(1, 0)).collect::<Option<Vec<_>>>();
    assert_eq!(all.expect("segments").len(), AHEAD_MAX);
    assert_eq!([board.take(1, 0), board.take(1, u32::MAX)], [None; 2]);
    assert!(board.deliver(1, 1, vec![1]).is_some() && board.take(1, 0).is_none());
    assert!(board.deliver(1, 0, vec![0]).is_some() && board.collect(0).is_some());
    assert_eq!(board.take(1, 0).map(|segment| segment as usize), Some(AHEAD_MAX));
}

#[test]
fn no_proof_is_wanted_twice_or_after_the_end() {
    let board = board(2, HOUR);
    assert!([0, 1].iter().all(|segment| board.wanted(*segment).is_some()));
    assert!(board.take(1, 0).is_some() && board.deliver(1, 0, vec![0]).is_some());
    assert!(board.wanted(0).is_none() && board.wanted(2).is_none());
    board.end();
    assert!(board.wanted(1).is_none() && board.is_over_for(Duration::ZERO));
    assert!(!board.is_over_for(HOUR));
}

#[test]
fn the_first_proof_of_a_taker_counts_and_is_collected_once() {
    let board = board(1, Duration::ZERO);
    assert!(board.deliver(1, 0, vec![9]).is_none() && board.deliver(1, 7, vec![9]).is_none());
    assert_eq!([board.take(1, 0), board.take(2, 0)], [Some(0); 2]);
    assert!(board.deliver(2, 0, vec![2]).is_some());
    assert!(board.deliver(1, 0, vec![1]).is_none());
    assert_eq!(board.collect(0).map(|(_, part)| part), Some(vec![2]));
    assert!(board.collect(0).is_none() && board.take(3, 0).is_none());
}
