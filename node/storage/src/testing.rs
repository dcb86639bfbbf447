//! What tests share, here and (feature `testing`) in crates that keep things on a disk: a disk that
//! fails like real ones do, and seeds.

mod faulty;
#[cfg(test)]
mod hooked;

pub use faulty::{Fault, FaultyDisk};
#[cfg(test)]
pub(crate) use hooked::HookedDisk;

use std::{
    env,
    hash::{BuildHasher, Hasher, RandomState},
    io::Write,
    thread,
    time::{Duration, Instant},
};

/// SplitMix64: every test run is a function of its seed.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below the bound; 0 when that is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.number() % bound.max(1)
    }

    /// True once in so many times.
    pub fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    /// At most so many bytes.
    pub fn bytes(&mut self, length_max: u64) -> Vec<u8> {
        let length = self.below(length_max + 1);
        (0..length).map(|_| self.number() as u8).collect()
    }
}

/// Names the seed when a simulation panics.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if thread::panicking() {
            // Who does not see it finds the seed in no other way, and no way is left to say so.
            let _ = writeln!(
                std::io::stderr(),
                "run this simulation again with MINSTER_SEED={}",
                self.0
            );
        }
    }
}

/// How many times more of everything a run under `MINSTER_LONG` takes.
const LONG: u32 = 100;

/// Runs a simulation for the first seeds, then for new ones until the time is used up; or for the
/// one in `MINSTER_SEED`.
///
/// # Panics
/// When a run does, after naming its seed; and when `MINSTER_SEED` is no number.
pub fn simulate(minimum: u64, budget: Duration, run: impl Fn(u64)) {
    let run = |seed| {
        let seed = Seed(seed);
        run(seed.0);
    };
    if let Ok(seed) = env::var("MINSTER_SEED") {
        let seed = seed.parse();
        return run(seed.unwrap_or_else(|_| panic!("MINSTER_SEED is no number")));
    }
    let times = if env::var_os("MINSTER_LONG").is_some() { LONG } else { 1 };
    let start = Instant::now();
    (0..minimum * u64::from(times)).for_each(run);
    let mut fresh = Random::new(RandomState::new().build_hasher().finish());
    while start.elapsed() < budget * times {
        run(fresh.number());
    }
}

#[cfg(test)]
pub(crate) fn read_file(disk: &dyn crate::disk::Disk, path: &str) -> Vec<u8> {
    let file = disk.open(path).unwrap();
    let mut content = vec![0; file.length().unwrap() as usize];
    assert_eq!(file.read_at(0, &mut content).unwrap(), content.len());
    content
}

#[cfg(test)]
pub(crate) fn write_file(disk: &dyn crate::disk::Disk, path: &str, content: &[u8]) {
    disk.create(path).unwrap().write_at(0, content).unwrap();
}
