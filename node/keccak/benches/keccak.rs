//! What a hash costs by itself and among others: `cargo bench -p minster-keccak`.
#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::{hint::black_box, time::Instant};

use minster_keccak::{hash_all, ordered_root};
use minster_primitives::keccak256;

const ROUNDS: u32 = 500;

fn main() {
    println!("| messages | bytes of each | ns each by itself | ns each together |");
    println!("| ---: | ---: | ---: | ---: |");
    for (count, length) in [(2, 2_000), (8, 64), (64, 64), (64, 115), (64, 275), (64, 532)] {
        let messages: Vec<_> = (0..count).map(|seed| vec![seed as u8; length]).collect();
        let alone = nanos(|| drop(messages.iter().map(keccak256).collect::<Vec<_>>()));
        let together = nanos(|| drop(hash_all(&messages)));
        let each = |all: f64| all / f64::from(count);
        println!("| {count} | {length} | {:.0} | {:.0} |", each(alone), each(together));
    }
    let item = [7; 270];
    let root = nanos(|| {
        black_box(ordered_root(1_000, |_, out| out.extend_from_slice(&item)));
    });
    println!("\nA trie of 1,000 receipts: {:.0} ns each", root / 1_000.0);
}

/// The quickest round: others may use the machine.
fn nanos(mut work: impl FnMut()) -> f64 {
    let round = |_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64() * 1e9
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
}
