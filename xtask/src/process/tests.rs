use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use super::{Daemon, bounded, capture, stream};

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

fn is_alive(process: &str) -> bool {
    capture(&mut shell(&format!("kill -0 {}", process.trim()))).is_some()
}

#[test]
fn output_and_status_come_back() {
    let ended = stream(&mut shell("echo one; echo two; exit 3")).unwrap();
    assert_eq!(ended.stdout, "one\ntwo\n");
    assert!(!ended.success);
    assert!(stream(&mut shell("exit 0")).unwrap().success);
    assert!(stream(&mut Command::new("no-such-program")).is_err());
}

#[test]
fn what_takes_too_long_is_killed_with_its_children() {
    let start = Instant::now();
    let ended = bounded(&mut shell("sleep 60 & sleep 60"), Duration::from_millis(200)).unwrap();
    // A child that lived on would hold the pipe open.
    assert!(start.elapsed() < Duration::from_secs(30));
    assert!(!ended.success);
    assert_eq!(ended.how, "sh: killed after 0 s");
}

#[test]
fn what_a_script_leaves_running_is_killed() {
    let start = Instant::now();
    let ended = bounded(&mut shell("sleep 60 & exit 0"), Duration::from_secs(50)).unwrap();
    assert!(ended.success);
    assert!(start.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_daemon_ends_with_its_value() {
    let name = format!("xtask-daemon-{}.log", std::process::id());
    let log: PathBuf = std::env::temp_dir().join(name);
    let mut daemon = Daemon::start(&mut shell("echo $$; exec sleep 60"), &log).unwrap();
    let start = Instant::now();
    let mut process = String::new();
    while !process.ends_with('\n') && start.elapsed() < Duration::from_secs(10) {
        process = std::fs::read_to_string(&log).unwrap();
    }
    assert!(daemon.ended().is_none());
    assert!(is_alive(&process));
    drop(daemon);
    assert!(!is_alive(&process));
    std::fs::remove_file(&log).unwrap();
}
