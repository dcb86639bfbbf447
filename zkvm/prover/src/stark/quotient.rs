//! The quotient: all constraints of a table, folded into one and divided by what vanishes on it.

use minster_machine::builder::ChipBuilder;
use minster_machine::chip::Chip;
use minster_machine::{EF, F};
use p3_air::symbolic::ConstraintLayout;
use p3_air::{Air, AirBuilder, WindowAccess};
use p3_commit::PolynomialSpace;
use p3_field::PrimeCharacteristicRing;
use p3_field::coset::TwoAdicMultiplicativeCoset;
use p3_field::{Algebra, BasedVectorSpace, PackedFieldExtension, PackedValue};
use p3_lookup::{Count, InteractionBuilder};
use p3_util::{reverse_bits_len, reverse_slice_index_bits};
use rayon::prelude::*;

use super::buses::BusColumn;
use super::linear::{DEGREE, Packed, PackedExt};
use super::rows::Rows;

/// Points at least that a core works on at a time.
const POINTS_MIN: usize = 1 << 10;

/// What tells rows apart on the points of the quotient's domain, for all tables of one height.
/// As everything that is committed, points are in bit-reversed order.
pub struct Selectors {
    first: Vec<F>,
    last: Vec<F>,
    transition: Vec<F>,
    inverse_vanishing: Vec<F>,
    log_points: usize,
    /// From a row to the next one, in points.
    step: usize,
}

impl Selectors {
    /// The selectors of a table's domain on the points of another one.
    pub fn new(
        table: TwoAdicMultiplicativeCoset<F>,
        points: TwoAdicMultiplicativeCoset<F>,
    ) -> Self {
        let selectors = table.selectors_on_coset(points);
        let reversed = |mut values: Vec<F>| {
            reverse_slice_index_bits(&mut values);
            values
        };
        let [first, last] = [selectors.is_first_row, selectors.is_last_row].map(reversed);
        let transition = reversed(selectors.is_transition);
        let inverse_vanishing = reversed(selectors.inv_vanishing);
        let step = points.size() / table.size();
        Self { first, last, transition, inverse_vanishing, log_points: points.log_size(), step }
    }

    /// The place of the point that is a row further.
    fn next(&self, place: usize) -> usize {
        let point = reverse_bits_len(place, self.log_points);
        let mask = (1 << self.log_points) - 1;
        reverse_bits_len((point + self.step) & mask, self.log_points)
    }

    fn at(values: &[F], start: usize) -> Packed {
        *Packed::from_slice(&values[start..start + Packed::WIDTH])
    }
}

/// A table on the points of the quotient's domain.
pub struct Points<'a> {
    /// The chip.
    pub air: &'a Chip,
    /// Its columns.
    pub rows: Rows<'a>,
    /// Its width without the columns that the key fixes.
    pub width: usize,
    /// Its columns of the bus argument, in coordinates.
    pub buses: &'a [F],
    /// What these columns are of.
    pub columns: &'a [BusColumn<'a>],
    /// The sum of all fractions.
    pub terminal: EF,
    /// The public values.
    pub public: &'a [F],
    /// The selectors.
    pub selectors: &'a Selectors,
}

