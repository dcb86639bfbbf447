//! A program as the machine sees it: an entry point, code and the initial memory.

use alloc::vec::Vec;

use crate::symbols::{self, Symbol};
use crate::{Instruction, decode};

/// Bytes of RAM: the addresses below this one.
pub const RAM_SIZE: u32 = 0x8000_0000;
/// The most words from the first to the last word of code, both included.
pub const CODE_WORDS_MAX: u32 = 1 << 20;
/// The most initialised bytes that a program may bring along. Memory that starts as zero is not
/// stored and does not count.
pub const IMAGE_SIZE_MAX: u32 = 64 << 20;

const WORD_SIZE: u32 = 4;

/// Why pieces of a program do not make a program that the machine can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// A piece reaches past the end of RAM.
    #[error("segment at {address:#x} of {size:#x} bytes is not inside RAM, the low 2 GiB")]
    OutsideRam {
        /// Where the piece starts.
        address: u32,
        /// Its bytes in memory.
        size: u32,
    },
    /// Two pieces claim the same byte.
    #[error("segment at {address:#x} overlaps the one that starts at {other:#x}")]
    Overlap {
        /// Where the upper piece starts.
        address: u32,
        /// Where the lower piece starts.
        other: u32,
    },
    /// More initialised bytes than [`IMAGE_SIZE_MAX`].
    #[error("memory image of {size:#x} bytes, at most {IMAGE_SIZE_MAX:#x} are accepted")]
    ImageTooLarge {
        /// The initialised bytes.
        size: u64,
    },
    /// The first and the last word of code are more than [`CODE_WORDS_MAX`] apart.
    #[error("code spans {words:#x} words, at most {CODE_WORDS_MAX:#x} are accepted")]
    CodeTooLarge {
        /// Words from the first to the last one of code.
        words: u32,
    },
    /// The entry point is not the address of a word of code.
    #[error("entry point {entry:#x} is not a 4-byte aligned address inside the code")]
    Entry {
        /// The entry point.
        entry: u32,
    },
}

/// A piece of the initial memory, as a file or a test describes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'a> {
    pub address: u32,
    /// Bytes in memory; those that `bytes` lacks are zero.
    pub size: u32,
    pub bytes: &'a [u8],
    pub executable: bool,
}

impl Piece<'_> {
    /// The address after the last byte; saturates, which no piece inside RAM reaches.
    fn end(&self) -> u32 {
        self.address.saturating_add(self.size)
    }
}

/// Consecutive initialised words.
#[derive(Clone, Debug, Default)]
struct Block {
    /// Byte address of the first word.
    base: u32,
    words: Vec<u32>,
}

/// A program that the machine can run: what [`Program::from_elf`] accepts.
#[derive(Clone, Debug)]
pub struct Program {
    entry: u32,
    code_base: u32,
    /// One element for each word from the first word of code to the last one.
    code: Vec<Option<Instruction>>,
    /// Increasing and disjoint.
    image: Vec<Block>,
    symbols: Vec<Symbol>,
}

impl Program {
    /// A program of the words `code`, placed at `code_base`, and of `data` at its addresses.
    ///
    /// # Errors
    /// When the pieces overlap, leave RAM or break a limit, or `entry` is outside the code.
    pub fn new(
        entry: u32,
        code_base: u32,
        code: &[u32],
        data: &[(u32, &[u8])],
    ) -> Result<Self, LayoutError> {
        let code: Vec<u8> = code.iter().flat_map(|word| word.to_le_bytes()).collect();
        let piece = |address, bytes, executable| {
            // A slice longer than 4 GiB saturates and is then refused as outside RAM.
            let size = u32::try_from(<[u8]>::len(bytes)).unwrap_or(u32::MAX);
            Piece { address, size, bytes, executable }
        };
        let mut pieces = Vec::with_capacity(data.len().saturating_add(1));
        pieces.push(piece(code_base, &code, true));
        pieces.extend(data.iter().map(|(address, bytes)| piece(*address, bytes, false)));
        Self::from_pieces(entry, pieces, Vec::new())
    }

    pub(crate) fn from_pieces(
        entry: u32,
        mut pieces: Vec<Piece<'_>>,
        symbols: Vec<Symbol>,
    ) -> Result<Self, LayoutError> {
        pieces.retain(|piece| piece.size != 0);
        pieces.sort_by_key(|piece| piece.address);
        check_ranges(&pieces)?;
        let (code_base, code) = code_of(&pieces)?;
        let program = Self { entry, code_base, code, image: image_of(&pieces), symbols };
        let offset = entry.wrapping_sub(code_base);
        let index = usize::try_from(offset / WORD_SIZE).unwrap_or(usize::MAX);
        let inside = entry >= code_base && offset % WORD_SIZE == 0 && index < program.code.len();
        if inside { Ok(program) } else { Err(LayoutError::Entry { entry }) }
    }

    /// Where the run starts.
    pub fn entry(&self) -> u32 {
        self.entry
    }

