//! Messages as linear forms over a row.
//!
//! Every tuple and every count on a bus is linear in the row that sends it. So what the bus
//! argument needs of a tuple, its fingerprint, is linear too, and with the challenges known it is
//! one sum over a few columns, however many elements the tuple has.

use std::collections::BTreeMap;

use minster_machine::{EF, F};
use p3_air::SymbolicExpression;
use p3_air::symbolic::{BaseEntry, BaseLeaf, SymbolicExpr};
use p3_field::{Algebra, BasedVectorSpace, ExtensionField, Field, PrimeCharacteristicRing};
use p3_lookup::Lookup;

/// As many elements as the processor works on at once.
pub type Packed = <F as Field>::Packing;
/// As many elements of the extension.
pub type PackedExt = <EF as ExtensionField<F>>::ExtensionPacking;

/// Elements of the field in an element of its extension.
pub const DEGREE: usize = <EF as BasedVectorSpace<F>>::DIMENSION;

/// Where things are in a row: its columns, those that the key fixes, the public values.
#[derive(Clone, Copy, Debug)]
pub struct Widths {
    /// Columns that a run fills.
    pub main: usize,
    /// Columns that the key fixes.
    pub fixed: usize,
}

impl Widths {
    /// The place of a variable in a row. None of the next row.
    fn place(self, entry: BaseEntry, index: usize) -> Option<usize> {
        match entry {
            BaseEntry::Main { offset: 0 } => Some(index),
            BaseEntry::Preprocessed { offset: 0 } => Some(self.main + index),
            BaseEntry::Public => Some(self.main + self.fixed + index),
            _ => None,
        }
    }
}

/// A constant, and coefficients by place in the row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Linear {
    constant: F,
    terms: BTreeMap<usize, F>,
}

impl Linear {
    /// The form of an expression, if it is linear in one row.
    pub fn new(expression: &SymbolicExpression<F>, widths: Widths) -> Option<Self> {
        let form = |part| Self::new(part, widths);
        match expression {
            SymbolicExpr::Leaf(BaseLeaf::Constant(constant)) => {
                Some(Self { constant: *constant, terms: BTreeMap::new() })
            }
            SymbolicExpr::Leaf(BaseLeaf::Variable(variable)) => {
                let place = widths.place(variable.entry, variable.index)?;
                Some(Self { constant: F::ZERO, terms: BTreeMap::from([(place, F::ONE)]) })
            }
            SymbolicExpr::Leaf(_) => None,
            SymbolicExpr::Add { x, y, .. } => Some(form(x)?.plus(form(y)?, F::ONE)),
            SymbolicExpr::Sub { x, y, .. } => Some(form(x)?.plus(form(y)?, F::NEG_ONE)),
            SymbolicExpr::Neg { x, .. } => Some(Self::default().plus(form(x)?, F::NEG_ONE)),
            SymbolicExpr::Mul { x, y, .. } => match (form(x)?, form(y)?) {
                (x, y) if x.terms.is_empty() => Some(Self::default().plus(y, x.constant)),
                (x, y) if y.terms.is_empty() => Some(Self::default().plus(x, y.constant)),
                _ => None,
            },
        }
    }

    fn plus(mut self, other: Self, times: F) -> Self {
        self.constant += other.constant * times;
        for (place, coefficient) in other.terms {
            *self.terms.entry(place).or_default() += coefficient * times;
        }
        self.terms.retain(|_, coefficient| !coefficient.is_zero());
        self
    }

    /// The value on rows.
    pub fn value(&self, row: &[Packed]) -> Packed {
        let terms = self.terms.iter().map(|(place, coefficient)| match *coefficient {
            F::ONE => row[*place],
            F::NEG_ONE => -row[*place],
            coefficient => row[*place] * coefficient,
        });
        terms.fold(Packed::from(self.constant), |sum, term| sum + term)
    }
}

/// A message: the elements of its tuple, and how often it is sent.
#[derive(Clone, Debug)]
pub struct Message {
    tuple: Vec<Linear>,
    /// How often it is sent: negative if it is received.
    pub count: Linear,
}

/// The messages that share a column of the bus argument.
pub fn messages(lookup: &Lookup<F>, widths: Widths) -> Option<Vec<Message>> {
    if lookup.flags.is_some() {
        return None;
    }
    let parts = lookup.elements.iter().zip(&lookup.multiplicities);
    let message = |(tuple, count): (&Vec<SymbolicExpression<F>>, &SymbolicExpression<F>)| {
        let tuple: Option<_> = tuple.iter().map(|element| Linear::new(element, widths)).collect();
        Some(Message { tuple: tuple?, count: Linear::new(count, widths)? })
    };
    parts.map(message).collect()
}

/// What a tuple `t` of length `k` weighs under challenges: `alpha - sum_j beta^(k-1-j)·t_j`.
pub struct Fingerprint {
    constant: PackedExt,
    places: Vec<usize>,
    /// By coordinate of the extension, then by place.
    coefficients: [Vec<F>; DEGREE],
}

impl Fingerprint {
    /// The fingerprint of a message's tuple. `alpha` is the challenge of the bus, `beta` of all.
    pub fn new(message: &Message, alpha: EF, beta: EF) -> Self {
        let mut constant = alpha;
        let mut terms = BTreeMap::<usize, EF>::new();
        for (element, power) in message.tuple.iter().rev().zip(beta.powers()) {
            constant -= power * element.constant;
            for (place, coefficient) in &element.terms {
                *terms.entry(*place).or_default() -= power * *coefficient;
            }
        }
        let coordinate = |index: usize| {
            let of = |coefficient: &EF| coefficient.as_basis_coefficients_slice()[index];
            terms.values().map(of).collect()
        };
        Self {
            constant: PackedExt::from(constant),
            places: terms.keys().copied().collect(),
            coefficients: std::array::from_fn(coordinate),
        }
    }

    /// The value on rows. `scratch` is memory to use, whatever is in it.
    pub fn value(&self, row: &[Packed], scratch: &mut Vec<Packed>) -> PackedExt {
        scratch.clear();
        scratch.extend(self.places.iter().map(|place| row[*place]));
        let sum = PackedExt::from_basis_coefficients_fn(|coordinate| {
            Packed::batched_linear_combination(scratch, &self.coefficients[coordinate])
        });
        sum + self.constant
    }
}
