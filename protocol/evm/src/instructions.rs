//! Osaka's instruction table with the meter in front of each instruction.

use alloy_primitives::{Address, U256};
use revm::{
    bytecode::opcode as op,
    context::{BlockEnv, CfgEnv, Context, Journal, TxEnv},
    handler::instructions::EthInstructions,
    interpreter::{
        Instruction, InstructionContext, InstructionExecResult, InstructionResult, Stack,
        instructions::gas_table_spec, interpreter::EthInterpreter,
    },
    primitives::hardfork::SpecId,
};

use crate::{
    InstructionCost, Meter, Oracle,
    cost::{MOVE_DOWN, NEW_CODE, instruction_cost, table},
    overlay::Overlay,
    touched::Touched,
};

/// The machine's context: the meter rides in the chain field.
pub type MachineContext<O> =
    Context<BlockEnv, TxEnv, CfgEnv, Overlay<O>, Journal<Overlay<O>>, Meter>;

/// The instruction set of the machine.
pub type MachineInstructions<O> = EthInstructions<EthInterpreter, MachineContext<O>>;

/// The gas that a word of memory takes beside the square of all (Yellow Paper, `G_memory`).
const MEMORY_GAS_PER_WORD: u64 = 3;
/// The gas that a byte of a code takes (Yellow Paper, `G_codedeposit`).
const CODE_GAS_PER_BYTE: u64 = 200;

type Ctx<'a, O> = InstructionContext<'a, MachineContext<O>, EthInterpreter>;

/// Charges the meter for what is due and for this instruction, then runs revm's.
fn metered<const OPCODE: u8, O: Oracle>(mut ctx: Ctx<'_, O>) -> InstructionExecResult {
    let cost = const { instruction_cost(OPCODE) };
    let cycles = match cost.length_operand {
        None => cost.base,
        Some(position) => cost.base.saturating_add(words_cost(&ctx, cost, position)),
    };
    let cycles = cycles.saturating_add(special::<OPCODE, O>(&mut ctx));
    let due = touched(&mut ctx).take_due();
    if !ctx.host.chain.charge(cycles.saturating_add(due)) {
        return Err(InstructionResult::OutOfGas);
    }
    let InstructionContext { interpreter, host } = ctx;
    if let Some(depth) = const { swapped(OPCODE) } {
        return swap(&mut interpreter.stack, depth);
    }
    if const { !grows_memory(OPCODE) && !touches_state(OPCODE) } {
        return original::<OPCODE, O>().execute(InstructionContext { interpreter, host });
    }
    let before = interpreter.gas.memory().words_num;
    let context = InstructionContext { interpreter: &mut *interpreter, host: &mut *host };
    let result = original::<OPCODE, O>().execute(context);
    let words = match result {
        // The machine notes the size before it takes the gas, and there is no such memory.
        Err(InstructionResult::MemoryOOG | InstructionResult::MemoryLimitOOG) => 0,
        _ => interpreter.gas.memory().words_num.saturating_sub(before),
    };
    let words = u64::try_from(words).unwrap_or(u64::MAX);
    let mut cycles = words.saturating_mul(table::MEMORY_WORD);
    if const { touches_state(OPCODE) } {
        // There may be no gas for an instruction after it.
        cycles = cycles.saturating_add(host.journaled_state.database.touched_mut().take_due());
    }
    match (host.chain.charge(cycles), result) {
        // The frame that is called halts at its first step, and this one after it.
        (true, result) | (false, result @ Err(InstructionResult::Suspend)) => result,
        (false, _) => Err(InstructionResult::OutOfGas),
    }
}

/// How far below the top of the stack a SWAP finds the other word.
const fn swapped(opcode: u8) -> Option<usize> {
    #[expect(clippy::as_conversions, reason = "a constant function has no other way to widen")]
    match opcode {
        op::SWAP1..=op::SWAP16 => {
            Some((opcode.saturating_sub(op::SWAP1) as usize).saturating_add(1))
        }
        _ => None,
    }
}