    /// The address of the first word of [`Program::code`].
    pub fn code_base(&self) -> u32 {
        self.code_base
    }

    /// The words from the first word of code to the last one, by increasing address, with what
    /// they encode. `None` stands for a word that cannot be executed: it is no instruction, or it
    /// lies between two pieces of code.
    pub fn code(&self) -> impl ExactSizeIterator<Item = (u32, Option<Instruction>)> + Clone + '_ {
        let base = self.code_base;
        self.code.iter().enumerate().map(move |(index, instruction)| {
            // The span of the code is limited, so that nothing saturates.
            let offset = u32::try_from(index).unwrap_or(u32::MAX).saturating_mul(WORD_SIZE);
            (base.saturating_add(offset), *instruction)
        })
    }

    /// The initial memory, code included: the words that are not zero, as 4-aligned byte
    /// addresses, strictly increasing, and values.
    pub fn image(&self) -> impl Iterator<Item = (u32, u32)> + Clone + '_ {
        let words = self.image.iter().flat_map(|block| {
            let addresses = (block.base..RAM_SIZE).step_by(4);
            addresses.zip(block.words.iter().copied())
        });
        words.filter(|(_, word)| *word != 0)
    }

    /// The functions that the file names, by increasing address.
    pub fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    /// The name of the function that `pc` lies in, if the file tells.
    pub fn function_at(&self, pc: u32) -> Option<&str> {
        symbols::find(&self.symbols, pc).map(|symbol| symbol.name.as_str())
    }
}

/// `pieces` are sorted by address.
fn check_ranges(pieces: &[Piece<'_>]) -> Result<(), LayoutError> {
    let mut below: Option<&Piece<'_>> = None;
    let mut image_size = 0_u64;
    for piece in pieces {
        let Piece { address, size, .. } = *piece;
        // No sum of two `u32` wraps in 64 bits.
        if u64::from(address).saturating_add(u64::from(size)) > u64::from(RAM_SIZE) {
            return Err(LayoutError::OutsideRam { address, size });
        }
        if let Some(other) = below.filter(|below| below.end() > address) {
            return Err(LayoutError::Overlap { address, other: other.address });
        }
        let bytes = u64::try_from(piece.bytes.len()).unwrap_or(u64::MAX);
        image_size = image_size.saturating_add(bytes);
        below = Some(piece);
    }
    if image_size > u64::from(IMAGE_SIZE_MAX) {
        return Err(LayoutError::ImageTooLarge { size: image_size });
    }
    Ok(())
}

/// The words that lie wholly inside the bytes of one executable piece, by address.
fn code_words<'a>(piece: &Piece<'a>) -> (u32, impl Iterator<Item = u32> + 'a) {
    let padding = piece.address.wrapping_neg() % WORD_SIZE;
    let aligned = piece.address.saturating_add(padding);
    let bytes = usize::try_from(padding).ok().and_then(|padding| piece.bytes.get(padding..));
    let (words, _partial) = bytes.unwrap_or_default().as_chunks::<4>();
    (aligned, words.iter().map(|word| u32::from_le_bytes(*word)))
}

fn code_of(pieces: &[Piece<'_>]) -> Result<(u32, Vec<Option<Instruction>>), LayoutError> {
    let mut base = None;
    let mut code: Vec<Option<Instruction>> = Vec::new();
    for piece in pieces.iter().filter(|piece| piece.executable) {
        let (address, words) = code_words(piece);
        let mut words = words.peekable();
        if words.peek().is_none() {
            continue;
        }
        let base = *base.get_or_insert(address);
        let start = address.wrapping_sub(base) / WORD_SIZE;
        let count = u32::try_from(piece.bytes.len()).unwrap_or(u32::MAX) / WORD_SIZE;
        let span = start.saturating_add(count);
        if span > CODE_WORDS_MAX {
            return Err(LayoutError::CodeTooLarge { words: span });
        }
        // Pieces are disjoint and sorted: this only ever grows the list, up to the limit.
        code.resize(usize::try_from(start).unwrap_or(usize::MAX), None);
        code.extend(words.map(decode));
    }
    Ok((base.unwrap_or_default(), code))
}

/// `pieces` are sorted and disjoint, so that each word belongs to the last block or to a new one.
fn image_of(pieces: &[Piece<'_>]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open: Option<u32> = None;
    for piece in pieces {
        for (address, byte) in (piece.address..RAM_SIZE).zip(piece.bytes) {
            let (base, lane) = (address & !3, address & 3);
            if open != Some(base) {
                let consecutive = open.and_then(|open| open.checked_add(WORD_SIZE)) == Some(base);
                match blocks.last_mut() {
                    Some(block) if consecutive => block.words.push(0),
                    _ => blocks.push(Block { base, words: Vec::from([0]) }),
                }
                open = Some(base);
            }
            if let Some(word) = blocks.last_mut().and_then(|block| block.words.last_mut()) {
                *word |= u32::from(*byte).wrapping_shl(lane.wrapping_mul(8));
            }
        }
    }
    blocks
}
