//! Calls and transactions that the machine would not run, in geth's words: those of its pool for
//! what is sent, and those of its state transition, which name the sender, for what is called.

use std::fmt;

use alloy_primitives::{Address, B256};
use minster_evm::InvalidTransaction;
use revm::primitives::eip3860::MAX_INITCODE_SIZE;

/// What geth says around a refusal, by the method that ran the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frame {
    /// `eth_call`, and a call of `eth_simulateV1`.
    Call { gas: u64 },
    /// `eth_estimateGas`, at one of the gas limits that it tries.
    Estimate { gas: u64 },
    /// `eth_createAccessList`; the hash is that of the transaction without a signature.
    AccessList { hash: B256 },
    /// `debug_traceCall`.
    Trace,
}

/// A call that the machine would not run, with what its refusal is worded with.
#[derive(Debug)]
pub(crate) struct CallRefusal {
    pub(crate) reason: InvalidTransaction,
    pub(crate) frame: Frame,
    pub(crate) from: Address,
    pub(crate) fee_max: u128,
    pub(crate) tip_max: Option<u128>,
    pub(crate) base_fee: u64,
    pub(crate) input_size: usize,
}

impl fmt::Display for CallRefusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.words();
        match self.frame {
            Frame::Call { gas } => write!(formatter, "err: {words} (supplied gas {gas})"),
            Frame::Estimate { gas } => write!(formatter, "failed with {gas} gas: {words}"),
            Frame::AccessList { hash } => {
                write!(formatter, "failed to apply transaction: {hash} err: {words}")
            }
            Frame::Trace => write!(formatter, "tracing failed: {words}"),
        }
    }
}

impl std::error::Error for CallRefusal {}

impl CallRefusal {
    fn words(&self) -> String {
        use InvalidTransaction as Invalid;
        let Self { reason, from, fee_max, tip_max, base_fee, .. } = self;
        match reason {
            Invalid::GasPriceLessThanBasefee => fee_cap_too_low(*from, *fee_max, *base_fee),
            Invalid::PriorityFeeGreaterThanMaxFee => {
                let tip = tip_max.unwrap_or_default();
                format!(
                    "max priority fee per gas higher than max fee per gas: address {from}, \
                     maxPriorityFeePerGas: {tip}, maxFeePerGas: {fee_max}"
                )
            }
            Invalid::NonceTooLow { tx, state } => {
                format!("nonce too low: address {from}, tx: {tx} state: {state}")
            }
            Invalid::NonceTooHigh { tx, state } => {
                format!("nonce too high: address {from}, tx: {tx} state: {state}")
            }
            Invalid::NonceOverflowInTransaction => {
                format!("nonce has max value: address {from}, nonce: {}", u64::MAX)
            }
            Invalid::LackOfFundForMaxFee { fee, balance } => format!(
                "insufficient funds for gas * price + value: address {from} have {balance} \
                 want {fee}"
            ),
            Invalid::OverflowPaymentInTransaction => format!(
                "insufficient funds for gas * price + value: address {from} required balance \
                 exceeds 256 bits"
            ),
            Invalid::CallGasCostMoreThanGasLimit { initial_gas, gas_limit } => {
                format!("intrinsic gas too low: have {gas_limit}, want {initial_gas}")
            }
            Invalid::GasFloorMoreThanGasLimit { gas_floor, gas_limit } => format!(
                "insufficient gas for floor data gas cost: have {gas_limit}, want {gas_floor}"
            ),
            Invalid::CreateInitCodeSizeLimit => init_code_too_large(self.input_size),
            Invalid::AuthorizationListInvalidFields => {
                format!("EIP-7702 transaction cannot be used to create contract (sender {from})")
            }
            Invalid::EmptyAuthorizationList => {
                format!("EIP-7702 transaction with empty auth list (sender {from})")
            }
            other => invalid_message(other),
        }
    }
}

/// The refusal of a fee cap below the base fee.
fn fee_cap_too_low(from: Address, fee_max: u128, base_fee: u64) -> String {
    format!(
        "max fee per gas less than block base fee: address {from}, maxFeePerGas: {fee_max}, \
         baseFee: {base_fee}"
    )
}

/// The refusal of too much init code (EIP-3860).
fn init_code_too_large(size: usize) -> String {
    format!("max initcode size exceeded: code size {size} limit {MAX_INITCODE_SIZE}")
}

/// geth's words for what its pool refuses.
pub(super) fn invalid_message(reason: &InvalidTransaction) -> String {
    use InvalidTransaction as Invalid;
    match reason {
        Invalid::PriorityFeeGreaterThanMaxFee => {
            "max priority fee per gas higher than max fee per gas".to_owned()
        }
        Invalid::GasPriceLessThanBasefee => "max fee per gas less than block base fee".to_owned(),
        Invalid::CallerGasLimitMoreThanBlock => "exceeds block gas limit".to_owned(),
        Invalid::CallGasCostMoreThanGasLimit { initial_gas, gas_limit } => {
            format!("intrinsic gas too low: gas {gas_limit}, minimum needed {initial_gas}")
        }
        Invalid::GasFloorMoreThanGasLimit { gas_floor, gas_limit } => format!(
            "insufficient gas for floor data gas cost: gas {gas_limit}, minimum needed {gas_floor}"
        ),
        Invalid::TxGasLimitGreaterThanCap { gas_limit, cap } => {
            format!("transaction gas limit too high (cap: {cap}, tx: {gas_limit})")
        }
        Invalid::RejectCallerWithCode => "sender not an eoa".to_owned(),
        Invalid::LackOfFundForMaxFee { fee, balance } => {
            format!("insufficient funds for gas * price + value: have {balance} want {fee}")
        }
        Invalid::OverflowPaymentInTransaction => {
            "insufficient funds for gas * price + value: required balance exceeds 256 bits"
                .to_owned()
        }
        Invalid::NonceOverflowInTransaction => "nonce has max value".to_owned(),
        Invalid::NonceTooHigh { tx, state } => {
            format!("nonce too high: next nonce {state}, tx nonce {tx}")
        }
        Invalid::NonceTooLow { tx, state } => {
            format!("nonce too low: next nonce {state}, tx nonce {tx}")
        }
        Invalid::CreateInitCodeSizeLimit => "max initcode size exceeded".to_owned(),
        Invalid::InvalidChainId | Invalid::MissingChainId => {
            "invalid chain id for signer".to_owned()
        }
        Invalid::EmptyAuthorizationList => {
            "set code tx must have at least one authorization tuple".to_owned()
        }
        Invalid::AuthorizationListInvalidFields => {
            "EIP-7702 transaction cannot be used to create contract".to_owned()
        }
        other => other.to_string(),
    }
}
