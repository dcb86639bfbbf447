//! A digest of what the chips demand: the value of every constraint and message at fixed points.
//!
//! Nothing in a proof says which constraints it satisfies. So the key holds this digest, and two
//! versions of the chips have two keys: polynomials that differ agree at a random point with
//! probability of about 2^-29, and there are four points.

#[cfg(test)]
mod tests;

use alloc::vec;
use alloc::vec::Vec;

use p3_air::{Air, BaseAir};
use p3_field::PrimeCharacteristicRing;

use crate::F;
use crate::chip::Chip;
use crate::config::Digest;
use crate::evaluation::{Evaluation, Listener};
use crate::tree::{Compressor, join};

const POINTS: u32 = 4;

/// A hash of a list of elements of any length.
pub fn hash(elements: &[F]) -> Digest {
    let compressor = Compressor::default();
    let mut digest = [F::ZERO; 8];
    digest[0] = F::from_usize(elements.len());
    for chunk in elements.chunks(8) {
        let mut block = [F::ZERO; 8];
        block.iter_mut().zip(chunk).for_each(|(cell, element)| *cell = *element);
        digest = compressor.compress(join(&digest, &block));
    }
    digest
}

/// Elements of a text.
pub fn text(text: &str) -> impl Iterator<Item = F> {
    let length = F::from_usize(text.len());
    core::iter::once(length).chain(text.bytes().map(F::from_u8))
}

#[derive(Default)]
struct Values(Vec<F>);

impl Listener for Values {
    fn constraint(&mut self, _: &'static str, value: F) {
        self.0.extend([F::ONE, value]);
    }

    fn message(&mut self, bus: &str, tuple: Vec<F>, count: F, weight: u32) {
        self.0.extend([F::TWO, count, F::from_u32(weight), F::from_usize(tuple.len())]);
        self.0.extend(text(bus));
        self.0.extend(tuple);
    }
}

/// Elements that look random, the same on every machine.
fn point(seed: [u32; 3], length: usize) -> Vec<F> {
    let compressor = Compressor::default();
    let blocks = (0..).flat_map(|block| {
        let [a, b, c] = seed.map(F::from_u32);
        let mut input = [F::ZERO; 16];
        [input[0], input[1], input[2], input[3]] = [a, b, c, F::from_u32(block)];
        compressor.compress(input)
    });
    blocks.take(length).collect()
}

/// The fingerprint of chips, in their order.
pub fn fingerprint(chips: &[Chip]) -> Digest {
    let mut elements = vec![F::from_usize(chips.len())];
    for (index, chip) in (0..).zip(chips) {
        elements.extend(text(chip.name()));
        elements.push(F::from_usize(chip.width()));
        for at in 0..POINTS {
            let main = point([index, at, 0], chip.width());
            let preprocessed = point([index, at, 1], chip.preprocessed_width());
            let public = point([index, at, 2], chip.num_public_values());
            let mut evaluation = Evaluation::new(&main, &preprocessed, &public, Values::default());
            chip.eval(&mut evaluation);
            elements.push(F::from_usize(evaluation.listener.0.len()));
            elements.append(&mut evaluation.listener.0);
        }
    }
    hash(&elements)
}
