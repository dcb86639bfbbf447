//! Children that behave in every way but the right one. Scripts stand for the prover.

#![cfg(unix)]

use std::{
    cell::Cell,
    num::NonZeroUsize,
    os::unix::fs::PermissionsExt,
    sync::atomic::AtomicBool,
    thread,
    time::{Duration, Instant},
};

use minster_batcher::NoRoom;
use minster_prover_queue::{ChildProver, Monitor, Progress, ProofFailure, ProveBatch};
use minster_storage::{Storage, StorageConfig, directory::Identity};

struct Outcome {
    result: Result<(), ProofFailure>,
    written: u64,
    progress: Option<Progress>,
    elapsed: Duration,
}

/// Runs a script as if it were the prover; `stop_after` says when the node stops.
fn prove(script: &str, input: &[u8], stop_after: Option<Duration>) -> Outcome {
    let limits = Limits { room: &|_| Ok(()), proof_bytes_max: u64::MAX };
    prove_within(&limits, script, input, stop_after)
}

/// What a proof may take.
struct Limits<'a> {
    room: &'a dyn Fn(u64) -> Result<(), ProofFailure>,
    proof_bytes_max: u64,
}

fn prove_within(
    limits: &Limits<'_>,
    script: &str,
    input: &[u8],
    stop_after: Option<Duration>,
) -> Outcome {
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("prover");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let identity = Identity { chain_id: 1, genesis_hash: [0; 32] };
    let storage = Storage::open(StorageConfig { root: None, identity }).unwrap();
    let document = storage.inputs.write(1, input).unwrap();
    let mut draft = storage.proofs.draft(1).unwrap();
    let (stop, progress) = (AtomicBool::new(false), Cell::new(None));
    let prover = ChildProver { program, threads: NonZeroUsize::MIN };
    let started = Instant::now();
    let result = thread::scope(|scope| {
        if let Some(after) = stop_after {
            let stop = &stop;
            scope.spawn(move || {
                thread::sleep(after);
                stop.store(true, std::sync::atomic::Ordering::Release);
            });
        }
        let progress = |step| progress.set(Some(step));
        let Limits { room, proof_bytes_max } = *limits;
        let monitor = Monitor { progress: &progress, room, proof_bytes_max, stop: &stop };
        prover.prove(&document, &mut draft, &monitor)
    });
    let (written, elapsed) = (draft.size(), started.elapsed());
    Outcome { result, written, progress: progress.get(), elapsed }
}

#[test]
fn input_goes_in_and_output_and_progress_come_out() {
    let script = "echo '{\"cycles\":3,\"cycles_total\":7}' >&2; head -c 13; exit 0";
    let outcome = prove(script, b"hello", None);
    outcome.result.unwrap();
    // The length in eight bytes, and the input; the pipe stays open, as a lifeline.
    assert_eq!(outcome.written, 13);
    assert_eq!(outcome.progress, Some(Progress { cycles: 3, cycles_total: 7 }));
}

#[test]
fn a_failing_child_gives_its_last_line_as_the_reason() {
    let outcome = prove("echo one >&2; echo two >&2; exit 3", &[7; 1 << 20], None);
    let failure = outcome.result.unwrap_err();
    assert!(matches!(failure, ProofFailure::Ended { .. }), "{failure}");
    assert!(failure.to_string().contains("two"), "{failure}");
}

#[test]
fn a_killed_child_and_one_that_never_starts_are_failures() {
    let outcome = prove("kill -9 $$", b"", None);
    assert!(matches!(outcome.result, Err(ProofFailure::Ended { .. })));
    let outcome = prove("exec /no/such/program", b"", None);
    assert!(outcome.result.is_err());
}

#[test]
fn a_flood_of_words_is_no_harm() {
    let script = "i=0; while [ $i -lt 2000 ]; do printf '%0200d' $i >&2; i=$((i+1)); done; exit 1";
    let failure = prove(script, b"", None).result.unwrap_err();
    assert!(failure.to_string().len() < 5_000);
}

#[test]
fn a_stop_ends_a_child_that_hangs() {
    let outcome = prove("exec sleep 100", b"", Some(Duration::from_millis(100)));
    assert!(matches!(outcome.result, Err(ProofFailure::Stopped)));
    assert!(outcome.elapsed < Duration::from_secs(5), "{:?}", outcome.elapsed);
}

/// A full block's proof is larger than many a disk, so the disk is asked again and again.
#[test]
fn a_proof_that_the_disk_has_no_room_for_is_broken_off() {
    let piece = 64 << 20;
    let asked = Cell::new(0);
    let room = |bytes| {
        assert_eq!(bytes, piece);
        asked.set(asked.get() + 1);
        let shortage = NoRoom { bytes, free: 0, promised: 0, reserve: 0 };
        if asked.get() < 3 { Ok(()) } else { Err(shortage.into()) }
    };
    let limits = Limits { room: &room, proof_bytes_max: 4 * piece };
    let outcome = prove_within(&limits, "exec cat /dev/zero", b"", None);
    assert!(matches!(outcome.result, Err(ProofFailure::NoRoom(_))));
    assert_eq!(asked.get(), 3);
    assert!(outcome.written > piece && outcome.written <= 2 * piece, "{}", outcome.written);
}

#[test]
fn a_proof_above_its_limit_is_broken_off_before_it_is_written_down() {
    let limits = Limits { room: &|_| Ok(()), proof_bytes_max: 1_000_000 };
    let outcome = prove_within(&limits, "exec cat /dev/zero", b"", None);
    assert!(matches!(outcome.result, Err(ProofFailure::TooLarge { limit: 1_000_000 })));
    assert!(outcome.written <= 1_000_000, "{}", outcome.written);
}
