//! Precompiled contracts that overrides move or replace.
//!
//! The machine asks by a call's code address whether to run one. So a call to where one was moved
//! is told the precompile's own address, and a call to an overridden one an address that has none:
//! then the code runs that the account has.

use std::sync::Arc;

use alloy_primitives::{Address, address, map::AddressHashMap};
use revm::{
    Inspector,
    interpreter::{CallInputs, CallOutcome},
};

use super::chain::PRECOMPILES;

/// No precompile is here, and nobody calls it: it stands for any address without one.
const NO_PRECOMPILE: Address = address!("ffffffffffffffffffffffffffffffffffffffff");

/// Whether a precompiled contract is there from the start.
pub(crate) fn is_precompile(address: &Address) -> bool {
    PRECOMPILES.iter().any(|(_, precompile)| precompile == address)
}

/// Which address calls are told, by the one that they name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Redirects {
    told: Arc<AddressHashMap<Address>>,
}

impl Redirects {
    /// Whether all is as without overrides.
    pub(crate) fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// Whether something was moved there.
    pub(crate) fn is_target(&self, address: &Address) -> bool {
        self.told.get(address).is_some_and(|told| *told != NO_PRECOMPILE)
    }

    /// An account is no precompile any more.
    pub(crate) fn replace(&mut self, precompile: Address) {
        Arc::make_mut(&mut self.told).entry(precompile).or_insert(NO_PRECOMPILE);
    }

    /// A precompile is where it is moved, too.
    pub(crate) fn add(&mut self, precompile: Address, target: Address) {
        Arc::make_mut(&mut self.told).insert(target, precompile);
    }
}

impl<CTX> Inspector<CTX> for Redirects {
    fn call(&mut self, _: &mut CTX, inputs: &mut CallInputs) -> Option<CallOutcome> {
        if let Some(told) = self.told.get(&inputs.bytecode_address) {
            inputs.bytecode_address = *told;
        }
        None
    }
}
