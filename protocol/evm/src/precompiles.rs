//! Osaka's precompiles with the meter in front of each.

mod work;

use alloc::string::String;

use alloy_primitives::{Address, map::AddressSet};
use revm::{
    context::Cfg,
    context_interface::ContextTr,
    handler::{EthPrecompiles, PrecompileProvider},
    interpreter::{CallInputs, InterpreterResult},
    primitives::hardfork::SpecId,
};

use crate::{
    Oracle,
    cost::{precompile_cost, precompile_cycles_per_gas},
    instructions::MachineContext,
};

/// revm's Osaka set behind the meter.
#[derive(Debug, Clone)]
pub struct MachinePrecompiles {
    inner: EthPrecompiles,
}

impl MachinePrecompiles {
    pub(crate) fn new() -> Self {
        Self { inner: EthPrecompiles::new(SpecId::OSAKA) }
    }
}

impl<O: Oracle> PrecompileProvider<MachineContext<O>> for MachinePrecompiles {
    type Output = InterpreterResult;

    fn set_spec(&mut self, spec: <<MachineContext<O> as ContextTr>::Cfg as Cfg>::Spec) -> bool {
        PrecompileProvider::<MachineContext<O>>::set_spec(&mut self.inner, spec)
    }

    fn run(
        &mut self,
        context: &mut MachineContext<O>,
        inputs: &CallInputs,
    ) -> Result<Option<InterpreterResult>, String> {
        // Every call passes here first. One that has no code to halt would otherwise succeed after
        // the limit: a transfer whose data alone is past it.
        let due = context.journaled_state.database.touched_mut().take_due();
        if !context.chain.charge(due) {
            return Ok(Some(out_of_gas(inputs)));
        }
        let address = inputs.bytecode_address;
        if !self.inner.contains(&address) {
            return Ok(None);
        }
        let number = short_number(address);
        let input_bytes = u64::try_from(inputs.input.len()).unwrap_or(u64::MAX);
        let mut cycles = precompile_cost(number, input_bytes);
        let per_gas = precompile_cycles_per_gas(number);
        if per_gas > 0 {
            let gas = work::gas(number, &inputs.input.as_bytes(context));
            // More than it was given: it runs out of gas instead of doing the work.
            if gas <= inputs.gas_limit {
                cycles = cycles.saturating_add(per_gas.saturating_mul(gas));
            }
        }
        if !context.chain.charge(cycles) {
            return Ok(Some(out_of_gas(inputs)));
        }
        self.inner.run(context, inputs)
    }

    fn warm_addresses(&self) -> &AddressSet {
        self.inner.warm_addresses()
    }
}

fn out_of_gas(inputs: &CallInputs) -> InterpreterResult {
    InterpreterResult::new_oog(inputs.gas_limit, inputs.reservoir)
}

/// The last two bytes of the address: every precompile of Osaka is below 2^16.
fn short_number(address: Address) -> u16 {
    let [.., high, low] = address.into_array();
    u16::from_be_bytes([high, low])
}
