//! What is true is proven.

use alloy_primitives::U256;

use super::*;

/// Input of a contract: one word.
fn word(number: u64) -> Vec<u8> {
    U256::from(number).to_be_bytes_vec()
}

/// BLOCKHASH answers with the hash of the parent, and of blocks of the same batch and before it.
#[test]
fn block_hashes_come_from_the_history() {
    let mut chain = Chain::new();
    let mut hashes = vec![chain.header.hash_slow()];
    for number in 1..=4_u64 {
        for back in 1..=number {
            let call = Written { input: word(number - back), ..Written::call(0, 0, chain::HASHES) };
            let block = chain.block(0, vec![call.signed()]);
            let (input, end) = chain.range(vec![block]);
            let claim = execute_range(input, &Names).unwrap();
            assert_eq!(claim.after, end.commitment.hash());
            let slot =
                keys::storage_key::<minster_state::SoftwareBlake3>(chain::HASHES, U256::ZERO);
            let known = hashes[usize::try_from(number - back).unwrap()];
            assert_eq!(end.tree.get(&slot).unwrap(), Some(known), "{back} before {number}");
        }
        let block = chain.block(0, vec![]);
        let (_, end) = chain.range(vec![block]);
        chain = end;
        hashes.push(chain.header.hash_slow());
    }
}