/// Exchanges the top of the stack with another word. The machine's own goes through memory that has
/// no type, which the guest's compiler moves byte by byte: half of what a SWAP took.
fn swap(stack: &mut Stack, depth: usize) -> InstructionExecResult {
    let Some((top, others)) = stack.data_mut().split_last_mut() else {
        return Err(InstructionResult::StackUnderflow);
    };
    let Some(other) = others.len().checked_sub(depth).and_then(|index| others.get_mut(index))
    else {
        return Err(InstructionResult::StackUnderflow);
    };
    let (was_top, was_below) = (top.into_limbs(), other.into_limbs());
    (*top, *other) = (U256::from_limbs(was_below), U256::from_limbs(was_top));
    Ok(())
}

/// Whether memory may grow by an instruction after which the frame goes on.
const fn grows_memory(opcode: u8) -> bool {
    matches!(
        opcode,
        op::KECCAK256
            | op::CALLDATACOPY
            | op::CODECOPY
            | op::EXTCODECOPY
            | op::RETURNDATACOPY
            | op::MLOAD
            | op::MSTORE
            | op::MSTORE8
            | op::MCOPY
            | op::LOG0..=op::LOG4
    ) || opens_frame(opcode)
}

/// Whether an instruction calls or creates.
const fn opens_frame(opcode: u8) -> bool {
    matches!(
        opcode,
        op::CREATE | op::CREATE2 | op::CALL | op::CALLCODE | op::DELEGATECALL | op::STATICCALL
    )
}

/// Whether an instruction may read something of the state that nothing has read before.
const fn touches_state(opcode: u8) -> bool {
    matches!(
        opcode,
        op::BALANCE
            | op::EXTCODESIZE
            | op::EXTCODECOPY
            | op::EXTCODEHASH
            | op::BLOCKHASH
            | op::SELFBALANCE
            | op::SLOAD
            | op::SSTORE
            | op::SELFDESTRUCT
    ) || opens_frame(opcode)
}

/// What depends on more than a length, in cycle-equivalents; marks what the instruction writes.
fn special<const OPCODE: u8, O: Oracle>(ctx: &mut Ctx<'_, O>) -> u64 {
    match OPCODE {
        op::EXP => operand(ctx, 1).map_or(0, |exponent| {
            let bytes = u64::try_from(exponent.byte_len()).unwrap_or(0);
            table::EXPONENT_BYTE.saturating_mul(bytes)
        }),
        op::MCOPY if moves_down(ctx) => words_cost(ctx, MOVE_DOWN, 2),
        op::RETURN | op::REVERT => return_cost::<OPCODE, O>(ctx),
        op::SSTORE => {
            if let Some(slot) = operand(ctx, 0) {
                let address = ctx.interpreter.input.target_address;
                touched(ctx).slot_change(address, slot);
            }
            0
        }
        op::CALL => {
            let value = operand(ctx, 2).unwrap_or_default();
            pay(ctx, 1, !value.is_zero());
            0
        }
        op::SELFDESTRUCT => {
            pay(ctx, 0, true);
            0
        }
        // The new account is always changed.
        op::CREATE | op::CREATE2 => {
            let creator = ctx.interpreter.input.target_address;
            touched(ctx).account_change(creator);
            table::CHANGED_ACCOUNT
        }
        _ => 0,
    }
}

/// Whether an MCOPY moves what it reads towards lower addresses by less than its length. That is
/// copied byte by byte where it is not whole words.
fn moves_down<O: Oracle>(ctx: &Ctx<'_, O>) -> bool {
    let (Some(to), Some(from), Some(length)) = (operand(ctx, 0), operand(ctx, 1), operand(ctx, 2))
    else {
        return false;
    };
    from > to && from.wrapping_sub(to) < length
}

/// Marks the frame's account and the one that the stack names at this position, if ether moves.
fn pay<O: Oracle>(ctx: &mut Ctx<'_, O>, position: usize, has_value: bool) {
    let Some(to) = operand(ctx, position).filter(|_| has_value) else { return };
    let from = ctx.interpreter.input.target_address;
    touched(ctx).account_change(from);
    touched(ctx).account_change(Address::from_word(to.into()));
}

