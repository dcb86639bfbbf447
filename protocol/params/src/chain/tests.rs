use super::*;

#[test]
fn defaults_are_valid() {
    assert_eq!(ChainConfig::new(1337).validate(), Ok(()));
}

#[test]
fn each_bad_field_is_named() {
    let check = |change: fn(&mut ChainConfig), expected: ChainConfigError| {
        let mut config = ChainConfig::new(1);
        change(&mut config);
        assert_eq!(config.validate(), Err(expected));
    };
    check(|c| c.chain_id = 0, ChainConfigError::ChainIdZero);
    check(|c| c.block_time_ms = 1_500, ChainConfigError::BlockTime { value: 1_500 });
    check(|c| c.block_time_ms = 0, ChainConfigError::BlockTime { value: 0 });
    check(
        |c| c.block_gas_limit = 1,
        ChainConfigError::BlockGasLimit {
            value: 1,
            minimum: constants::TRANSACTION_GAS_LIMIT_MAX,
            maximum: constants::BLOCK_GAS_LIMIT_MAX,
        },
    );
    check(|c| c.elasticity = 0, ChainConfigError::BaseFeeRule);
    check(
        |c| c.base_fee_min = 2_000_000_000,
        ChainConfigError::BaseFeeInitial { initial: 1_000_000_000, minimum: 2_000_000_000 },
    );
    check(
        |c| c.block_cycles_max = 1,
        ChainConfigError::Cycles { transaction: constants::TRANSACTION_CYCLES_MAX, block: 1 },
    );
}

#[test]
fn base_fee_moves_by_one_percent_at_most_and_stops_at_the_floor() {
    let config = ChainConfig::new(1);
    let fee = 1_000_000_000;
    assert_eq!(config.next_base_fee(fee, 1_000_000_000), fee);
    assert_eq!(config.next_base_fee(fee, 2_000_000_000), fee + fee / 100);
    assert_eq!(config.next_base_fee(fee, 0), fee - fee / 100);
    assert_eq!(config.next_base_fee(config.base_fee_min, 0), config.base_fee_min);
    assert_eq!(config.next_base_fee(1_000_000, 1_000_000_001), 1_000_001, "at least one wei up");
    assert_eq!(config.next_base_fee(u64::MAX, 2_000_000_000), u64::MAX);
}

#[test]
fn every_field_is_in_the_hash() {
    let config = ChainConfig::new(1);
    let changes: [fn(&mut ChainConfig); 10] = [
        |c| c.chain_id += 1,
        |c| c.block_time_ms += 1_000,
        |c| c.block_gas_limit += 1,
        |c| c.base_fee_initial += 1,
        |c| c.base_fee_min += 1,
        |c| c.base_fee_denominator += 1,
        |c| c.elasticity += 1,
        |c| c.fee_vault = Address::ZERO,
        |c| c.transaction_cycles_max -= 1,
        |c| c.block_cycles_max += 1,
    ];
    for change in changes {
        let mut other = config.clone();
        change(&mut other);
        assert_ne!(other.hash(), config.hash());
    }
}