impl Points<'_> {
    /// The quotient's values in coordinates, in bit-reversed order, with `alpha` to fold by.
    pub fn quotient(&self, layout: &ConstraintLayout, alpha: EF) -> Vec<F> {
        let powers = layout.decompose_alpha(alpha);
        let mut values = F::zero_vec(DEGREE << self.selectors.log_points);
        let groups = values.par_chunks_mut(DEGREE * Packed::WIDTH).enumerate();
        groups.with_min_len(POINTS_MIN / Packed::WIDTH).for_each_init(
            || self.memory(),
            |memory, (group, cells)| {
                let value = self.quotient_at(group * Packed::WIDTH, &powers, memory);
                for (lane, cell) in cells.chunks_exact_mut(DEGREE).enumerate() {
                    let value: EF = value.extract(lane);
                    cell.copy_from_slice(value.as_basis_coefficients_slice());
                }
            },
        );
        values
    }

    fn bus_rows(&self) -> Rows<'_> {
        Rows::new(self.buses, DEGREE * (self.columns.len() + 1), &[], 0)
    }

    fn memory(&self) -> Memory {
        Memory {
            row: self.rows.buffer(self.public),
            buses: self.bus_rows().buffer(&[]),
            constraints: Vec::new(),
            bus_constraints: Vec::new(),
            scratch: Vec::new(),
        }
    }

    fn quotient_at(
        &self,
        start: usize,
        (powers, bus_powers): &(Vec<Vec<F>>, Vec<EF>),
        memory: &mut Memory,
    ) -> PackedExt {
        self.rows.load(start, &mut memory.row);
        let (main, fixed) = memory.row.split_at(self.width);
        memory.constraints.clear();
        let mut folder = Folder {
            main: Row(main),
            fixed: Row(fixed),
            points: self,
            start,
            constraints: std::mem::take(&mut memory.constraints),
        };
        self.air.eval(&mut folder);
        memory.constraints = folder.constraints;
        self.bus_constraints(start, memory);
        let sum = PackedExt::from_basis_coefficients_fn(|coordinate| {
            Packed::batched_linear_combination(&memory.constraints, &powers[coordinate])
        });
        let bus_sum = PackedExt::batched_linear_combination(&memory.bus_constraints, bus_powers);
        (sum + bus_sum) * Selectors::at(&self.selectors.inverse_vanishing, start)
    }

    /// The constraints of the bus argument, in the library's order.
    fn bus_constraints(&self, start: usize, memory: &mut Memory) {
        let Memory { row, buses, bus_constraints, scratch, .. } = memory;
        self.bus_rows().load(start, buses);
        let element =
            |index: usize| PackedExt::from_basis_coefficients_fn(|at| buses[DEGREE * index + at]);
        bus_constraints.clear();
        let above = element(0);
        let mut below = above;
        for (index, column) in self.columns.iter().enumerate() {
            let fraction = element(index + 1);
            below += fraction;
            bus_constraints.push(column.constraint(fraction, row, scratch));
        }
        let width = DEGREE * (self.columns.len() + 1);
        let places: [usize; Packed::WIDTH] =
            std::array::from_fn(|lane| width * self.selectors.next(start + lane));
        let next = PackedExt::from_basis_coefficients_fn(|at| {
            Packed::from_fn(|lane| self.buses[places[lane] + at])
        });
        let Selectors { first, last, transition, .. } = self.selectors;
        bus_constraints.push(above * Selectors::at(first, start));
        bus_constraints.push((next - below) * Selectors::at(transition, start));
        let open = PackedExt::from(self.terminal) - below;
        bus_constraints.push(open * Selectors::at(last, start));
    }
}

/// Memory of a core, used again for every group of points.
struct Memory {
    row: Vec<Packed>,
    buses: Vec<Packed>,
    constraints: Vec<Packed>,
    bus_constraints: Vec<PackedExt>,
    scratch: Vec<Packed>,
}

/// A row without a next one: no chip looks at it.
#[derive(Clone, Copy)]
struct Row<'a>(&'a [Packed]);

impl WindowAccess<Packed> for Row<'_> {
    fn current_slice(&self) -> &[Packed] {
        self.0
    }

    fn next_slice(&self) -> &[Packed] {
        &[]
    }
}

/// Collects the constraints of a chip. Its messages are not looked at: see [`BusColumn`].
struct Folder<'a> {
    main: Row<'a>,
    fixed: Row<'a>,
    points: &'a Points<'a>,
    start: usize,
    constraints: Vec<Packed>,
}

impl Folder<'_> {
    fn selector(&self, of: fn(&Selectors) -> &Vec<F>) -> Packed {
        let selectors = self.points.selectors;
        Selectors::at(of(selectors), self.start)
    }
}

impl<'a> AirBuilder for Folder<'a> {
    type F = F;
    type Expr = Packed;
    type Var = Packed;
    type PreprocessedWindow = Row<'a>;
    type MainWindow = Row<'a>;
    type PublicVar = F;
    type PeriodicVar = F;

    #[inline]
    fn main(&self) -> Self::MainWindow {
        self.main
    }

    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        &self.fixed
    }

    fn is_first_row(&self) -> Packed {
        self.selector(|selectors| &selectors.first)
    }

    fn is_last_row(&self) -> Packed {
        self.selector(|selectors| &selectors.last)
    }

    fn is_transition(&self) -> Packed {
        self.selector(|selectors| &selectors.transition)
    }

    #[inline]
    fn assert_zero<I: Into<Packed>>(&mut self, zero: I) {
        self.constraints.push(zero.into());
    }

    fn public_values(&self) -> &[F] {
        self.points.public
    }
}

impl InteractionBuilder for Folder<'_> {
    #[inline]
    fn push_interaction<E: Into<Packed>>(
        &mut self,
        _: &str,
        _: impl IntoIterator<Item = E>,
        _: impl Into<Count<Packed>>,
    ) {
    }

    #[inline]
    fn push_local_interaction(
        &mut self,
        _: impl IntoIterator<Item = (Vec<Packed>, Count<Packed>)>,
    ) {
    }
}

impl ChipBuilder for Folder<'_> {
    #[inline]
    fn message<const N: usize>(&mut self, _: &str, _: [Packed; N], _: Count<Packed>) {}

    #[inline]
    fn constrain(&mut self, _: &'static str, zero: impl Into<Packed>) {
        self.assert_zero(zero);
    }
}
