//! From an ELF file to a [`Program`]. The tables are read by the `elf` crate; what the machine
//! cannot run is refused here.

use alloc::string::String;
use alloc::vec::Vec;

use elf::endian::LittleEndian;
use elf::file::{Class, FileHeader};
use elf::segment::ProgramHeader;
use elf::{ElfBytes, ParseError, abi};

use crate::program::Piece;
use crate::symbols::{self, SYMBOL_NAME_SIZE_MAX, SYMBOLS_MAX, Symbol};
use crate::{LayoutError, Program};

/// The most bytes of a file.
pub const ELF_SIZE_MAX: usize = 64 << 20;
/// The most program headers of a file.
pub const SEGMENTS_MAX: usize = 1 << 10;

/// The bits of `e_flags` that do not change what a program needs: the reduced register set and
/// the memory order.
const FLAGS_HARMLESS: u32 = abi::EF_RISCV_RVE | abi::EF_RISCV_TSO;

/// Why a file is not a program that the machine can run.
#[derive(Debug, thiserror::Error)]
pub enum ElfError {
    /// Larger than [`ELF_SIZE_MAX`].
    #[error("file of {size} bytes, at most {ELF_SIZE_MAX} are accepted")]
    FileTooLarge {
        /// Bytes of the file.
        size: usize,
    },
    /// The magic number is missing.
    #[error("not an ELF file")]
    NotElf,
    /// Made for 64-bit machines.
    #[error("64-bit ELF file: the machine is 32-bit (rv32im)")]
    Not32Bit,
    /// Made for big-endian machines.
    #[error("big-endian ELF file: the machine is little-endian")]
    BigEndian,
    /// A table or a segment lies outside the file, or a header has the wrong size.
    #[error("damaged ELF file: {reason}")]
    Damaged {
        /// What the parser found.
        reason: ParseError,
    },
    /// Made for another architecture.
    #[error("ELF file for architecture {machine}, not for RISC-V (243)")]
    NotRiscV {
        /// The field `e_machine`.
        machine: u16,
    },
    /// A shared library or a position-independent executable.
    #[error("position-independent ELF file: link it statically, at a fixed address")]
    PositionIndependent,
    /// Neither an executable nor a library: an object file or a core dump.
    #[error("ELF file of type {kind}, not an executable (2)")]
    NotExecutable {
        /// The field `e_type`.
        kind: u16,
    },
    /// Wants a dynamic linker.
    #[error("dynamically linked ELF file: link it statically")]
    Dynamic,
    /// Contains compressed instructions.
    #[error("ELF file with compressed instructions: build it for rv32im, without C")]
    Compressed,
    /// Passes floating-point values in registers.
    #[error("ELF file with a floating-point ABI: build it with the ABI ilp32")]
    FloatAbi,
    /// Uses a feature that this loader does not know.
    #[error("ELF file with unknown flags {flags:#x}")]
    UnknownFlags {
        /// The bits of `e_flags` that are not known.
        flags: u32,
    },
    /// More program headers than [`SEGMENTS_MAX`].
    #[error("{count} program headers, at most {SEGMENTS_MAX} are accepted")]
    TooManySegments {
        /// How many there are.
        count: usize,
    },
    /// A segment has more bytes in the file than in memory.
    #[error("segment at {address:#x} is larger in the file than in memory")]
    SegmentSize {
        /// Where the segment starts.
        address: u32,
    },
    /// The segments or the entry point do not fit the machine.
    #[error(transparent)]
    Layout(#[from] LayoutError),
}

impl From<ParseError> for ElfError {
    fn from(reason: ParseError) -> Self {
        Self::Damaged { reason }
    }
}

impl Program {
    /// The program of a statically linked RV32IM executable.
    ///
    /// Every word of an executable segment's bytes is code; everything, code included, is initial
    /// memory.
    ///
    /// # Errors
    /// When the machine cannot run the file; the error says why.
    pub fn from_elf(bytes: &[u8]) -> Result<Self, ElfError> {
        check_identity(bytes)?;
        let file = ElfBytes::<LittleEndian>::minimal_parse(bytes)?;
        check_header(&file.ehdr)?;
        let headers = file.segments().ok_or(LayoutError::Entry { entry: 0 })?;
        if headers.len() > SEGMENTS_MAX {
            return Err(ElfError::TooManySegments { count: headers.len() });
        }
        let mut pieces = Vec::new();
        for header in headers.iter() {
            match header.p_type {
                abi::PT_LOAD => pieces.push(piece(&file, &header)?),
                abi::PT_INTERP | abi::PT_DYNAMIC => return Err(ElfError::Dynamic),
                _ => {}
            }
        }
        let entry = narrow(file.ehdr.e_entry);
        Ok(Self::from_pieces(entry, pieces, functions(&file))?)
    }
}

/// What the first bytes say: the parser would name these faults less clearly.
fn check_identity(bytes: &[u8]) -> Result<(), ElfError> {
    if bytes.len() > ELF_SIZE_MAX {
        return Err(ElfError::FileTooLarge { size: bytes.len() });
    }
    let rest = bytes.strip_prefix(&abi::ELFMAGIC).ok_or(ElfError::NotElf)?;
    match rest {
        [abi::ELFCLASS64, ..] => Err(ElfError::Not32Bit),
        [_, abi::ELFDATA2MSB, ..] => Err(ElfError::BigEndian),
        _ => Ok(()),
    }
}

fn check_header(header: &FileHeader<LittleEndian>) -> Result<(), ElfError> {
    if header.class != Class::ELF32 {
        return Err(ElfError::Not32Bit);
    }
    if header.e_machine != abi::EM_RISCV {
        return Err(ElfError::NotRiscV { machine: header.e_machine });
    }
    match header.e_type {
        abi::ET_EXEC => {}
        abi::ET_DYN => return Err(ElfError::PositionIndependent),
        kind => return Err(ElfError::NotExecutable { kind }),
    }
    let flags = header.e_flags;
    if flags & abi::EF_RISCV_RVC != 0 {
        return Err(ElfError::Compressed);
    }
    if flags & abi::EF_RISCV_FLOAT_ABI_MASK != 0 {
        return Err(ElfError::FloatAbi);
    }
    match flags & !FLAGS_HARMLESS {
        0 => Ok(()),
        flags => Err(ElfError::UnknownFlags { flags }),
    }
}

fn piece<'a>(
    file: &ElfBytes<'a, LittleEndian>,
    header: &ProgramHeader,
) -> Result<Piece<'a>, ElfError> {
    let address = narrow(header.p_vaddr);
    if header.p_filesz > header.p_memsz {
        return Err(ElfError::SegmentSize { address });
    }
    let bytes = file.segment_data(header)?;
    let executable = header.p_flags & abi::PF_X != 0;
    Ok(Piece { address, size: narrow(header.p_memsz), bytes, executable })
}

