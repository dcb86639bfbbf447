//! Names of functions, for profiles only: nothing that a proof states depends on them.

use alloc::string::String;
use alloc::vec::Vec;

/// The most functions that are kept.
pub const SYMBOLS_MAX: usize = 1 << 16;
/// Functions with longer names are left out.
pub const SYMBOL_NAME_SIZE_MAX: usize = 512;

/// A function of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// The address of its first instruction.
    pub address: u32,
    /// Its bytes; 0 when the file does not tell, as for labels in assembly.
    pub size: u32,
    /// Its name, as the compiler mangled it.
    pub name: String,
}

/// Sorted by address; of several names for one address the longest range, then the first name.
pub(crate) fn sorted(mut symbols: Vec<Symbol>) -> Vec<Symbol> {
    symbols.sort_by(|a, b| {
        let by_size = || b.size.cmp(&a.size);
        a.address.cmp(&b.address).then_with(by_size).then_with(|| a.name.cmp(&b.name))
    });
    symbols.dedup_by_key(|symbol| symbol.address);
    symbols
}

/// The last symbol at or below `pc`, unless it is known to end before it.
pub(crate) fn find(sorted: &[Symbol], pc: u32) -> Option<&Symbol> {
    let after = sorted.partition_point(|symbol| symbol.address <= pc);
    let symbol = sorted.get(..after)?.last()?;
    let offset = pc.wrapping_sub(symbol.address);
    (symbol.size == 0 || offset < symbol.size).then_some(symbol)
}
