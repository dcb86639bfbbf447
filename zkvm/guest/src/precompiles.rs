//! Functions that the machine proves by chips of their own: one call instead of thousands of
//! instructions. On the host the same functions are computed in software.
//!
//! Operands that a function is not defined for stop the run, on the host by a panic. Which these
//! are says [`minster_precompiles`]; a program that cannot exclude them checks before it calls.

#[cfg(test)]
mod tests;

use core::mem::MaybeUninit;

pub use minster_precompiles::Block;
use minster_precompiles::Function;

use crate::{platform, words};

/// A point of secp256k1 in affine coordinates: x, then y, lowest word first.
pub type Point = [Block; 2];

/// The state of Keccak-f\[1600\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct KeccakState {
    /// The lanes: lane `x + 5·y` is `A[x, y]`.
    pub lanes: [u64; 25],
    /// The machine works on blocks of 8 words, and leaves these as they are.
    rest: [u64; 3],
}

impl KeccakState {
    /// The bytes of the lanes, as they lie in memory.
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: a u64 is eight bytes, which have no alignment, and every eight bytes are a u64.
        let (_, bytes, _) = unsafe { self.lanes.align_to_mut::<u8>() };
        bytes
    }
}

/// Keccak-f\[1600\].
pub fn keccak_f(state: &mut KeccakState) {
    let state: *mut KeccakState = state;
    // SAFETY: the state is 7 blocks, aligned, and borrowed for writing.
    unsafe { platform::call(Function::KeccakF, state.cast(), []) }
}

/// Absorbs 64 bytes, as they lie in memory, into the state of SHA-256.
pub fn sha256_compress(state: &mut Block, bytes: &[Block; 2]) {
    // SAFETY: the operands are 1 block, borrowed for writing, and 2 blocks.
    unsafe { platform::call(Function::Sha256, state, [bytes.as_ptr()]) }
}

/// Absorbs 64 bytes into a chaining value of BLAKE3. The parameters are the counter's low and high
/// word, the block's length, the flags, and four words that count for nothing.
pub fn blake3_compress(value: &mut Block, bytes: &[Block; 2], parameters: &Block) {
    // SAFETY: the operands are 1 block, borrowed for writing, 2 blocks and 1 block.
    unsafe { platform::call(Function::Blake3, value, [bytes.as_ptr(), parameters]) }
}

/// As [`blake3_compress`], for 64 bytes in two halves that may begin anywhere.
pub fn blake3_compress_halves(value: &mut Block, halves: [&[u8; 32]; 2], parameters: &Block) {
    let mut bytes = MaybeUninit::<[Block; 2]>::uninit();
    let first = bytes.as_mut_ptr().cast::<Block>();
    let [left, right] = halves;
    // SAFETY: both blocks are within the array, and all of it is written before the call, whose
    // operands are 1 block, borrowed for writing, 2 blocks and 1 block.
    unsafe {
        words::copy_block(left, first);
        words::copy_block(right, first.add(1));
        platform::call(Function::Blake3, value, [first.cast_const(), parameters]);
    }
}

/// `a·b mod m`. The run stops if `m` is 0, or the quotient `a·b / m` has over 256 bits.
pub fn mod_mul(a: &Block, b: &Block, m: &Block) -> Block {
    modular(Function::ModMul, a, b, m)
}

/// `(a + b) mod m`. The run stops if `m` is 0, or the quotient has over 256 bits.
pub fn mod_add(a: &Block, b: &Block, m: &Block) -> Block {
    modular(Function::ModAdd, a, b, m)
}

/// `(a - b) mod m`. The run stops if `m` is 0, or `a` exceeds the result by more than `b`, which it
/// does not if `a < m`.
pub fn mod_sub(a: &Block, b: &Block, m: &Block) -> Block {
    modular(Function::ModSub, a, b, m)
}

fn modular(function: Function, a: &Block, b: &Block, m: &Block) -> Block {
    let mut result = MaybeUninit::<Block>::uninit();
    // SAFETY: each operand is 1 block, and the result's is ours; the call writes all of it.
    unsafe {
        platform::call(function, result.as_mut_ptr(), [a, b, m]);
        result.assume_init()
    }
}

/// `p + q`. The run stops if a coordinate is not below the field's modulus, or both have one x.
pub fn secp256k1_add(p: &Point, q: &Point) -> Point {
    let mut result = MaybeUninit::<Point>::uninit();
    // SAFETY: each operand is 2 blocks, and the result's are ours; the call writes all of them.
    unsafe {
        platform::call(Function::SecpAdd, result.as_mut_ptr().cast(), [p.as_ptr(), q.as_ptr()]);
        result.assume_init()
    }
}

/// `p += q`, as [`secp256k1_add`].
pub fn secp256k1_add_assign(p: &mut Point, q: &Point) {
    let p = p.as_mut_ptr();
    // SAFETY: each operand is 2 blocks. The first is read before it is written.
    unsafe { platform::call(Function::SecpAdd, p, [p.cast_const(), q.as_ptr()]) }
}

/// `p += p`. The run stops if a coordinate is not below the field's modulus, or y is 0.
pub fn secp256k1_double_assign(p: &mut Point) {
    let p = p.as_mut_ptr();
    // SAFETY: each operand is 2 blocks. The second is read before the first is written.
    unsafe { platform::call(Function::SecpDouble, p, [p.cast_const()]) }
}
