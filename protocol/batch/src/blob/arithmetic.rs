//! Modular arithmetic, which a zkVM proves by precompiles.

use alloy_primitives::U256;

/// Arithmetic modulo a number `m` of 256 bits. Results are below `m`. In a proof these functions
/// must be bound to exactly that, because soundness rests on them; operands are references, so that
/// a precompile can take their addresses (the limbs lie in memory lowest first).
pub trait ModularArithmetic {
    /// `a·b mod m`, where `b < m`.
    fn mul_mod(a: &U256, b: &U256, m: &U256) -> U256;

    /// `(a + b) mod m`, where `b < m`.
    fn add_mod(a: &U256, b: &U256, m: &U256) -> U256;

    /// `(a - b) mod m`, where `a < m` and `b < m`.
    fn sub_mod(a: &U256, b: &U256, m: &U256) -> U256;
}

/// In software, by `ruint`.
#[derive(Debug, Clone, Copy)]
pub struct Software;

impl ModularArithmetic for Software {
    fn mul_mod(a: &U256, b: &U256, m: &U256) -> U256 {
        a.mul_mod(*b, *m)
    }

    fn add_mod(a: &U256, b: &U256, m: &U256) -> U256 {
        a.add_mod(*b, *m)
    }

    fn sub_mod(a: &U256, b: &U256, m: &U256) -> U256 {
        a.add_mod(m.wrapping_sub(*b), *m)
    }
}
