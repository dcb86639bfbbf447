use alloy_primitives::U256;

use super::*;

fn block(number: Option<u64>, time: Option<u64>) -> SimBlock {
    let block_overrides =
        Some(BlockOverrides { number: number.map(U256::from), time, ..Default::default() });
    SimBlock { block_overrides, ..Default::default() }
}

fn times(blocks: &[(Option<u64>, Option<u64>)]) -> Result<Vec<u64>, i32> {
    let base = Header { number: 10, timestamp: 100, ..Default::default() };
    let blocks = blocks.iter().map(|(number, time)| block(*number, *time)).collect();
    let planned = plan(blocks, &base, 2).map_err(|error| error.code())?;
    Ok(planned.iter().map(|block| block.timestamp).collect())
}

#[test]
fn gaps_are_filled_and_time_goes_on() {
    assert_eq!(times(&[(None, None), (None, None)]), Ok(vec![102, 104]));
    assert_eq!(times(&[(Some(13), None)]), Ok(vec![102, 104, 106]));
    assert_eq!(times(&[(None, Some(500)), (Some(13), None)]), Ok(vec![500, 502, 504]));
    assert_eq!(times(&[(Some(266), None)]).map(|times| times.len()), Ok(256));
}

#[test]
fn what_is_out_of_order_or_too_much_has_its_code() {
    assert_eq!(times(&[]), Err(-32_602));
    assert_eq!(times(&[(Some(10), None)]), Err(-38_020));
    assert_eq!(times(&[(Some(12), None), (Some(12), None)]), Err(-38_020));
    assert_eq!(times(&[(None, Some(100))]), Err(-38_021));
    assert_eq!(times(&[(None, Some(103)), (None, Some(103))]), Err(-38_021));
    // The gap takes the time that the block names.
    assert_eq!(times(&[(Some(13), Some(104))]), Err(-38_021));
    assert_eq!(times(&[(Some(267), None)]), Err(-38_026));
    assert_eq!(times(&[(Some(u64::MAX), None)]), Err(-38_026));
    assert_eq!(times(&vec![(None, None); 257]), Err(-38_026));
    assert_eq!(times(&[(None, Some(u64::MAX)), (None, None)]), Err(-38_021));
}
