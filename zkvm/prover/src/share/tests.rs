//! Runs that are shared with honest workers and with hostile ones.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use minster_emulator::Io;
use minster_riscv::Program;
use tempfile::TempDir;

use super::link::{Link, Received};
use super::message::{FromCoordinator, FromWorker, PROTOCOL, decode, encode};
use super::{Coordination, Patience, Place, Recipe, ShareError, ShareProgress, Work};
use crate::Prover;
use crate::segments::Segments;

const PATIENCE: Patience = Patience {
    beat: Duration::from_millis(200),
    silence: Duration::from_secs(2),
    again: Duration::from_secs(3),
    arrival: Duration::from_secs(2),
};

/// A run of three segments, with their proofs as an honest worker sends them.
struct Subject {
    prover: Prover,
    recipe: Recipe,
    parts: Vec<Vec<u8>>,
}

fn io(recipe: &Recipe) -> Io {
    Io::with_input(recipe.input.clone())
}

fn recipe(input: u32) -> Recipe {
    let elf = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/elf/fibonacci.elf");
    Recipe {
        elf: std::fs::read(elf).unwrap(),
        input: input.to_le_bytes().to_vec(),
        hints: None,
        cycles_max: 10_000,
        segment_cycles_max: 400,
    }
}

fn subject() -> &'static Subject {
    static SUBJECT: OnceLock<Subject> = OnceLock::new();
    SUBJECT.get_or_init(|| {
        let recipe = recipe(100);
        let prover = Prover::new(Program::from_elf(&recipe.elf).unwrap()).unwrap();
        let mut run = Segments::new(&prover, io(&recipe), recipe.options());
        let mut parts = Vec::new();
        while !run.has_ended() {
            parts.push(run.prove(run.position()).unwrap());
        }
        assert_eq!(parts.len(), 3);
        Subject { prover, recipe, parts }
    })
}

/// Shares the run and proves nothing here; the workers are what `others` does. Returns the notes on
/// workers that left.
fn shared(place: &Place, others: impl FnOnce(&Place) + Send) -> Vec<String> {
    shared_as(place, &subject().recipe, PATIENCE, others)
}

fn shared_as(
    place: &Place,
    recipe: &Recipe,
    patience: Patience,
    others: impl FnOnce(&Place) + Send,
) -> Vec<String> {
    let prover = &subject().prover;
    let meeting = place.share().unwrap();
    let place = meeting.place.clone();
    let (mut proof, mut left) = (Vec::new(), Vec::new());
    let io = || io(recipe);
    let run = Coordination { prover, recipe, io: &io, proves: false, patience };
    std::thread::scope(|scope| {
        scope.spawn(|| others(&place));
        let (outcome, segments) = run
            .prove_into(meeting, &mut proof, |progress| {
                if let ShareProgress::Left { fault, .. } = progress {
                    left.push(fault.to_string());
                }
            })
            .unwrap();
        assert_eq!(segments, 3);
        assert_eq!(prover.key().verify(&proof).unwrap(), outcome.output);
    });
    left
}

fn help(place: &Place) -> Result<(), ShareError> {
    Work { place, io: &io, patience: PATIENCE }.run(|_| ())
}

fn places(folder: &TempDir) -> [Place; 3] {
    let path = folder.path();
    let tcp = Place::Tcp("127.0.0.1:0".to_owned());
    [Place::Folder(path.join("run")), Place::Unix(path.join("socket")), tcp]
}

/// A worker of our own making.
struct Rogue(Link);

impl Rogue {
    fn join(place: &Place) -> Self {
        Self(place.join(PATIENCE).unwrap().0)
    }

    /// Joins and takes a segment.
    fn with_segment(place: &Place) -> (Self, u32) {
        let mut rogue = Self::join(place);
        rogue.say(&FromWorker::Hello { protocol: PROTOCOL });
        assert!(matches!(rogue.hear(), Some(FromCoordinator::Job { .. })));
        rogue.say(&FromWorker::Ready { position: 0 });
        match rogue.hear() {
            Some(FromCoordinator::Prove { segment }) => (rogue, segment),
            other => panic!("{other:?}"),
        }
    }

    fn say(&mut self, message: &FromWorker) {
        self.0.sender.send(&encode(message).unwrap()).unwrap();
    }

