//! `eth_call` and its kin: execution that a block never contains.

use alloc::vec::Vec;

use alloy_primitives::{Address, Bytes, TxKind, U256};
use revm::context::TxEnv;

use crate::{
    BlockContext, EvmEnvironment, Execution, ExecutionError, Oracle, transaction::intrinsic_cycles,
};

/// A call without a signature.
#[derive(Debug, Clone, Default)]
pub struct CallRequest {
    /// Sender; needs no balance unless it sends value.
    pub from: Address,
    /// Target or creation.
    pub kind: TxKind,
    /// Gas limit.
    pub gas_limit: u64,
    /// Largest fee in wei per gas; zero for free.
    pub gas_price: u128,
    /// Largest tip in wei per gas.
    pub gas_priority_fee: Option<u128>,
    /// Value in wei.
    pub value: U256,
    /// Call data or init code.
    pub input: Bytes,
    /// EIP-2930 list.
    pub access_list: revm::context_interface::transaction::AccessList,
    /// EIP-7702 list.
    pub authorization_list: Vec<revm::context_interface::transaction::SignedAuthorization>,
}

impl CallRequest {
    /// The machine's form of it.
    pub(crate) fn into_env(self, nonce: u64) -> TxEnv {
        let mut env = TxEnv {
            tx_type: 0,
            caller: self.from,
            gas_limit: self.gas_limit,
            gas_price: self.gas_price,
            kind: self.kind,
            value: self.value,
            data: self.input,
            nonce,
            chain_id: None,
            access_list: self.access_list,
            gas_priority_fee: self.gas_priority_fee,
            blob_hashes: Vec::new(),
            max_fee_per_blob_gas: 0,
            authorization_list: self
                .authorization_list
                .into_iter()
                .map(revm::context_interface::either::Either::Left)
                .collect(),
        };
        env.tx_type = if !env.authorization_list.is_empty() {
            4
        } else if env.gas_priority_fee.is_some() {
            2
        } else {
            u8::from(!env.access_list.0.is_empty())
        };
        env
    }
}

/// Runs a call on a state that is thrown away. Nonce, sender code, base fee (when the price is
/// zero) and the gas cap are not checked, as in geth.
///
/// # Errors
/// When the call is invalid even so (value above balance, gas below intrinsic), or the oracle
/// fails.
pub fn simulate<O: Oracle>(
    oracle: O,
    context: &BlockContext,
    request: CallRequest,
) -> Result<Execution, ExecutionError<O::Error>> {
    let mut environment = EvmEnvironment::new(oracle);
    environment.set_block(context);
    let nonce = environment
        .account(request.from)
        .map_err(ExecutionError::Oracle)?
        .map_or(0, |account| account.nonce);
    let env = request.into_env(nonce);
    let intrinsic = intrinsic_cycles(&env);
    environment.run_simulation(env, intrinsic)
}
