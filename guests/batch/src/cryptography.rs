//! What the OS computes with, by precompiles of the zkVM.

use alloy_primitives::{Address, B256, Signature, U256};
use minster_batch::ModularArithmetic;
use minster_guest::precompiles::{self, Block};
use minster_guest::words;
use minster_os::batch::Cryptography;
use minster_primitives::SenderRecovery;
use minster_state::Blake3;

/// Flags of BLAKE3 for a block that is a whole input: CHUNK_START, CHUNK_END and ROOT (the BLAKE3
/// paper, table 3).
const WHOLE_INPUT: u32 = 1 | 2 | 8;
/// The flag of the keyed mode.
const KEYED_HASH: u32 = 16;
/// The initial value of the chain (the BLAKE3 paper, table 1).
const IV: Block = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The precompiles of the zkVM; on a host the same functions in software.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GuestCryptography;

impl Cryptography for GuestCryptography {
    type Blake3 = Self;
    type Arithmetic = Self;

    fn discard<T>(value: T) {
        // The run ends soon, and giving memory back is work that a proof would pay for.
        match cfg!(target_os = "none") {
            true => core::mem::forget(value),
            false => drop(value),
        }
    }
}

impl SenderRecovery for GuestCryptography {
    fn recover(&self, prehash: B256, signature: &Signature) -> Option<Address> {
        let signature = minster_secp256k1::Signature {
            r: signature.r().to_be_bytes(),
            s: signature.s().to_be_bytes(),
            y_is_odd: signature.v(),
            x_is_reduced: false,
        };
        let key = minster_secp256k1::recover(&prehash.0, &signature).ok()?;
        Some(Address::new(minster_secp256k1::address(&key)))
    }
}

impl Blake3 for GuestCryptography {
    fn hash(key: Option<&[u8; 32]>, left: &B256, right: Option<&B256>) -> B256 {
        let (mut value, mode) = match key {
            Some(key) => (words::block(key), KEYED_HASH),
            None => (IV, 0),
        };
        let (right, length) = match right {
            Some(right) => (&right.0, 64),
            None => (&[0; 32], 32),
        };
        let parameters = [0, 0, length, WHOLE_INPUT | mode, 0, 0, 0, 0];
        precompiles::blake3_compress_halves(&mut value, [&left.0, right], &parameters);
        let mut hash = B256::ZERO;
        words::write_bytes(&value, &mut hash.0);
        hash
    }
}

impl ModularArithmetic for GuestCryptography {
    fn mul_mod(a: &U256, b: &U256, m: &U256) -> U256 {
        number(&precompiles::mod_mul(&block(a), &block(b), &block(m)))
    }

    fn add_mod(a: &U256, b: &U256, m: &U256) -> U256 {
        number(&precompiles::mod_add(&block(a), &block(b), &block(m)))
    }

    fn sub_mod(a: &U256, b: &U256, m: &U256) -> U256 {
        number(&precompiles::mod_sub(&block(a), &block(b), &block(m)))
    }
}

fn block(number: &U256) -> Block {
    let mut words = Block::default();
    for (words, limb) in words.as_chunks_mut::<2>().0.iter_mut().zip(number.as_limbs()) {
        *words = [*limb as u32, (limb >> 32) as u32];
    }
    words
}

fn number(words: &Block) -> U256 {
    let mut limbs = [0; 4];
    for (limb, [low, high]) in limbs.iter_mut().zip(words.as_chunks::<2>().0) {
        *limb = u64::from(*low) | u64::from(*high) << 32;
    }
    U256::from_limbs(limbs)
}
