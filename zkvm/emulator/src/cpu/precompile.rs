//! Calls of precompiles.

use minster_precompiles::{ADDRESS_END, BLOCKS_MAX, Block, Function, OPERANDS_MAX};

use super::{A0, Cpu, Next, Observer, Stop, admitted, aligned, outside};
use crate::cells::LEAF_WORDS;
use crate::error::TrapKind;

/// A call that is about to be, or has been, made.
pub struct PrecompileCall {
    pub function: Function,
    /// What the address registers hold; 0 of those that the function does not have.
    pub addresses: [u32; OPERANDS_MAX],
    /// The blocks of all operands before the call, one operand behind the other; zeros behind them.
    pub before: [Block; BLOCKS_MAX],
    /// The same after the call, in which only operand 0 is another.
    pub after: [Block; BLOCKS_MAX],
}

impl PrecompileCall {
    /// The operand and the first cell of every block.
    pub fn places(&self) -> impl Iterator<Item = (usize, u32)> + use<> {
        let operands = self.function.operands().iter().zip(self.addresses).enumerate();
        operands.flat_map(|(operand, (blocks, address))| {
            let cells = (address / 4..).step_by(LEAF_WORDS).take(*blocks);
            cells.map(move |cell| (operand, cell))
        })
    }
}

impl Cpu {
    pub(super) fn precompile(&mut self, o: &mut impl Observer, function: Function) -> Next {
        let zeros = [Block::default(); BLOCKS_MAX];
        let mut call =
            PrecompileCall { function, addresses: [0; OPERANDS_MAX], before: zeros, after: zeros };
        let registers = (A0..).take(function.operands().len());
        for (to, register) in call.addresses.iter_mut().zip(registers) {
            let address = self.register(register);
            if address >= ADDRESS_END {
                return Err(Stop::Trap(TrapKind::PrecompileAddress { address }));
            }
            *to = aligned(address, 4)?;
        }
        let places = call.places();
        for (block, (_, cell)) in call.before.iter_mut().zip(places) {
            for (word, cell) in block.iter_mut().zip(cell..) {
                *word = self.ram.get(cell).ok_or(outside(4 * cell))?;
            }
        }
        call.after = call.before;
        let refused = |refusal| Stop::Trap(TrapKind::PrecompileRefused { function, refusal });
        function.compute(&mut call.after).map_err(refused)?;
        admitted(o.admit_call(&self.ram, &call))?;
        for (block, (_, cell)) in call.after.iter().zip(call.places()).take(function.written()) {
            for (word, cell) in block.iter().zip(cell..) {
                *self.ram.get_mut(cell).ok_or(outside(4 * cell))? = *word;
            }
        }
        o.call(self.pc, &call);
        Ok(self.pc.wrapping_add(4))
    }
}