    /// Does all the work, with proofs that are there.
    fn delivers_all(place: &Place) {
        let (mut rogue, mut segment) = Self::with_segment(place);
        loop {
            let part = subject().parts[segment as usize].clone();
            rogue.say(&FromWorker::Proof { segment, part });
            rogue.say(&FromWorker::Ready { position: segment + 1 });
            match rogue.hear() {
                Some(FromCoordinator::Prove { segment: next }) => segment = next,
                Some(FromCoordinator::Done) => return,
                other => panic!("{other:?}"),
            }
        }
    }

    /// The next message but signs of life; nothing when the connection has ended.
    fn hear(&mut self) -> Option<FromCoordinator> {
        loop {
            match self.0.receiver.receive() {
                Ok(Received::Frame(frame)) => match decode(&frame) {
                    Some(FromCoordinator::Alive) => {}
                    message => return message,
                },
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }

    /// Waits to be refused, for this reason.
    fn refused(&mut self, expected: &str) {
        match self.hear() {
            Some(FromCoordinator::Refused { reason }) if reason.contains(expected) => {}
            other => panic!("{expected}: {other:?}"),
        }
    }

    fn sends(mut self, segment: u32, part: Vec<u8>, expected: &str) {
        self.say(&FromWorker::Proof { segment, part });
        self.refused(expected);
    }
}

#[test]
fn workers_that_lie_are_refused_and_the_run_goes_on() {
    let folder = TempDir::new().unwrap();
    let parts = &subject().parts;
    for place in places(&folder) {
        let left = shared(&place, |place| {
            let mut rogue = Rogue::join(place);
            rogue.0.sender.send(b"GET / HTTP/1.1\r\n\r\n").unwrap();
            rogue.refused("no message");
            let mut rogue = Rogue::join(place);
            rogue.say(&FromWorker::Hello { protocol: PROTOCOL + 1 });
            rogue.refused("version");
            let mut rogue = Rogue::join(place);
            rogue.say(&FromWorker::Ready { position: 0 });
            rogue.refused("no message");
            let (rogue, segment) = Rogue::with_segment(place);
            rogue.sends(segment, parts[1].clone(), "another segment");
            let (rogue, _) = Rogue::with_segment(place);
            rogue.sends(2, parts[2].clone(), "no message");
            let (rogue, segment) = Rogue::with_segment(place);
            rogue.sends(segment, vec![7; 1000], "does not verify");
            let (rogue, segment) = Rogue::with_segment(place);
            let mut changed = parts[0].clone();
            let middle = changed.len() / 2;
            changed[middle] ^= 1;
            rogue.sends(segment, changed, "does not verify");
            // It goes with a segment in its hands.
            drop(Rogue::with_segment(place));
            help(place).unwrap();
        });
        assert_eq!(left.len(), 8, "{place}: {left:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path().join("run")).unwrap().count(), 0);
    assert!(!folder.path().join("socket").exists());
}

/// The same segment of the same program with another input: its public values are others.
#[test]
fn a_proof_of_another_run_is_refused() {
    let folder = TempDir::new().unwrap();
    let Subject { prover, .. } = subject();
    let other = recipe(101);
    let mut run = Segments::new(prover, io(&other), other.options());
    let last = (run.prove(2).unwrap(), 2);
    let [place, ..] = places(&folder);
    shared(&place, |place| {
        let held = [Rogue::with_segment(place), Rogue::with_segment(place)];
        let (rogue, segment) = Rogue::with_segment(place);
        assert_eq!(segment, last.1);
        rogue.sends(segment, last.0, "another segment, program or input");
        drop(held);
        help(place).unwrap();
    });
}

#[test]
fn silence_and_endless_work_hold_nothing_up() {
    let folder = TempDir::new().unwrap();
    for place in places(&folder) {
        let left = shared(&place, |place| {
            let (mut silent, _) = Rogue::with_segment(place);
            let (mut busy, _) = Rogue::with_segment(place);
            std::thread::scope(|scope| {
                // It lives, and that is all.
                scope.spawn(|| {
                    let alive = encode(&FromWorker::Alive).unwrap();
                    while busy.0.sender.send(&alive).is_ok() {
                        if let Ok(Received::Frame(frame)) = busy.0.receiver.receive()
                            && decode(&frame) == Some(FromCoordinator::Done)
                        {
                            return;
                        }
                    }
                });
                help(place).unwrap();
            });
            silent.refused("silent");
        });
        assert!(left.iter().any(|fault| fault.contains("silent")), "{place}: {left:?}");
    }
}

/// It says for ever that it lives, and so would keep its place from another worker.
#[test]
fn a_worker_that_never_answers_is_left() {
    let folder = TempDir::new().unwrap();
    let [_, place, _] = places(&folder);
    let patience = Patience { again: Duration::from_millis(50), ..PATIENCE };
    let left = shared_as(&place, &subject().recipe, patience, |place| {
        let (mut busy, _) = Rogue::with_segment(place);
        let alive = encode(&FromWorker::Alive).unwrap();
        while busy.0.sender.send(&alive).is_ok() {
            std::thread::sleep(patience.again);
        }
        Rogue::delivers_all(place);
    });
    assert!(left.len() == 1 && left[0].contains("without an answer"), "{left:?}");
}

/// Its job is longer than what the system keeps for it.
#[test]
fn a_worker_that_reads_nothing_does_not_hold_up_the_end() {
    let folder = TempDir::new().unwrap();
    let recipe = Recipe { hints: Some(vec![0; 64 << 20]), ..subject().recipe.clone() };
    for place in &places(&folder)[1..] {
        let (mut deaf, mut ended) = (None, Instant::now());
        shared_as(place, &recipe, PATIENCE, |place| {
            deaf.insert(Rogue::join(place)).say(&FromWorker::Hello { protocol: PROTOCOL });
            Rogue::delivers_all(place);
            ended = Instant::now();
        });
        assert!(ended.elapsed() < Duration::from_secs(10), "{place}");
        drop(deaf);
    }
}

#[test]
fn a_panic_ends_the_run_with_an_error() {
    let folder = TempDir::new().unwrap();
    let [place, ..] = places(&folder);
    let Subject { prover, recipe, .. } = subject();
    let (works, panics) = (|| io(recipe), || -> Io { panic!("a bug, as the test wants it") });
    let run = |io: &(dyn Fn() -> Io + Sync), progress: &dyn Fn()| {
        let run = Coordination { prover, recipe, io, proves: false, patience: PATIENCE };
        run.prove_into(place.share().unwrap(), &mut Vec::new(), |_| progress())
    };
    assert!(matches!(run(&panics, &|| ()), Err(ShareError::Panicked)));
    assert!(matches!(run(&works, &|| panic!("another")), Err(ShareError::Panicked)));
}

#[test]
fn lengths_are_checked_before_memory_is_taken() {
    let folder = TempDir::new().unwrap();
    let [files, place, _] = places(&folder);
    let path = folder.path().join("socket");
    let left = shared(&place, |place| {
        let mut stream = UnixStream::connect(&path).unwrap();
        stream.write_all(&[0xff; 4]).unwrap();
        // A length that is allowed, and nothing after it.
        let mut stream = UnixStream::connect(&path).unwrap();
        stream.write_all(&[0, 0, 1, 0, 1]).unwrap();
        help(place).unwrap();
        drop(stream);
    });
    assert!(left.iter().any(|fault| fault.contains("4294967295 bytes")), "{left:?}");
    let left = shared(&files, |place| {
        let mut rogue = Rogue::join(place);
        rogue.0.sender.send(&vec![0; super::message::WORKER_SIZE_MAX + 1]).unwrap();
        rogue.refused("limit");
        help(place).unwrap();
    });
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_worker_without_a_coordinator_says_so() {
    let folder = TempDir::new().unwrap();
    let [files, socket, _] = places(&folder);
    for place in [&files, &socket] {
        assert!(matches!(help(place), Err(ShareError::Nobody { .. })));
    }
    // What a killed coordinator leaves behind looks like one, and says nothing.
    let meeting = files.share().unwrap();
    assert!(matches!(files.share(), Err(ShareError::Taken { .. })));
    assert!(matches!(help(&files), Err(ShareError::Gone { .. })));
    drop(meeting);
    assert!(files.share().is_ok());
}
