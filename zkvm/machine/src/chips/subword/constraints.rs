//! Constraints of the chip of loads and stores of parts of a word.

use p3_field::PrimeCharacteristicRing;

use super::{SubwordAccess, SubwordRow};
use crate::builder::ChipBuilder;
use crate::buses::{self, ALIGN, constant};
use crate::chips::address::{cell, high, words};
use crate::chips::ram::{self, RamInstruction};
use crate::rom::operation;
use crate::table::Table;

impl Table for SubwordAccess {
    const NAME: &'static str = "subword";
    type Row<T: Copy> = SubwordRow<T>;

    fn eval<AB: ChipBuilder>(row: &SubwordRow<AB::Var>, builder: &mut AB) {
        let kinds = Kinds::<AB>::new(row);
        let real = kinds.load.clone() + kinds.store.clone();
        builder.constrain_bool("SUBWORD-1", row.is_lb);
        builder.constrain_bool("SUBWORD-2", row.is_lbu);
        builder.constrain_bool("SUBWORD-3", row.is_lh);
        builder.constrain_bool("SUBWORD-4", row.is_lhu);
        builder.constrain_bool("SUBWORD-5", row.is_sb);
        builder.constrain_bool("SUBWORD-6", row.is_sh);
        builder.constrain_bool("SUBWORD-7", real.clone());
        let cell = address(row, &kinds, real.clone(), builder);
        parts(row, &kinds, real.clone(), builder);
        loaded(row, &kinds, builder);
        stored(row, builder);

        let operations = [
            (row.is_lb, operation::LB),
            (row.is_lbu, operation::LBU),
            (row.is_lh, operation::LH),
            (row.is_lhu, operation::LHU),
            (row.is_sb, operation::SB),
            (row.is_sh, operation::SH),
        ];
        let instruction = RamInstruction {
            pc: row.pc,
            clock: row.clock,
            operations,
            is_load: kinds.load,
            is_store: kinds.store,
            register: row.register,
            rs1: row.rs1,
            address: row.address,
            cell,
            held: [row.held, row.value],
            memory: [row.memory, row.stored],
            ages: [row.base_age, row.register_age, row.memory_age],
        };
        ram::execute(builder, instruction, real);
    }
}

/// Sums of flags, bits like them.
struct Kinds<AB: ChipBuilder> {
    load: AB::Expr,
    store: AB::Expr,
    half: AB::Expr,
}

impl<AB: ChipBuilder> Kinds<AB> {
    fn new(row: &SubwordRow<AB::Var>) -> Self {
        let half_load: AB::Expr = row.is_lh.into() + row.is_lhu;
        Self {
            load: half_load.clone() + row.is_lb + row.is_lbu,
            store: row.is_sb.into() + row.is_sh,
            half: half_load + row.is_sh,
        }
    }
}

/// The cell of the word that holds the part.
fn address<AB: ChipBuilder>(
    row: &SubwordRow<AB::Var>,
    kinds: &Kinds<AB>,
    real: AB::Expr,
    builder: &mut AB,
) -> AB::Expr {
    builder.constrain_bool("SUBWORD-8", row.address.carry_low);
    builder.constrain_bool("SUBWORD-9", row.address.carry_high);
    builder.constrain_bool("SUBWORD-10", row.odd);
    builder.constrain_bool("SUBWORD-11", row.upper);
    builder.constrain("SUBWORD-12", kinds.half.clone() * row.odd);
    let offset = row.upper.into().double() + row.odd;
    let words = words::<AB>(&row.address, offset.clone());
    let high = high::<AB>(&row.address);
    buses::send(builder, ALIGN, [words.clone(), offset], real.clone());
    // Below 2^15: a cell of RAM, never one of a register.
    buses::range(builder, high.double(), real);
    cell::<AB>(words, high)
}

/// The bytes of the limbs that are moved, and the sign of a load.
fn parts<AB: ChipBuilder>(
    row: &SubwordRow<AB::Var>,
    kinds: &Kinds<AB>,
    real: AB::Expr,
    builder: &mut AB,
) {
    let byte = constant::<AB>(1 << 8);
    let limb = (row.memory.high.into() - row.memory.low) * row.upper + row.memory.low;
    builder.constrain("SUBWORD-13", byte.clone() * row.high_byte + row.low_byte - limb);
    builder.constrain_bool("SUBWORD-14", row.sign);
    let remainder = top_byte(row, kinds).double() - byte.clone() * row.sign - row.tested;
    builder.constrain("SUBWORD-15", kinds.load.clone() * remainder);
    builder.constrain("SUBWORD-16", kinds.load.clone() * row.rest);
    let split = byte * row.rest + row.tested - row.held.low;
    builder.constrain("SUBWORD-17", kinds.store.clone() * split);
    builder.constrain("SUBWORD-18", kinds.store.clone() * row.sign);
    buses::bytes(builder, [row.low_byte.into(), row.high_byte.into()], real.clone());
    buses::bytes(builder, [row.tested.into(), row.rest.into()], real);
}

/// The byte that is addressed, or the upper one of a half word.
fn top_byte<AB: ChipBuilder>(row: &SubwordRow<AB::Var>, kinds: &Kinds<AB>) -> AB::Expr {
    let is_high = kinds.half.clone() + row.odd;
    (row.high_byte.into() - row.low_byte) * is_high + row.low_byte
}

/// What the register holds afterwards.
fn loaded<AB: ChipBuilder>(row: &SubwordRow<AB::Var>, kinds: &Kinds<AB>, builder: &mut AB) {
    let signed_byte = row.sign.into() * row.is_lb;
    let signed = row.sign.into() * row.is_lh + signed_byte.clone();
    let is_byte = row.is_lb.into() + row.is_lbu;
    let limb = row.high_byte.into() * constant::<AB>(1 << 8) + row.low_byte;
    let low = is_byte * top_byte(row, kinds)
        + signed_byte * constant::<AB>(0xff00)
        + limb * (row.is_lh.into() + row.is_lhu)
        + kinds.store.clone() * row.held.low;
    let high = signed * constant::<AB>(0xffff) + kinds.store.clone() * row.held.high;
    builder.constrain("SUBWORD-19", low - row.value.low);
    builder.constrain("SUBWORD-20", high - row.value.high);
}

/// What the word of RAM holds afterwards: in the other limb, and in the other byte, what it held.
fn stored<AB: ChipBuilder>(row: &SubwordRow<AB::Var>, builder: &mut AB) {
    let low = row.stored.low.into() - row.memory.low;
    let high = row.stored.high.into() - row.memory.high;
    builder.constrain("SUBWORD-21", low.clone() * row.upper);
    builder.constrain("SUBWORD-22", (AB::Expr::ONE - row.upper) * high.clone());
    let byte = constant::<AB>(1 << 8);
    let even_byte = (AB::Expr::ONE - row.odd) * (row.tested.into() - row.low_byte);
    let odd_byte = (row.tested.into() - row.high_byte) * row.odd * byte.clone();
    let half = row.held.low.into() - byte * row.high_byte - row.low_byte;
    let change = (even_byte + odd_byte) * row.is_sb + half * row.is_sh;
    builder.constrain("SUBWORD-23", low + high - change);
}
