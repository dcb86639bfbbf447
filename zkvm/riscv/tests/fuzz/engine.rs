//! What the fuzzers of the zkVM share: a seeded sequence, edits of bytes, a budget, and what an
//! input cost in time and memory. The fuzzer of the verifier includes this file too.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fs;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

/// The sequence SplitMix64: the same everywhere, for a state that a failure can name.
pub struct Random(pub u64);

impl Random {
    /// 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 32 bits.
    pub fn word(&mut self) -> u32 {
        (self.next() >> 32) as u32
    }

    /// A number below `bound`; 0 for a bound of 0.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// Whether a chance of one in `count` came true.
    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// One of some.
    pub fn choose<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }
}

/// An edit that knows nothing of what the bytes mean.
pub fn edit_blindly(random: &mut Random, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return bytes.push(random.word() as u8);
    }
    let at = random.below(bytes.len());
    let size = (1 + random.below(64)).min(bytes.len() - at);
    match random.below(8) {
        0 | 1 => bytes[at] ^= 1 << random.below(8),
        2 => bytes[at] = random.word() as u8,
        3 => bytes.truncate(at),
        4 => drop(bytes.drain(at..at + size)),
        5 => {
            let block = bytes[at..at + size].to_vec();
            let to = random.below(bytes.len());
            bytes.splice(to..to, block);
        }
        6 => {
            let to = random.below(bytes.len() - size + 1);
            bytes.copy_within(at..at + size, to);
        }
        _ => bytes[at..at + size].fill(random.choose(&[0, 0x7f, 0x80, 0xff])),
    }
}

/// The start of one list of bytes and the end of another.
pub fn splice(random: &mut Random, head: &[u8], tail: &[u8]) -> Vec<u8> {
    let cut = random.below(head.len() + 1);
    let from = if random.one_in(2) { cut.min(tail.len()) } else { random.below(tail.len() + 1) };
    [&head[..cut], &tail[from..]].concat()
}

/// How long a fuzzer goes on: until it has tried a number of inputs, and some time has passed.
#[derive(Clone, Copy)]
pub struct Budget {
    /// The least number of inputs.
    pub inputs: u64,
    /// The least time.
    pub time: Duration,
}

thread_local! {
    static USED: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// The system's allocator, with a count of each thread's bytes.
pub struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count(change: isize) {
    // A thread that ends has no counter any more.
    let _ = USED.try_with(|used| {
        used.set(used.get().saturating_add(change));
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(used.get())));
    });
}

fn signed(size: usize) -> isize {
    isize::try_from(size).unwrap_or(isize::MAX)
}

// SAFETY: every call is the system allocator's own; the counters are plain numbers of the thread
// that never allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(signed(layout.size()));
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(signed(layout.size()));
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-signed(layout.size()));
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // The old and the new block may both exist for a moment.
        count(signed(size));
        count(-signed(layout.size()));
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// What one input cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// The most bytes that the thread held beyond what it held before.
    pub peak: usize,
    /// Wall-clock time.
    pub elapsed: Duration,
}

/// Runs something, and says what it cost.
pub fn measured<T>(run: impl FnOnce() -> T) -> (T, Cost) {
    let before = USED.get();
    PEAK.set(before);
    let started = Instant::now();
    let value = run();
    let elapsed = started.elapsed();
    let peak = usize::try_from(PEAK.get() - before).unwrap_or_default();
    (value, Cost { peak, elapsed })
}

/// Runs the checks of one input. If they panic, the input is kept in a file, and the failure says
/// from which place of which sequence it came.
pub fn checked<T>(seed: u64, index: u64, input: &[u8], check: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|panic| {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{seed:x}-{index}"));
        let kept = fs::write(&path, input).map_or_else(
            |error| format!("could not be kept: {error}"),
            |()| format!("is {}", path.display()),
        );
        report(&format!("seed {seed:#x}, input {index} failed; the input {kept}"));
        resume_unwind(panic)
    })
}

/// Writes a line past the harness, which shows nothing of tests that pass.
pub fn report(line: &str) {
    let line = format!("\n{line}\n");
    std::io::stdout().write_all(line.as_bytes()).expect("standard output");
}
