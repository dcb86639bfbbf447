use minster_mempool::PoolError;

use super::*;

fn object(error: ApiError) -> (i32, String) {
    let object = ErrorObjectOwned::from(error);
    (object.code(), object.message().to_owned())
}

fn refused(reason: InvalidTransaction) -> ApiError {
    ApiError::Refused(Box::new(CallRefusal {
        reason,
        from: Address::repeat_byte(0xab),
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
            "intrinsic gas too low: gas 20000, minimum needed 21000",
        ),
        (
            Invalid::GasFloorMoreThanGasLimit { gas_floor: 9, gas_limit: 8 },
            "insufficient gas for floor data gas cost: gas 8, minimum needed 9",
        ),
        (Invalid::CallerGasLimitMoreThanBlock, "exceeds block gas limit"),
        (Invalid::NonceTooLow { tx: 1, state: 2 }, "nonce too low: next nonce 2, tx nonce 1"),
        (Invalid::NonceTooHigh { tx: 3, state: 2 }, "nonce too high: next nonce 2, tx nonce 3"),
        (Invalid::RejectCallerWithCode, "sender not an eoa"),
    ];
    for (reason, expected) in cases {
        assert_eq!(object(refused(reason)), (-32_000, expected.to_owned()));
    }
}

#[test]
fn refusals_of_the_pool_are_its_own_words() {
    let error = PoolError::NonceTooLow { next: 5, nonce: 3 };
    let expected = error.to_string();
    assert_eq!(object(SubmitError::from(error).into()), (-32_000, expected));
    let cases = [
        (TransactionError::UnsupportedType { type_id: 3 }, "transaction type not supported"),
        (
            TransactionError::HighS,
            "invalid sender: invalid transaction v, r, s values: s is too high",
        ),
        (TransactionError::InvalidSignature, "invalid sender: invalid transaction v, r, s values"),
    ];
    for (error, expected) in cases {
        assert_eq!(object(SubmitError::from(error).into()), (-32_000, expected.to_owned()));
    }
}

#[test]
fn codes_by_kind() {
    let cases = [
        (ApiError::MissingArgument { index: 1 }, -32_602),
        (ApiError::UnknownMethod { name: "x".into() }, -32_601),
        (ApiError::TooManyLogs { maximum: 1 }, -32_005),
        (ApiError::Busy { running: 1, waiting: 1 }, -32_005),
        (ApiError::GasExceedsAllowance { allowance: 1 }, -32_000),
        (ApiError::Reverted { output: Bytes::new() }, 3),
        (ApiError::SendTimeout { hash: B256::ZERO, timeout_ms: 1 }, 4),
        (ApiError::State(StateError::Pruned { version: 1, oldest: 2 }).at_block(9), -32_000),
    ];
    for (error, code) in cases {
        assert_eq!(object(error).0, code);
    }
    let pruned = ApiError::State(StateError::Pruned { version: 1, oldest: 2 }).at_block(9);
    assert!(pruned.to_string().starts_with("historical state of block 9 is not available"));
}

#[test]
fn inner_failures_are_not_told() {
    let missing = StateError::CodeMissing { code_hash: B256::ZERO };
    assert_eq!(object(missing.into()), (-32_603, "internal error".to_owned()));
}

#[test]
fn halts_have_geths_words() {
    let cases = [
        ("OutOfGas(Basic)", "out of gas"),
        ("InvalidFEOpcode", "invalid opcode: INVALID"),
        ("StackUnderflow", "stack underflow"),
        ("CreateCollision", "contract address collision"),
        (
            "PrecompileErrorWithContext(\"x\")",
            "execution halted: PrecompileErrorWithContext(\"x\")",
        ),
    ];
    for (reason, expected) in cases {
        assert_eq!(halt_message(reason), expected);
    }
}
