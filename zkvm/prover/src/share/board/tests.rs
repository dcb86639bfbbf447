use std::time::Duration;

use minster_machine::config::Digest;
use minster_machine::public::PublicValues;

use super::Board;
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
fn a_late_segment_is_given_to_one_more() {
    let board = board(1, Duration::ZERO);
    assert_eq!([board.take(1, 0), board.take(1, 0), board.take(2, 0)], [Some(0), None, Some(0)]);
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
