//! Osaka's instruction table with the meter in front of each instruction.

use revm::{
    context::{BlockEnv, CfgEnv, Context, Journal, TxEnv},
    handler::instructions::EthInstructions,
    interpreter::{
        Instruction, InstructionContext, InstructionExecResult, InstructionResult,
        instructions::gas_table_spec, interpreter::EthInterpreter,
    },
    primitives::hardfork::SpecId,
};

use crate::{InstructionCost, Meter, Oracle, cost::instruction_cost, overlay::Overlay};

/// The machine's context: the meter rides in the chain field.
pub type MachineContext<O> =
    Context<BlockEnv, TxEnv, CfgEnv, Overlay<O>, Journal<Overlay<O>>, Meter>;

/// The instruction set of the machine.
pub type MachineInstructions<O> = EthInstructions<EthInterpreter, MachineContext<O>>;

type Ctx<'a, O> = InstructionContext<'a, MachineContext<O>, EthInterpreter>;

/// Charges the meter, then runs revm's instruction.
fn metered<const OPCODE: u8, O: Oracle>(ctx: Ctx<'_, O>) -> InstructionExecResult {
    let cost = const { instruction_cost(OPCODE) };
    let cycles = match cost.length_operand {
        None => cost.base,
        Some(position) => cost.base.saturating_add(words_cost(&ctx, cost, position)),
    };
    if !ctx.host.chain.charge(cycles) {
        return Err(InstructionResult::OutOfGas);
    }
    original::<OPCODE, O>().execute(ctx)
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
    let stack = ctx.interpreter.stack.data();
    let Some(index) = stack.len().checked_sub(position.saturating_add(1)) else { return 0 };
    let Some(length) = stack.get(index) else { return 0 };
    // Longer than any gas can pay: the instruction itself runs out of gas.
    let Ok(length) = u64::try_from(*length) else { return 0 };
    let words = length.div_ceil(32);
    if words.saturating_mul(cost.gas_per_word) > ctx.interpreter.gas.remaining() {
        return 0;
    }
    words.saturating_mul(cost.per_word)
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
