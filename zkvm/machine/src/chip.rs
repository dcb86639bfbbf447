//! All chips as one type, as the proof system wants them, in the order of a proof's tables.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use p3_air::{Air, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use crate::F;
use crate::builder::ChipBuilder;
use crate::cells::Cells;
use crate::chips::segment::PUBLIC_WIDTH;
use crate::chips::{
    add, addi, blake3, blake3_call, block, branch, call, compare, compression, div, ecall, jalr,
    keccak, lanes, leaf, logic, lookup, modular, mul, node, program, refresh, secp256k1, segment,
    sha256, shift, subword, transfer, word,
};
use crate::public::PublicValues;
use crate::rom::Rom;
use crate::table::Table;

/// The largest degree of any constraint, those of the buses included: with a blowup of 2, the
/// quotient has two chunks, and two messages of one bus of the library share a column.
pub const DEGREE_MAX: usize = 3;
/// Number of tables. A segment opens those of its shape: the first [`BASE_TABLES`] always.
pub const TABLES: usize = 29;
/// Number of tables that every segment opens.
pub const BASE_TABLES: usize = 20;

/// A chip with what its preprocessed columns depend on.
#[derive(Clone, Debug)]
pub enum Chip {
    /// The program's lines.
    Program(Arc<Rom>),
    /// The fixed table.
    Lookup,
    /// The segment's ends.
    Segment,
    /// Additions of a constant.
    Addi,
    /// Jumps to a register.
    Jalr,
    /// Additions and subtractions.
    Add,
    /// Comparisons.
    Compare,
    /// Bitwise operations.
    Logic,
    /// Shifts.
    Shift,
    /// Products.
    Mul,
    /// Quotients and remainders.
    Div,
    /// Branches.
    Branch,
    /// Loads and stores of words.
    Word,
    /// Loads and stores of parts of words.
    SubWord,
    /// Calls of the environment.
    Ecall,
    /// Words that calls move.
    Transfer,
    /// Cells stamped anew.
    Refresh,
    /// Touched memory.
    Leaf,
    /// Inner nodes of the memory tree.
    Node,
    /// Poseidon2 compressions.
    Compression,
    /// Calls of precompiles.
    Call,
    /// Memory that precompiles access.
    Block,
    /// Rounds of Keccak-f.
    Keccak,
    /// States of Keccak-f as they lie in memory.
    Lanes,
    /// Rounds of SHA-256.
    Sha256,
    /// Rounds of BLAKE3.
    Blake3,
    /// Operands of BLAKE3 as they lie in memory.
    Blake3Call,
    /// Arithmetic modulo any number.
    Modular,
    /// Points of secp256k1.
    Secp256k1,
}

/// Runs an expression with `$table` as the type of a chip.
macro_rules! with_table {
    ($chip:expr, $table:ident => $run:expr) => {
        with_table!(@arms $chip, $table, $run,
            Program(_) program::Program, Lookup lookup::Lookup, Segment segment::Segment,
            Addi addi::Addi, Jalr jalr::Jalr, Add add::Add, Compare compare::Compare,
            Logic logic::Logic, Shift shift::Shift, Mul mul::Mul, Div div::Div,
            Branch branch::Branch, Word word::WordAccess, SubWord subword::SubwordAccess,
            Ecall ecall::Ecall, Transfer transfer::Transfer, Refresh refresh::Refresh,
            Leaf leaf::Leaf, Node node::Node, Compression compression::Compression,
            Call call::Call, Block block::Block, Keccak keccak::Keccak, Lanes lanes::Lanes,
            Sha256 sha256::Sha256, Blake3 blake3::Blake3, Blake3Call blake3_call::Blake3Call,
            Modular modular::Modular, Secp256k1 secp256k1::Secp256k1)
    };
    (
        @arms $chip:expr, $table:ident, $run:expr,
        $($variant:ident $(($($inner:tt)*))? $kind:path),*
    ) => {
        match $chip {
            $(Chip::$variant $(($($inner)*))? => {
                type $table = $kind;
                $run
            })*
        }
    };
}

impl Chip {
    /// The chips of a program, in the order of a proof's tables.
    pub fn all(rom: Arc<Rom>) -> [Self; TABLES] {
        [
            Self::Program(rom),
            Self::Lookup,
            Self::Segment,
            Self::Addi,
            Self::Jalr,
            Self::Add,
            Self::Compare,
            Self::Logic,
            Self::Shift,
            Self::Mul,
            Self::Div,
            Self::Branch,
            Self::Word,
            Self::SubWord,
            Self::Ecall,
            Self::Transfer,
            Self::Refresh,
            Self::Leaf,
            Self::Node,
            Self::Compression,
            Self::Call,
            Self::Block,
            Self::Keccak,
            Self::Lanes,
            Self::Sha256,
            Self::Blake3,
            Self::Blake3Call,
            Self::Modular,
            Self::Secp256k1,
        ]
    }

    /// The public values that the table of this chip is checked against.
    pub fn public_values(&self, public: &PublicValues) -> Vec<F> {
        match self {
            Self::Segment => public.elements().to_vec(),
            _ => Vec::new(),
        }
    }

    /// Name in reports.
    pub fn name(&self) -> &'static str {
        with_table!(self, T => T::NAME)
    }

    /// Names of the columns that a prover fills.
    pub fn column_names(&self) -> Vec<String> {
        with_table!(self, T => T::column_names())
    }
}

impl BaseAir<F> for Chip {
    fn width(&self) -> usize {
        with_table!(self, T => T::width())
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        match self {
            Self::Program(rom) => Some(program::Program::preprocessed(rom)),
            Self::Lookup => Some(lookup::Lookup::preprocessed()),
            Self::Segment => Some(segment::Segment::preprocessed()),
            _ => None,
        }
    }

    fn preprocessed_width(&self) -> usize {
        match self {
            Self::Program(_) => program::Program::PREPROCESSED_WIDTH,
            Self::Lookup => <lookup::LookupLine<F> as Cells<F>>::WIDTH,
            Self::Segment => 1,
            _ => 0,
        }
    }

    fn main_next_row_columns(&self) -> Vec<usize> {
        vec![]
    }

    fn preprocessed_next_row_columns(&self) -> Vec<usize> {
        vec![]
    }

    fn max_constraint_degree(&self) -> Option<usize> {
        Some(DEGREE_MAX)
    }

    fn num_public_values(&self) -> usize {
        match self {
            Self::Segment => PUBLIC_WIDTH,
            _ => 0,
        }
    }
}

impl<AB: ChipBuilder> Air<AB> for Chip {
    fn eval(&self, builder: &mut AB) {
        with_table!(self, T => eval::<T, AB>(builder));
    }
}

/// A row that is too short satisfies nothing. The proof system has checked the widths before.
fn eval<T: Table, AB: ChipBuilder>(builder: &mut AB) {
    let main = builder.main();
    match <T::Row<AB::Var> as Cells<AB::Var>>::read(&mut main.current_slice().iter()) {
        Some(row) => T::eval(&row, builder),
        None => builder.constrain("the width of a row", AB::Expr::ONE),
    }
}
