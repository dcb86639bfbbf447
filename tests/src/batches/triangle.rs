//! One side of the triangle: what the OS does natively, the guest does in the emulator.

use std::path::Path;
use std::sync::OnceLock;
use std::{env, fs};

use minster_emulator::{CYCLES_MAX_DEFAULT, Io, Outcome, run};
use minster_guest::host::frame_hint;
use minster_os::batch::{RangeInput, Salt};
use minster_riscv::Program;

use super::World;
use super::chain::Chain;

/// What a run of the guest came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emulated {
    /// Instructions.
    pub cycles: u64,
    /// Transactions of all batches.
    pub transactions: usize,
    /// Bytes of the guest's input.
    pub input: usize,
    /// Bytes of all pubdata.
    pub pubdata: usize,
}

/// Names a folder with a `batch.elf` to run instead of the committed one.
pub const FOLDER_VARIABLE: &str = "MINSTER_BATCH_ELF";

/// One salt for all runs, so that each has its cycles.
pub const SALT: Salt = *b"the salt of all tests of batches";

/// The batch guest.
///
/// # Panics
/// When its ELF file is none.
pub fn guest() -> &'static Program {
    static GUEST: OnceLock<Program> = OnceLock::new();
    GUEST.get_or_init(|| {
        let other = env::var_os(FOLDER_VARIABLE).map(|folder| Path::new(&folder).join("batch.elf"));
        let other = other.map(|path| fs::read(path).expect(FOLDER_VARIABLE));
        let elf = other.as_deref().unwrap_or(minster_batch_guest::ELF);
        Program::from_elf(elf).expect("the guest")
    })
}

/// An input, and answers to the guest's only question: the advice for recovering keys.
#[must_use]
pub fn io(input: Vec<u8>) -> Io {
    let handler = |request: &[u8]| {
        let answer = minster_secp256k1::hints::answer(request);
        answer.map(|answer| frame_hint(&answer)).unwrap_or_default()
    };
    Io { input, hint_handler: Some(Box::new(handler)), ..Io::default() }
}

/// Runs the guest over a range.
///
/// # Panics
/// When it traps or does not end.
#[must_use]
pub fn emulate(range: &RangeInput) -> Outcome {
    emulate_salted(range, &SALT)
}

/// Runs the guest over a range, with other keys of its hash tables.
///
/// # Panics
/// When it traps or does not end.
#[must_use]
pub fn emulate_salted(range: &RangeInput, salt: &Salt) -> Outcome {
    run(guest(), io(range.salted(salt)), CYCLES_MAX_DEFAULT).expect("the guest ends")
}

/// A range of batches, and the claim that the OS natively makes of it.
#[derive(Debug)]
pub struct Range {
    /// What the guest reads.
    pub input: RangeInput,
    /// What it must commit to.
    pub claim: Vec<u8>,
    /// Bytes of all pubdata.
    pub pubdata: usize,
}

/// The batches of a chain as one range, from the one with this index on.
///
/// # Panics
/// When the blocks that the chain made are not those that the batches are built of.
#[must_use]
pub fn range_of(chain: Chain, from: usize) -> Range {
    let mut world = World::of(&chain.genesis);
    world.learn(chain.codes());
    let mut start = world.base.clone();
    let (mut batches, mut pubdata) = (Vec::new(), 0);
    for (index, blocks) in chain.batches().into_iter().enumerate() {
        if index == from {
            start = world.base.clone();
        }
        let built = world.build(blocks.inputs).expect("blocks that the OS made");
        assert_eq!(built.end.header, blocks.header, "the flat state and the tree");
        if index >= from {
            pubdata += built.pubdata.len();
            batches.push(built.input);
        }
        world.base = built.end;
    }
    let claim = [start.commitment.hash(), world.base.commitment.hash()].concat();
    let (parent, parent_header) = (start.commitment, start.header);
    let input = RangeInput { config: world.config, parent, parent_header, batches };
    Range { input, claim, pubdata }
}

/// Holds the guest in the emulator against the OS natively, over everything that a chain did.
///
/// # Panics
/// When they differ.
pub fn check(chain: Chain) -> Emulated {
    check_range(range_of(chain, 0))
}

/// Holds the guest in the emulator against the claim of a range.
///
/// # Panics
/// When they differ.
pub fn check_range(Range { input, claim, pubdata }: Range) -> Emulated {
    let outcome = emulate(&input);
    assert_eq!(outcome.exit_code, 0, "{}", String::from_utf8_lossy(&outcome.text));
    assert_eq!(outcome.output, claim, "native and emulated");
    let blocks = input.batches.iter().flat_map(|batch| &batch.blocks);
    Emulated {
        cycles: outcome.cycles,
        transactions: blocks.map(|block| block.transactions.len()).sum(),
        input: input.salted(&SALT).len(),
        pubdata,
    }
}
