//! Rows of the chip of modular arithmetic.

use minster_precompiles::modular::{self, Division};
use minster_precompiles::{Block, Function, Refusal};
use p3_field::PrimeCharacteristicRing;

use super::{Modular, ModularRow};
use crate::F;
use crate::chips::bignum::{COEFFICIENTS, Factor, LIMBS, bytes, carries, less_cells, limbs};
use crate::chips::precompile::{CallRecord, PrecompileTable};
use crate::lookups::LookupCounts;

impl PrecompileTable for Modular {
    const ROWS: usize = 1;

    fn fill(call: &CallRecord<'_>, rows: &mut [ModularRow<F>], counts: &mut LookupCounts) {
        let (Some(row), [before, a, b, m, ..]) = (rows.first_mut(), call.before) else { return };
        // Refused operands are never recorded. If they were, no quotient would satisfy the row.
        let Division { quotient, result } = divide(call.function, [a, b, m]).unwrap_or_default();
        let [before, result, a, b, m, quotient] = [before, &result, a, b, m, &quotient].map(limbs);
        result.iter().for_each(|limb| counts.range(*limb));
        let is = |function| F::from_bool(call.function == function);
        *row = ModularRow {
            clock: F::from_u32(call.clock),
            is_mul: is(Function::ModMul),
            is_add: is(Function::ModAdd),
            is_sub: is(Function::ModSub),
            cells: call.cells.map(F::from_u32),
            a: bytes(&a, counts),
            b: bytes(&b, counts),
            m: bytes(&m, counts),
            quotient: bytes(&quotient, counts),
            before: before.map(F::from_u32),
            result: result.map(F::from_u32),
            carries: carries(&equation(call.function, [&a, &b, &m, &quotient, &result]), counts),
            less: less_cells(&result, &m, counts),
        };
    }
}

/// The quotient and the result of a function of this chip.
fn divide(function: Function, [a, b, m]: [&Block; 3]) -> Result<Division, Refusal> {
    match function {
        Function::ModAdd => modular::add(a, b, m),
        Function::ModSub => modular::sub(a, b, m),
        _ => modular::mul(a, b, m),
    }
}

/// The coefficients of `a·b - q·m - r`, of `a + b - q·m - r`, or of `a - b + q·m - r`.
fn equation(
    function: Function,
    [a, b, m, quotient, result]: [&[u32; LIMBS]; 5],
) -> [i64; COEFFICIENTS] {
    let multiple = Factor::of(quotient).times(&Factor::of(m));
    let mut sum = match function {
        Function::ModSub => multiple,
        _ => multiple.map(|coefficient| -coefficient),
    };
    if function == Function::ModMul {
        let product = Factor::of(a).times(&Factor::of(b));
        sum.iter_mut().zip(product).for_each(|(sum, product)| *sum += product);
    }
    for (k, sum) in sum.iter_mut().take(LIMBS).enumerate() {
        let [a, b, result] = [a, b, result].map(|limbs| i64::from(limbs[k]));
        *sum += match function {
            Function::ModAdd => a + b,
            Function::ModSub => a - b,
            _ => 0,
        };
        *sum -= result;
    }
    sum
}
