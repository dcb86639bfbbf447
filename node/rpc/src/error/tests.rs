use std::num::NonZeroU32;

use alloy_primitives::{Address, U256};
use minster_mempool::PoolError;

use super::*;

fn object(error: ApiError) -> (i32, String) {
    let object = ErrorObjectOwned::from(error);
    (object.code(), object.message().to_owned())
}

fn refused(reason: InvalidTransaction) -> ApiError {
    ApiError::Refused(Box::new(CallRefusal {
        reason,
        frame: Frame::Trace,
        from: Address::repeat_byte(0xab),
        input_size: 50_000,
        fee_max: 1,
        tip_max: Some(2),
        base_fee: 7,
    }))
}

#[test]
fn refusals_of_calls_are_geths() {
    use InvalidTransaction as Invalid;
    let cases = [
        (
            Invalid::GasPriceLessThanBasefee,
            "max fee per gas less than block base fee: address \
             0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB, maxFeePerGas: 1, baseFee: 7",
        ),
        (
            Invalid::PriorityFeeGreaterThanMaxFee,
            "max priority fee per gas higher than max fee per gas: address \
             0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB, maxPriorityFeePerGas: 2, maxFeePerGas: 1",
        ),
        (
            Invalid::LackOfFundForMaxFee {
                fee: Box::new(U256::from(5)),
                balance: Box::new(U256::from(3)),
            },
            "insufficient funds for gas * price + value: address \
             0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB have 3 want 5",
        ),
        (
            Invalid::CallGasCostMoreThanGasLimit { initial_gas: 21_000, gas_limit: 20_000 },
            "intrinsic gas too low: have 20000, want 21000",
        ),
        (
            Invalid::GasFloorMoreThanGasLimit { gas_floor: 9, gas_limit: 8 },
            "insufficient gas for floor data gas cost: have 8, want 9",
        ),
        (
            Invalid::CreateInitCodeSizeLimit,
            "max initcode size exceeded: code size 50000 limit 49152",
        ),
        (
            Invalid::NonceOverflowInTransaction,
            "nonce has max value: address 0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB, nonce: \
             18446744073709551615",
        ),
        (Invalid::CallerGasLimitMoreThanBlock, "exceeds block gas limit"),
        (
            Invalid::NonceTooLow { tx: 1, state: 2 },
            "nonce too low: address 0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB, tx: 1 state: 2",
        ),
        (
            Invalid::NonceTooHigh { tx: 3, state: 2 },
            "nonce too high: address 0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB, tx: 3 state: 2",
        ),
        (Invalid::RejectCallerWithCode, "sender not an eoa"),
    ];
    for (reason, expected) in cases {
        assert_eq!(object(refused(reason)), (-32_000, format!("tracing failed: {expected}")));
    }
}

#[test]
fn each_method_frames_a_refusal_as_geth_does() {
    let cases = [
        (Frame::Call { gas: 7 }, "err: sender not an eoa (supplied gas 7)"),
        (Frame::Estimate { gas: 7 }, "failed with 7 gas: sender not an eoa"),
        (Frame::Trace, "tracing failed: sender not an eoa"),
        (
            Frame::AccessList { hash: B256::ZERO },
            "failed to apply transaction: \
             0x0000000000000000000000000000000000000000000000000000000000000000 err: \
             sender not an eoa",
        ),
    ];
    for (frame, expected) in cases {
        let refusal = CallRefusal {
            reason: InvalidTransaction::RejectCallerWithCode,
            frame,
            from: Address::ZERO,
            fee_max: 0,
            tip_max: None,
            base_fee: 0,
            input_size: 0,
        };
        assert_eq!(refusal.to_string(), expected);
    }
}

#[test]
fn refusals_of_the_pool_are_its_own_words() {
    let error = PoolError::NonceTooLow { next: 5, nonce: 3 };
    let expected = error.to_string();
    assert_eq!(object(SubmitError::from(error).into()), (-32_000, expected));
    let cases = [
        (TransactionError::UnsupportedType { type_id: 3 }, "transaction type not supported"),
        (TransactionError::HighS, "invalid sender: invalid transaction v, r, s values"),
        (TransactionError::TrailingBytes { count: 3 }, "rlp: input contains more than one value"),
        (TransactionError::InvalidSignature, "invalid sender: invalid transaction v, r, s values"),
    ];
    for (error, expected) in cases {
        assert_eq!(object(SubmitError::from(error).into()), (-32_000, expected.to_owned()));
    }
}

