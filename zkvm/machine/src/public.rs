//! The public values of a segment.

use p3_field::{PrimeCharacteristicRing, PrimeField32};

use crate::F;
use crate::cells::Cells;
use crate::chips::segment::{PUBLIC_WIDTH, PublicCells};
use crate::config::Digest;
use crate::rom::HALTED;

/// What a segment's proof says about the run around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicValues {
    /// Address of the first instruction in words.
    pub pc_start: u32,
    /// Address of the instruction after the last in words; [`HALTED`] after a halt.
    pub pc_end: u32,
    /// The exit code, if the program has halted in this segment.
    pub exit_code: Option<u32>,
    /// Root of memory before.
    pub root_before: Digest,
    /// Root of memory after.
    pub root_after: Digest,
    /// Digest of the public output before.
    pub output_before: Digest,
    /// Digest of the public output after.
    pub output_after: Digest,
}

impl PublicValues {
    /// The values as cells.
    pub fn cells(&self) -> PublicCells<F> {
        let exit_code = self.exit_code.unwrap_or_default();
        PublicCells {
            pc_start: F::from_u32(self.pc_start),
            pc_end: F::from_u32(self.pc_end),
            halted: F::from_bool(self.exit_code.is_some()),
            exit_low: F::from_u32(exit_code & 0xffff),
            exit_high: F::from_u32(exit_code >> 16),
            root_before: self.root_before,
            root_after: self.root_after,
            output_before: self.output_before,
            output_after: self.output_after,
        }
    }

    /// The values as the proof system takes them.
    pub fn elements(&self) -> [F; PUBLIC_WIDTH] {
        let mut elements = [F::ZERO; PUBLIC_WIDTH];
        self.cells().write(&mut elements.iter_mut());
        elements
    }

    /// The values of elements, or nothing if they are not the elements of any.
    pub fn from_elements(elements: &[F; PUBLIC_WIDTH]) -> Option<Self> {
        let cells = PublicCells::<F>::read(&mut elements.iter())?;
        let integer = |cell: F| cell.as_canonical_u32();
        let exit_code = match (integer(cells.halted), integer(cells.pc_end)) {
            (0, HALTED) => return None,
            (0, _) => None,
            (1, HALTED) => Some(integer(cells.exit_low) | integer(cells.exit_high) << 16),
            _ => return None,
        };
        let public = Self {
            pc_start: integer(cells.pc_start),
            pc_end: integer(cells.pc_end),
            exit_code,
            root_before: cells.root_before,
            root_after: cells.root_after,
            output_before: cells.output_before,
            output_after: cells.output_after,
        };
        (public.elements() == *elements).then_some(public)
    }
}
