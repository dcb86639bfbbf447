use serde_json::json;

use super::*;
use crate::{
    testing::{BASE_FEE, block, dynamic},
    tests::schema::check_answer,
};

fn tips(rewards: &[U128]) -> Vec<u64> {
    rewards.iter().map(|tip| tip.to::<u64>()).collect()
}

#[test]
fn rewards_are_weighted_by_gas() {
    // Tips 1, 2, 5 with 10 %, 70 % and 20 % of the gas.
    let block = block(vec![
        (dynamic(0, 5), 20_000, Vec::new()),
        (dynamic(1, 1), 10_000, Vec::new()),
        (dynamic(2, 2), 70_000, Vec::new()),
    ]);
    let cases = [
        (vec![0.0, 10.0, 10.1, 50.0, 80.0, 81.0, 100.0], vec![1, 1, 2, 2, 2, 5, 5]),
        (vec![], vec![]),
        (vec![100.0, 100.0], vec![5, 5]),
    ];
    for (percentiles, expected) in cases {
        assert_eq!(tips(&rewards(&block, &percentiles)), expected, "{percentiles:?}");
    }
}

#[test]
fn empty_blocks_reward_nothing() {
    assert_eq!(tips(&rewards(&block(Vec::new()), &[0.0, 100.0])), [0, 0]);
}

#[test]
fn a_history_has_one_more_base_fee() {
    let mut history = FeeHistory::new(6, vec![50.0]);
    history.push(&block(Vec::new()));
    history.push(&block(vec![(dynamic(0, 3), 250_000, Vec::new())]));
    let found = json!(history.finish(BASE_FEE + 1));
    check_answer("eth_feeHistory", &found);
    let expected = json!({
        "oldestBlock": "0x6",
        "baseFeePerGas": ["0x64", "0x64", "0x65"],
        "gasUsedRatio": [0, 0.25],
        "baseFeePerBlobGas": ["0x1", "0x1", "0x1"],
        "blobGasUsedRatio": [0, 0],
        "reward": [["0x0"], ["0x3"]],
    });
    assert_eq!(found, expected);
    let plain = json!(FeeHistory::new(0, Vec::new()).finish(1));
    assert_eq!(plain.get("reward"), None);
}

#[test]
fn ratios_are_written_as_go_does() {
    for (ratio, text) in
        [(0.0, "0"), (1.0, "1"), (0.25, "0.25"), (2e-6, "0.000002"), (5e-7, "5e-7")]
    {
        assert_eq!(serde_json::to_string(&Ratio(ratio)).unwrap(), text);
    }
}

#[test]
fn percentiles_rise_within_their_range() {
    check_percentiles(&[0.0, 12.5, 12.6, 100.0], 4).unwrap();
    for (wrong, words) in [
        (&[-1.0][..], "-1.000000"),
        (&[101.0], "101.000000"),
        (&[0.0, 50.0, 50.0], "#1:50.000000 >= #2:50.000000"),
        (&[50.0, 49.5], "#0:50.000000 >= #1:49.500000"),
        (&[f64::NAN], "NaN"),
        (&[1.0; 5], "over the query limit 4"),
    ] {
        let error = check_percentiles(wrong, 4).unwrap_err();
        assert_eq!(error.to_string(), format!("invalid reward percentile: {words}"));
    }
}