/// The fields of a 32-bit file have 32 bits; the parser widens them.
fn narrow(field: u64) -> u32 {
    u32::try_from(field).unwrap_or(u32::MAX)
}

/// The functions of the symbol table. A damaged table means fewer names, not an error: they serve
/// profiles only.
fn functions(file: &ElfBytes<'_, LittleEndian>) -> Vec<Symbol> {
    let Ok(Some((table, _))) = file.symbol_table() else { return Vec::new() };
    let strings = symbol_strings(file).unwrap_or_default();
    let code = |kind: u8| kind == abi::STT_FUNC || kind == abi::STT_NOTYPE;
    let mut functions = Vec::new();
    let candidates = table.iter().filter(|symbol| code(symbol.st_symtype()));
    // A linker's own symbols are absolute: numbers, at no place of the code.
    let placed =
        |symbol: &elf::symbol::Symbol| !symbol.is_undefined() && symbol.st_shndx != abi::SHN_ABS;
    for symbol in candidates.filter(placed) {
        let Some(name) = symbol_name(strings, symbol.st_name) else { continue };
        // `$` marks where code or data starts, by the RISC-V psABI; `.L` is local to a function.
        if name.is_empty() || name.starts_with('$') || name.starts_with(".L") {
            continue;
        }
        let (address, size) = (narrow(symbol.st_value), narrow(symbol.st_size));
        functions.push(Symbol { address, size, name: String::from(name) });
        if functions.len() == SYMBOLS_MAX {
            break;
        }
    }
    symbols::sorted(functions)
}

/// The strings that the symbol table refers to.
fn symbol_strings<'a>(file: &ElfBytes<'a, LittleEndian>) -> Option<&'a [u8]> {
    let sections = file.section_headers()?;
    let table = sections.iter().find(|section| section.sh_type == abi::SHT_SYMTAB)?;
    let strings = sections.get(usize::try_from(table.sh_link).ok()?).ok()?;
    file.section_data(&strings).ok().map(|(bytes, _)| bytes)
}

/// The name at a place, if it is not too long. The parser's own look-up reads on to the end of a
/// name, and a file can have millions of symbols that share one name of many megabytes.
fn symbol_name(strings: &[u8], at: u32) -> Option<&str> {
    let rest = strings.get(usize::try_from(at).ok()?..)?;
    let longest = rest.get(..=SYMBOL_NAME_SIZE_MAX).unwrap_or(rest);
    let end = longest.iter().position(|byte| *byte == 0)?;
    core::str::from_utf8(longest.get(..end)?).ok()
}
