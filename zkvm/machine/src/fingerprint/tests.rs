use alloc::sync::Arc;

use minster_riscv::Program;
use p3_air::{Air, BaseAir};
use p3_field::PrimeCharacteristicRing;

use super::{Values, fingerprint, hash, point, text};
use crate::F;
use crate::chip::{Chip, TABLES};
use crate::config::Digest;
use crate::evaluation::Evaluation;
use crate::rom::Rom;
use crate::tree::{Compressor, join};

const BASE: u32 = 0x1_0000;

fn chips(code: &[u32]) -> [Chip; TABLES] {
    let program = Program::new(BASE, BASE, code, &[]).expect("a program");
    Chip::all(Arc::new(Rom::new(&program)))
}

/// `addi x1, x0, n` for small n.
fn instruction(n: u32) -> u32 {
    n << 20 | 1 << 7 | 0x13
}

/// Main, preprocessed and public values of a chip at one point.
fn inputs(chip: &Chip) -> [Vec<F>; 3] {
    let widths = [chip.width(), chip.preprocessed_width(), chip.num_public_values()];
    let mut kind = 0..;
    widths.map(|width| point([0, 0, kind.next().expect("three kinds")], width))
}

fn values(chip: &Chip, [main, preprocessed, public]: &[Vec<F>; 3]) -> Vec<F> {
    let mut evaluation = Evaluation::new(main, preprocessed, public, Values::default());
    chip.eval(&mut evaluation);
    evaluation.listener.0
}

#[test]
fn every_column_and_value_matters() {
    for chip in chips(&[instruction(1)]) {
        let honest = inputs(&chip);
        let seen = values(&chip, &honest);
        for kind in 0..honest.len() {
            for index in 0..honest[kind].len() {
                let mut changed = honest.clone();
                changed[kind][index] += F::ONE;
                assert_ne!(values(&chip, &changed), seen, "{} {kind} {index}", chip.name());
            }
        }
    }
}

#[test]
fn no_constraint_vanishes_at_the_points() {
    struct Constraints(Vec<(&'static str, F)>);
    impl crate::evaluation::Listener for Constraints {
        fn constraint(&mut self, id: &'static str, value: F) {
            self.0.push((id, value));
        }
        fn message(&mut self, _: &str, _: Vec<F>, _: F, _: u32) {}
    }
    for chip in chips(&[instruction(1)]) {
        let [main, preprocessed, public] = inputs(&chip);
        let mut evaluation =
            Evaluation::new(&main, &preprocessed, &public, Constraints(Vec::new()));
        chip.eval(&mut evaluation);
        for (id, value) in evaluation.listener.0 {
            assert_ne!(value, F::ZERO, "{id}");
        }
    }
}

#[test]
fn the_chips_and_their_order_are_covered() {
    let chips = chips(&[instruction(1)]);
    let honest = fingerprint(&chips);
    assert_eq!(fingerprint(&chips), honest);
    for left in 0..TABLES {
        let mut fewer = chips.to_vec();
        fewer.remove(left);
        assert_ne!(fingerprint(&fewer), honest, "without {left}");
        for right in 0..left {
            let mut swapped = chips.clone();
            swapped.swap(left, right);
            let same = chips[left].name() == chips[right].name();
            assert_eq!(fingerprint(&swapped) == honest, same, "{left} and {right}");
        }
    }
}

/// The lines of a program are preprocessed columns; the key covers them by their commitment.
#[test]
fn the_program_is_not_covered() {
    let [one, two] = [1, 2].map(|n| fingerprint(&chips(&[instruction(n)])));
    assert_eq!(one, two);
}

#[test]
fn hashes_are_chains_that_begin_with_the_length() {
    let definition = |length: u32, blocks: &[[F; 8]]| {
        let mut start = [F::ZERO; 8];
        start[0] = F::from_u32(length);
        let next =
            |digest: Digest, block: &[F; 8]| Compressor::default().compress(join(&digest, block));
        blocks.iter().fold(start, next)
    };
    let elements: Vec<F> = (1..=10).map(F::from_u32).collect();
    let (blocks, rest) = elements.as_chunks::<8>();
    let mut last = [F::ZERO; 8];
    last[..2].copy_from_slice(rest);
    assert_eq!(hash(&elements), definition(10, &[blocks[0], last]));
    assert_eq!(hash(&[]), definition(0, &[]));
}

#[test]
fn hashes_tell_lengths_and_elements_apart() {
    let mut seen: Vec<Digest> = (0..20).map(|length| hash(&vec![F::ZERO; length])).collect();
    for index in 0..20 {
        let mut elements = vec![F::ZERO; 20];
        elements[index] = F::ONE;
        seen.push(hash(&elements));
    }
    for (index, digest) in seen.iter().enumerate() {
        assert!(!seen[..index].contains(digest), "{index}");
    }
}

#[test]
fn texts_tell_their_lengths() {
    let elements = |parts: &[&str]| parts.iter().flat_map(|part| text(part)).collect::<Vec<F>>();
    assert_ne!(elements(&["ab", "c"]), elements(&["a", "bc"]));
    assert_eq!(elements(&["ab"]), [2, 97, 98].map(F::from_u32));
}

#[test]
fn points_do_not_repeat() {
    let mut seen: Vec<F> = Vec::new();
    for seed in [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]] {
        seen.extend(point(seed, 100));
    }
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), count);
}
