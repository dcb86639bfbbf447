//! Osaka's precompiles with the meter in front of each.

mod work;

use alloc::string::{String, ToString};

use alloy_primitives::{Address, map::AddressSet};
use revm::{
    context::Cfg,
    context_interface::{ContextTr, JournalTr, LocalContextTr},
    handler::{PrecompileProvider, precompile_output_to_interpreter_result},
    interpreter::{CallInputs, InterpreterResult},
    precompile::{
        Precompile, blake2, bls12_381, bn254, hash, identity, kzg_point_evaluation, modexp,
        secp256k1, secp256r1,
    },
    primitives::OnceLock,
};

use crate::{
    Oracle,
    cost::{precompile_cost, precompile_cycles_per_gas, table},
    instructions::MachineContext,
};

/// Osaka's set behind the meter. revm makes a table of the precompiles of every fork before it too,
/// which takes the guest as long as a transaction does.
#[derive(Debug, Clone, Copy)]
pub struct MachinePrecompiles {
    addresses: &'static AddressSet,
}

impl MachinePrecompiles {
    pub(crate) fn new() -> Self {
        static ADDRESSES: OnceLock<AddressSet> = OnceLock::new();
        let all = || (0..=NUMBER_MAX).filter_map(precompile).map(|found| *found.address());
        Self { addresses: ADDRESSES.get_or_init(|| all().collect()) }
    }
}

/// The number of the precompile for powers (EIP-198).
const POWER: u16 = 0x05;
/// The highest number of a precompile (EIP-7951).
const NUMBER_MAX: u16 = 0x100;

/// The precompile at an address that is this number.
const fn precompile(number: u16) -> Option<Precompile> {
    Some(match number {
        0x01 => secp256k1::ECRECOVER,
        0x02 => hash::SHA256,
        0x03 => hash::RIPEMD160,
        0x04 => identity::FUN,
        POWER => modexp::OSAKA,
        0x06 => bn254::add::ISTANBUL,
        0x07 => bn254::mul::ISTANBUL,
        0x08 => bn254::pair::ISTANBUL,
        0x09 => blake2::FUN,
        0x0a => kzg_point_evaluation::POINT_EVALUATION,
        0x0b => bls12_381::g1_add::PRECOMPILE,
        0x0c => bls12_381::g1_msm::PRECOMPILE,
        0x0d => bls12_381::g2_add::PRECOMPILE,
        0x0e => bls12_381::g2_msm::PRECOMPILE,
        0x0f => bls12_381::pairing::PRECOMPILE,
        0x10 => bls12_381::map_fp_to_g1::PRECOMPILE,
        0x11 => bls12_381::map_fp2_to_g2::PRECOMPILE,
        0x100 => secp256r1::P256VERIFY_OSAKA,
        _ => return None,
    })
}

impl<O: Oracle> PrecompileProvider<MachineContext<O>> for MachinePrecompiles {
    type Output = InterpreterResult;

    fn set_spec(&mut self, _: <<MachineContext<O> as ContextTr>::Cfg as Cfg>::Spec) -> bool {
        // There is one.
        false
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
        let found = short_number(inputs.bytecode_address)
            .and_then(|number| Some((number, precompile(number)?)));
        let Some((number, precompile)) = found else { return Ok(None) };
        let input_bytes = u64::try_from(inputs.input.len()).unwrap_or(u64::MAX);
        let mut cycles = precompile_cost(number, input_bytes);
        let per_gas = precompile_cycles_per_gas(number);
        if per_gas > 0 {
            let input = inputs.input.as_bytes(context);
            let gas = work::gas(number, &input);
            // More than it was given: it runs out of gas instead of doing the work.
            if gas <= inputs.gas_limit {
                let halvings = if number == POWER { work::power_halvings(&input) } else { 0 };
                let halving = table::MODEXP_HALVING.saturating_mul(halvings);
                cycles = cycles.saturating_add(per_gas.saturating_mul(gas)).saturating_add(halving);
            }
        }
        if !context.chain.charge(cycles) {
            return Ok(Some(out_of_gas(inputs)));
        }
        let input = inputs.input.as_bytes(context);
        let output = precompile.execute(&input, inputs.gas_limit, inputs.reservoir);
        drop(input);
        let output = output.map_err(|error| error.to_string())?;
        // As revm has it: what is wrong with the input of an outermost call is told.
        if let Some(reason) = output.halt_reason().filter(|reason| !reason.is_oog())
            && context.journaled_state.depth() == 1
        {
            context.local.set_precompile_error_context(reason.to_string());
        }
        Ok(Some(precompile_output_to_interpreter_result(output, inputs.gas_limit)))
    }

    fn warm_addresses(&self) -> &AddressSet {
        self.addresses
    }
}

fn out_of_gas(inputs: &CallInputs) -> InterpreterResult {
    InterpreterResult::new_oog(inputs.gas_limit, inputs.reservoir)
}

/// The address as a number, if it fits one.
fn short_number(address: Address) -> Option<u16> {
    let [zeros @ .., high, low] = address.into_array();
    zeros.iter().all(|byte| *byte == 0).then(|| u16::from_be_bytes([high, low]))
}

#[cfg(test)]
mod tests;