/// Each error with its code and its words.
#[track_caller]
fn check(cases: impl IntoIterator<Item = (ApiError, i32, &'static str)>) {
    for (error, code, words) in cases {
        assert_eq!(object(error), (code, words.to_owned()));
    }
}

#[test]
fn errors_of_requests() {
    use ApiError as Error;
    check([
        (Error::ArgumentsNotAList, -32_602, "non-array args"),
        (Error::MissingArgument { index: 1 }, -32_602, "missing value for required argument 1"),
        (Error::TooManyArguments { maximum: 2 }, -32_602, "too many arguments, want at most 2"),
        (Error::BlockRange, -32_602, "invalid block range params"),
        (Error::TooManyAlternatives, -32_000, "exceed max addresses or topics per search position"),
        (
            Error::UnknownMethod { name: "eth_x".into() },
            -32_601,
            "the method eth_x does not exist/is not available",
        ),
        (
            Error::DevelopmentOnly { name: "evm_mine".into() },
            -32_601,
            "the method evm_mine is for development chains only",
        ),
        (Error::NotificationsUnsupported, -32_601, "notifications not supported"),
    ]);
}

#[test]
fn errors_without_a_better_code() {
    use ApiError as Error;
    let pruned = Error::State(StateError::Pruned { version: 1, oldest: 2 });
    let from_disk = SequencerError::State(StateError::Pruned { version: 1, oldest: 2 });
    let of_history = "historical state of block 9 is not available; eth_capabilities says from \
                      which block on it is";
    check([
        (Error::UnknownAccount, -32_000, "unknown account"),
        (Error::HeaderNotFound, -32_000, "header not found"),
        (Error::HeaderForHashNotFound, -32_000, "header for hash not found"),
        (Error::ShortTransaction, -32_000, "typed transaction too short"),
        (
            Error::TipAboveFee { fee: 1, tip: 16 },
            -32_000,
            "maxFeePerGas (0x1) < maxPriorityFeePerGas (0x10)",
        ),
        (Error::UnknownBlock, -32_000, "unknown block"),
        (Error::TransactionNotFound, -32_000, "transaction not found"),
        (Error::BlockNotFound { name: "#9".into() }, -32_000, "block #9 not found"),
        (Error::GenesisNotTraceable, -32_000, "genesis is not traceable"),
        (pruned.at_block(9), -32_000, of_history),
        (Error::from(from_disk).at_block(9), -32_000, of_history),
        (Error::FilterNotFound, -32_000, "filter not found"),
        (Error::SubscriptionNotFound, -32_000, "subscription not found"),
        (Error::TransferFunds, -32_000, "insufficient funds for transfer"),
        (
            Error::GasExceedsAllowance { allowance: 7 },
            -32_000,
            "gas required exceeds allowance (7)",
        ),
        (
            Error::ChainId { have: 1, want: 2 },
            -32_000,
            "chainId does not match node's (have=1, want=2)",
        ),
        (
            Error::BeyondHead { requested: 9, head: 3 },
            -32_000,
            "request beyond head block: requested 9, head 3",
        ),
        (Error::Timeout { timeout_ms: 5 }, -32_000, "execution aborted (timeout = 5ms)"),
        (Error::Halted { words: "out of gas".into() }, -32_000, "out of gas"),
        (Error::Reverted { output: Bytes::new() }, 3, "execution reverted"),
        (
            Error::SendTimeout { hash: B256::ZERO, timeout_ms: 1 },
            4,
            "The transaction was added to the transaction pool but wasn't processed in 1ms",
        ),
    ]);
}

#[test]
fn errors_of_limits() {
    use ApiError as Error;
    check([
        (
            Error::TooManyLogs { maximum: 1 },
            -32_005,
            "query returns more than 1 logs (logs_count_max); narrow the filter or the range",
        ),
        (
            Error::TooManyFilters { maximum: 1 },
            -32_005,
            "there are more than 1 filters on this node, or one client has half of them \
             (filters_max)",
        ),
        (
            Error::TooManyFilterValues { maximum: 1 },
            -32_005,
            "filters and subscriptions name more than 1 addresses and topics, or those of one \
             client half of that (filter_values_max)",
        ),
        (
            Error::TooManyRequests { maximum: NonZeroU32::MIN },
            -32_005,
            "more than 1 requests in a second from one address (requests_per_second_max)",
        ),
        (
            Error::TraceTooLarge { maximum: 1 },
            -32_005,
            "the trace is larger than 1 bytes (trace_bytes_max); ask for less of it",
        ),
        (
            Error::TooManyOverrides { maximum: 1 },
            -32_005,
            "more than 1 accounts and slots are overridden (overrides_max)",
        ),
        (
            Error::TooManySlots { maximum: 1 },
            -32_005,
            "too many slots; at most 1 in one request (proof_slots_max)",
        ),
        (Error::TooManyStorageValues { maximum: 1 }, -38_026, "too many slots (max 1)"),
        (Error::NoStorageValues, -32_602, "empty request"),
        (
            Error::Busy { running: 1, waiting: 2 },
            -32_005,
            "the node is busy with 1 such requests, and 2 wait; try again later",
        ),
    ]);
}

#[test]
fn what_would_forge_state_is_refused_with_the_reason() {
    for name in ["anvil_setBalance", "hardhat_setStorageAt", "evm_snapshot", "evm_revert"] {
        let (code, words) = object(ApiError::UnknownMethod { name: name.into() });
        assert_eq!(code, -32_601);
        let begin = format!("the method {name} does not exist/is not available: every block here");
        assert!(words.starts_with(&begin), "{words}");
    }
    let (_, words) = object(ApiError::UnknownMethod { name: "x".repeat(1_000) });
    assert!(words.len() < 200, "{words}");
}

#[test]
fn names_of_subscriptions_are_repeated_in_quotes_and_not_at_length() {
    let of = |name: String| object(ApiError::UnknownSubscription { namespace: "eth", name }).1;
    assert_eq!(of("a\"b".into()), r#"no "a\"b" subscription in eth namespace"#);
    assert!(of("x".repeat(1_000)).len() < 200);
}

#[test]
fn inner_failures_are_not_told() {
    let missing = StateError::CodeMissing { code_hash: B256::ZERO };
    assert_eq!(object(missing.into()), (-32_603, "internal error".to_owned()));
}
