//! A loop of additions: the cheapest work for the machine, and the easiest to predict.

use alloc::vec::Vec;

#[cfg(test)]
mod tests;

/// The Fibonacci number whose index is the input's first four bytes (little-endian, missing ones
/// are zero), modulo 2³².
pub fn run(input: &[u8]) -> Vec<u8> {
    let mut index = [0; 4];
    for (to, from) in index.iter_mut().zip(input) {
        *to = *from;
    }
    fibonacci(u32::from_le_bytes(index)).to_le_bytes().to_vec()
}

fn fibonacci(index: u32) -> u32 {
    let (mut current, mut next) = (0u32, 1u32);
    for _ in 0..index {
        (current, next) = (next, current.wrapping_add(next));
    }
    current
}
