use minster_params::constants::BLOCK_CYCLES_MAX;

use crate::cost::table::{CODE_BYTE, COLD_ACCOUNT, COLD_SLOT, RELOAD};

/// The guest's largest input.
const INPUT_BYTES_MAX: u64 = 256 << 20;
/// A proof of a leaf is no longer.
const LEAF_PROOF_BYTES_MAX: u64 = 1_400;

/// What a block is charged for leaves no room for more than the guest reads.
#[test]
fn what_a_block_reads_fits_the_guests_input() {
    for (cycles, bytes) in [
        (COLD_ACCOUNT + RELOAD, LEAF_PROOF_BYTES_MAX),
        (COLD_SLOT + RELOAD, LEAF_PROOF_BYTES_MAX),
        (CODE_BYTE, 1),
    ] {
        let most = BLOCK_CYCLES_MAX / cycles * bytes;
        assert!(most <= INPUT_BYTES_MAX, "{most} bytes at {cycles} for {bytes}");
    }
}