/// What is returned, the growth of memory for it, after which no instruction comes, and the keeping
/// of a code. Memory that is there already takes no gas, however little is left.
fn return_cost<const OPCODE: u8, O: Oracle>(ctx: &Ctx<'_, O>) -> u64 {
    let size = |position| u64::try_from(operand(ctx, position)?).ok();
    let (Some(offset), Some(length)) = (size(0), size(1)) else { return 0 };
    if length == 0 {
        return 0;
    }
    let gas = ctx.interpreter.gas.remaining();
    let before = u64::try_from(ctx.interpreter.gas.memory().words_num).unwrap_or(u64::MAX);
    let after = offset.saturating_add(length).div_ceil(32).max(before);
    if memory_gas(after).saturating_sub(memory_gas(before)) > gas {
        return 0;
    }
    let growth = after.saturating_sub(before).saturating_mul(table::MEMORY_WORD);
    let returned = length.div_ceil(32);
    let cycles = growth.saturating_add(returned.saturating_mul(table::RETURN_WORD));
    let is_code = OPCODE == op::RETURN && ctx.interpreter.input.bytecode_address.is_none();
    if !is_code || length.saturating_mul(CODE_GAS_PER_BYTE) > gas {
        return cycles;
    }
    cycles.saturating_add(returned.saturating_mul(table::CODE_WORD)).saturating_add(NEW_CODE)
}

/// The gas of so many words of memory (Yellow Paper, `C_mem`).
const fn memory_gas(words: u64) -> u64 {
    words.saturating_mul(MEMORY_GAS_PER_WORD).saturating_add(words.saturating_mul(words) / 512)
}

fn operand<O: Oracle>(ctx: &Ctx<'_, O>, position: usize) -> Option<U256> {
    let stack = ctx.interpreter.stack.data();
    stack.get(stack.len().checked_sub(position.checked_add(1)?)?).copied()
}

const fn touched<'a, O: Oracle>(ctx: &'a mut Ctx<'_, O>) -> &'a mut Touched {
    ctx.host.journaled_state.database.touched_mut()
}

fn original<const OPCODE: u8, O: Oracle>() -> Instruction<EthInterpreter, MachineContext<O>> {
    const {
        let table = revm::interpreter::instructions::instruction_table::<
            EthInterpreter,
            MachineContext<O>,
        >();
        #[expect(
            clippy::indexing_slicing,
            clippy::as_conversions,
            reason = "a u8 indexes a table of 256, and this is evaluated at compile time"
        )]
        table[OPCODE as usize]
    }
}

fn words_cost<O: Oracle>(ctx: &Ctx<'_, O>, cost: InstructionCost, position: usize) -> u64 {
    // Longer than any gas can pay: the instruction itself runs out of gas. Of a word that is not
    // whole some instructions take gas by the byte.
    let Some(Ok(length)) = operand(ctx, position).map(u64::try_from) else { return 0 };
    let whole_words = length / 32;
    if whole_words.saturating_mul(cost.gas_per_word) > ctx.interpreter.gas.remaining() {
        return 0;
    }
    length.div_ceil(32).saturating_mul(cost.per_word)
}

macro_rules! metered_table {
    ($table:ident, $oracle:ident; $($opcode:literal),* $(,)?) => {
        $($table.insert_instruction(
            $opcode,
            Instruction::new(metered::<$opcode, $oracle>),
            GAS_TABLE[$opcode],
        );)*
    };
}

const GAS_TABLE: revm::interpreter::instructions::GasTable = gas_table_spec(SpecId::OSAKA);

/// The table of all 256 opcodes.
pub fn machine_instructions<O: Oracle>() -> MachineInstructions<O> {
    let mut table = EthInstructions::new_mainnet_with_spec(SpecId::OSAKA);
    metered_table!(
        table, O;
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
        32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
        48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
        64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79,
        80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95,
        96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111,
        112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127,
        128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143,
        144, 145, 146, 147, 148, 149, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159,
        160, 161, 162, 163, 164, 165, 166, 167, 168, 169, 170, 171, 172, 173, 174, 175,
        176, 177, 178, 179, 180, 181, 182, 183, 184, 185, 186, 187, 188, 189, 190, 191,
        192, 193, 194, 195, 196, 197, 198, 199, 200, 201, 202, 203, 204, 205, 206, 207,
        208, 209, 210, 211, 212, 213, 214, 215, 216, 217, 218, 219, 220, 221, 222, 223,
        224, 225, 226, 227, 228, 229, 230, 231, 232, 233, 234, 235, 236, 237, 238, 239,
        240, 241, 242, 243, 244, 245, 246, 247, 248, 249, 250, 251, 252, 253, 254, 255,
    );
    table
}
