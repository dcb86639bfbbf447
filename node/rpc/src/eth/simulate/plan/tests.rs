use alloy_primitives::B256;

use super::*;

fn block(number: Option<u64>, time: Option<u64>) -> BlockCalls {
    let block_overrides = BlockOverrides { number, time, ..Default::default() };
    BlockCalls { block_overrides, ..Default::default() }
}

fn times(blocks: &[(Option<u64>, Option<u64>)]) -> Result<Vec<u64>, i32> {
    times_from(0, blocks)
}

fn times_from(soonest: u64, blocks: &[(Option<u64>, Option<u64>)]) -> Result<Vec<u64>, i32> {
    let base = Header { number: 10, timestamp: 100, ..Default::default() };
    let blocks = blocks.iter().map(|(number, time)| block(*number, *time)).collect();
    let planned =
        plan(blocks, &base, Times { block_seconds: 2, soonest }).map_err(|error| error.code())?;
    Ok(planned.iter().map(|block| block.timestamp).collect())
}

#[test]
fn gaps_are_filled_and_time_goes_on() {
    assert_eq!(times(&[(None, None), (None, None)]), Ok(vec![102, 104]));
    assert_eq!(times(&[(Some(13), None)]), Ok(vec![102, 104, 106]));
    assert_eq!(times(&[(None, Some(500)), (Some(13), None)]), Ok(vec![500, 502, 504]));
    assert_eq!(times(&[(Some(266), None)]).map(|times| times.len()), Ok(256));
}

/// Also where that is long after the last block; what is named is as it is named.
#[test]
fn blocks_come_no_sooner_than_the_next_one() {
    assert_eq!(times_from(101, &[(None, None)]), Ok(vec![102]));
    assert_eq!(times_from(900, &[(None, None), (None, None)]), Ok(vec![900, 902]));
    assert_eq!(times_from(900, &[(Some(12), None)]), Ok(vec![900, 902]));
    assert_eq!(times_from(900, &[(None, Some(500)), (None, None)]), Ok(vec![500, 900]));
}

#[test]
fn what_is_out_of_order_or_too_much_has_its_code() {
    assert_eq!(times(&[(Some(10), None)]), Err(-38_020));
    assert_eq!(times(&[(Some(12), None), (Some(12), None)]), Err(-38_020));
    assert_eq!(times(&[(None, Some(100))]), Err(-38_021));
    assert_eq!(times(&[(None, Some(103)), (None, Some(103))]), Err(-38_021));
    // The gap takes the time that the block names.
    assert_eq!(times(&[(Some(13), Some(104))]), Err(-38_021));
    assert_eq!(times(&[(Some(267), None)]), Err(-38_026));
    assert_eq!(times(&[(Some(u64::MAX), None)]), Err(-38_026));
    assert_eq!(times(&[(None, Some(u64::MAX)), (None, None)]), Err(-38_021));
}

#[test]
fn what_only_a_beacon_chain_has_is_refused() {
    let base = Header::default();
    let count = |block_overrides| {
        let blocks = vec![BlockCalls { block_overrides, ..Default::default() }];
        plan(blocks, &base, Times { block_seconds: 1, soonest: 0 })
            .map(|blocks| blocks.len())
            .map_err(|error| error.to_string())
    };
    let refused = |name| {
        let words = format!("block override \"{name}\" is not supported: there is no beacon chain");
        Err(words)
    };
    let withdrawals = |count| BlockOverrides { withdrawals: Some(count), ..Default::default() };
    let beacon_root = BlockOverrides { beacon_root: Some(B256::ZERO), ..Default::default() };
    assert_eq!(count(withdrawals(0)), Ok(1));
    assert_eq!(count(withdrawals(1)), refused("withdrawals"));
    assert_eq!(count(beacon_root), refused("beaconRoot"));
}
