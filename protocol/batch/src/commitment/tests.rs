mod vectors;

use super::*;

/// One change of any field is a change of the hash.
#[test]
fn every_field_counts() {
    let blob = BlobOpening::default();
    let base = Commitment { blobs: vec![blob], ..Commitment::default() };
    let encoded = alloy_rlp::encode(&base);
    assert_eq!(alloy_rlp::decode_exact::<Commitment>(&encoded), Ok(base.clone()));
    let hash = B256::with_last_byte(1);
    let address = Address::with_last_byte(1);
    let one = U256::ONE;
    let changes: [fn(&mut Commitment, B256, Address, U256); 33] = [
        |c, _, _, _| c.version = 1,
        |c, h, _, _| c.parent = h,
        |c, _, _, _| c.l1_chain_id = 1,
        |c, _, a, _| c.l1_chain_address = a,
        |c, _, _, _| c.chain_id = 1,
        |c, h, _, _| c.config_hash = h,
        |c, _, _, _| c.number = 1,
        |c, h, _, _| c.parent_block_hash = h,
        |c, h, _, _| c.last_block_hash = h,
        |c, _, _, _| c.first_block = 1,
        |c, _, _, _| c.last_block = 1,
        |c, _, _, _| c.first_timestamp = 1,
        |c, _, _, _| c.last_timestamp = 1,
        |c, h, _, _| c.old_state_root = h,
        |c, h, _, _| c.new_state_root = h,
        |c, _, _, _| c.l1_origin_number = 1,
        |c, h, _, _| c.l1_origin_hash = h,
        |c, _, _, _| c.inbox_index_before = 1,
        |c, h, _, _| c.inbox_hash_before = h,
        |c, _, _, _| c.inbox_index_after = 1,
        |c, h, _, _| c.inbox_hash_after = h,
        |c, _, _, _| c.message_count = 1,
        |c, h, _, _| c.message_root = h,
        |c, h, _, _| c.interop_root = h,
        |c, _, _, _| c.data_mode = 1,
        |c, _, _, _| c.pubdata_length = 1,
        |c, h, _, _| c.pubdata_hash = h,
        |c, h, _, _| c.blobs[0].versioned_hash = h,
        |c, _, _, o| c.blobs[0].point = o,
        |c, _, _, o| c.blobs[0].value = o,
        |c, _, _, _| c.blobs.clear(),
        |c, _, _, _| c.blobs.push(BlobOpening::default()),
        |c, _, a, _| c.fee_recipient = a,
    ];
    let mut seen = vec![base.hash()];
    for change in changes {
        let mut changed = base.clone();
        change(&mut changed, hash, address, one);
        seen.push(changed.hash());
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count);
}
