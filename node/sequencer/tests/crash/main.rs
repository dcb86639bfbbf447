//! The real sequencer, with all of its threads, on disks that lose, tear, fill, fail and dawdle,
//! and on directories that hold what no crash leaves.
//!
//! What a crash leaves is a function of what the disk was told before it. So a crash at each
//! operation of the disk is a crash at each point of every thread. `MINSTER_SEED` repeats a
//! simulation as far as the threads allow.

mod clock;
#[path = "../common/mod.rs"]
mod common;
mod damage;
mod pruning;
mod simulation;
mod witness;
mod world;

use alloy_primitives::Address;
use alloy_signer_local::PrivateKeySigner;
use minster_params::Genesis;

use common::{CHAIN_ID, genesis_with, key_of, signed, transfer_to};

/// Senders; each has its row of nonces.
const SENDERS: usize = 3;

/// Where all transactions go.
const RECEIVER: Address = Address::with_last_byte(200);

fn key(sender: usize) -> PrivateKeySigner {
    key_of(sender as u8 + 1)
}

fn genesis() -> Genesis {
    let mut genesis = genesis_with((0..SENDERS).map(|sender| key(sender).address()));
    minster_os::install_precontracts(&mut genesis).unwrap();
    genesis
}

/// One wei to the receiver.
fn transfer(sender: usize, nonce: u64) -> Vec<u8> {
    signed(&key(sender), transfer_to(RECEIVER, nonce, 1))
}
