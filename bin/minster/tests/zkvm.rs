//! The virtual machine from the command line: the real binary on the example programs.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

/// `lw a0, 1(zero)`: an address that no word has.
const MISALIGNED_LOAD: u32 = 0x0010_2503;

fn example(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../zkvm/examples/elf");
    folder.join(name).with_extension("elf")
}

fn minster(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minster"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    minster(arguments).output().unwrap()
}

fn run_with_input(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = minster(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Succeeds; gives standard output.
fn accepted(output: &Output) -> &str {
    let (out, error) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{out}{error}");
    out
}

/// Fails with status 1; gives the last line of standard error.
fn refused(output: &Output) -> &str {
    let error = text(&output.stderr).trim_end();
    assert_eq!(output.status.code(), Some(1), "{error}");
    error.lines().last().unwrap()
}

fn check_refused(arguments: &[&str], expected: &str) {
    let output = run(arguments);
    let line = refused(&output);
    assert!(line.starts_with("error: ") && line.contains(expected), "{line}");
}

/// A proof of the tenth Fibonacci number, which all tests share, and what making it reported.
struct Proven {
    folder: TempDir,
    output: Output,
}

impl Proven {
    fn proof(&self) -> PathBuf {
        self.folder.path().join("proof")
    }
}

fn proven() -> &'static Proven {
    static PROVEN: OnceLock<Proven> = OnceLock::new();
    PROVEN.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let input = folder.path().join("ten");
        fs::write(&input, 10_u32.to_le_bytes()).unwrap();
        let proof = folder.path().join("proof");
        let elf = example("fibonacci");
        let output = run(&[
            "prove",
            "--elf",
            path(&elf),
            "--input",
            path(&input),
            "--out",
            path(&proof),
            "--json",
        ]);
        Proven { folder, output }
    })
}

/// Verifies a changed copy of the shared proof.
fn verify_changed(name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Output {
    let mut bytes = fs::read(proven().proof()).unwrap();
    change(&mut bytes);
    let changed = proven().folder.path().join(name);
    fs::write(&changed, bytes).unwrap();
    run(&["verify", "--elf", path(&example("fibonacci")), path(&changed)])
}

/// Writes a copy of an example with some bytes replaced.
fn patched(folder: &TempDir, name: &str, at: usize, bytes: &[u8]) -> PathBuf {
    let mut file = fs::read(example(name)).unwrap();
    file[at..at + bytes.len()].copy_from_slice(bytes);
    let elf = folder.path().join("patched.elf");
    fs::write(&elf, file).unwrap();
    elf
}

/// Where the first instruction of a program is in its file.
fn entry_offset(elf: &[u8]) -> usize {
    let word = |at: usize| u32::from_le_bytes(elf[at..at + 4].try_into().unwrap());
    let half = |at: usize| usize::from(u16::from_le_bytes(elf[at..at + 2].try_into().unwrap()));
    let (entry, table, size, count) = (word(24), word(28) as usize, half(42), half(44));
    let headers = (0..count).map(|index| table + index * size);
    let offset = |header: usize| {
        let (kind, offset, address) = (word(header), word(header + 4), word(header + 8));
        let inside = kind == 1 && (address..address + word(header + 16)).contains(&entry);
        inside.then(|| (offset + entry - address) as usize)
    };
    headers.filter_map(offset).next().unwrap()
}

#[test]
fn a_program_runs_and_is_counted() {
    let elf = example("json");
    let output = run_with_input(&["execute", "--elf", path(&elf), "--input", "-"], b"[1, [2, 3]]");
    let report = accepted(&output);
    for line in ["exit code      0", "public output  ", "instruction", "function, without"] {
        assert!(report.contains(line), "{report}");
    }
    let output =
        run_with_input(&["execute", "--elf", path(&elf), "--input", "-", "--json"], b"[1, [2, 3]]");
    let report: Value = serde_json::from_str(accepted(&output)).unwrap();
    assert_eq!(report["exitCode"], 0);
    let sum = |list: &str| -> u64 {
        let entries = report[list].as_array().unwrap();
        entries.iter().map(|entry| entry["cycles"].as_u64().unwrap()).sum()
    };
    assert_eq!(report["cycles"], sum("opcodes"));
    assert_eq!(report["cycles"], sum("functions"));
    let names = report["functions"].as_array().unwrap().iter();
    let mut names = names.map(|entry| entry["function"].as_str().unwrap());
    assert!(names.any(|name| name.starts_with("minster_")), "demangled");
}

#[test]
fn the_public_output_can_be_piped() {
    let elf = example("probe");
    let arguments = ["execute", "--elf", path(&elf), "--input", "-", "--output", "-"];
    let output = run_with_input(&arguments, b"ehello");
    assert_eq!(accepted(&output), "hello");
    let error = text(&output.stderr);
    assert!(error.contains("pieces"), "the debug text of the program: {error}");
    assert!(error.contains("exit code      0"), "the report: {error}");
}

#[test]
fn a_proof_is_made_and_verified() {
    let Proven { output, .. } = proven();
    let report: Value = serde_json::from_str(accepted(output)).unwrap();
    assert_eq!(report["output"]["hex"], "0x37000000");
    let sum = |list: &str, key: &str| -> u64 {
        let entries = report[list].as_array().unwrap();
        entries.iter().map(|entry| entry[key].as_u64().unwrap()).sum()
    };
    assert_eq!(report["cycles"], sum("segments", "cycles"));
    assert!(report["cyclesPerCpuSecond"].as_f64().unwrap() > 0.0);
    assert!(report["peakMemoryBytes"].as_u64().unwrap() > 1 << 20);
    assert!(sum("tables", "rowsUsed") > sum("segments", "cycles"));
    // Every phase was seen: the library still opens the spans that tell them apart.
    for phase in ["execute", "trace", "commit", "buses", "quotient", "open", "verify"] {
        assert!(report["phaseSeconds"][phase].as_f64().unwrap() > 0.0, "{phase}: {report}");
    }
    let proof = proven().proof();
    assert_eq!(report["proofBytes"], fs::metadata(&proof).unwrap().len());

    let elf = example("fibonacci");
    let verified = run(&["verify", "--elf", path(&elf), path(&proof), "--json"]);
    let verified: Value = serde_json::from_str(accepted(&verified)).unwrap();
    assert_eq!(verified["valid"], true);
    assert!(verified["provenBits"].as_f64().unwrap() >= 100.0);
    for key in ["output", "keyDigest", "proofBytes", "provenBits"] {
        assert_eq!(verified[key], report[key], "{key}");
    }
    let bytes = fs::read(&proof).unwrap();
    let verified = run_with_input(&["verify", "--elf", path(&elf), "-"], &bytes);
    assert!(accepted(&verified).contains("0x37000000"));
    let nothing = run_with_input(&["verify", "--elf", path(&elf), "-"], b"");
    assert!(refused(&nothing).starts_with("error: standard input: this is not a proof"));
}

#[test]
fn no_other_file_is_beside_a_proof() {
    let proof = proven().proof();
    let folder = fs::read_dir(proof.parent().unwrap()).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let hidden: Vec<String> = names.filter(|name| name.starts_with('.')).collect();
    assert!(hidden.is_empty(), "{hidden:?}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_proof_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let input = folder.path().join("input");
    fs::write(&input, 50_000_000_u32.to_le_bytes()).unwrap();
    let (elf, proof) = (example("fibonacci"), folder.path().join("proof"));
    let mut command = minster(&["prove", "--elf", path(&elf), "--input", path(&input)]);
    let mut child = command.args(["--quiet", "--out", path(&proof)]).spawn().unwrap();
    let files = || fs::read_dir(folder.path()).unwrap().count();
    while files() == 1 {
        std::thread::sleep(Duration::from_millis(10));
    }
    // The signal is listened to right after the file is there.
    std::thread::sleep(Duration::from_millis(200));
    let signal = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(signal.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(files(), 1);
}

#[test]
fn truncated_proofs_are_refused() {
    let output = verify_changed("short", |bytes| bytes.truncate(bytes.len() - 1));
    assert!(refused(&output).contains("the proof is truncated; copy it again"));
    let output = verify_changed("empty", Vec::clear);
    assert!(refused(&output).contains("give the file that minster prove wrote"));
}

#[test]
fn changed_proofs_are_refused() {
    for (name, numerator) in [("quarter", 1), ("half", 2), ("three-quarters", 3)] {
        let output = verify_changed(name, |bytes| {
            let at = bytes.len() * numerator / 4;
            bytes[at] ^= 1;
        });
        let line = refused(&output);
        assert!(line.contains("copy it again, or prove the run again"), "{line}");
    }
    // The public output comes last; the version comes after 8 bytes of magic.
    let output = verify_changed("output", |bytes| *bytes.last_mut().unwrap() ^= 1);
    assert!(refused(&output).contains("the public output is not the one that was proven"));
    let output = verify_changed("version", |bytes| bytes[8] ^= 0x40);
    assert!(refused(&output).contains("verify it with the minster that made it"));
    let output = verify_changed("magic", |bytes| bytes[0] ^= 1);
    assert!(refused(&output).contains("give the file that minster prove wrote"));
}

#[test]
fn a_proof_of_another_program_is_refused() {
    let proof = proven().proof();
    let expected = "the proof was made for another program or another version of this machine";
    check_refused(&["verify", "--elf", path(&example("sort")), path(&proof)], expected);
}

#[test]
fn files_that_are_no_programs_are_refused() {
    let folder = TempDir::new().unwrap();
    let note = folder.path().join("note");
    fs::write(&note, "no program").unwrap();
    let check = |elf: &Path, expected| {
        check_refused(&["execute", "--elf", path(elf)], expected);
        let proof = folder.path().join("proof");
        check_refused(&["prove", "--elf", path(elf), "--out", path(&proof)], expected);
        assert!(!proof.exists());
    };
    check(&note, "not an ELF file; give the executable");
    check(&patched(&folder, "fibonacci", 4, &[2]), "64-bit ELF file: the machine is 32-bit");
    check(&patched(&folder, "fibonacci", 18, &[62, 0]), "for architecture 62, not for RISC-V");
    check(&folder.path().join("missing"), "there is no file");
    check(folder.path(), "is a directory, give a file");
    let proof = proven().proof();
    check_refused(&["execute", "--elf", path(&proof)], "this is a proof: --elf takes the program");
    let elf = example("fibonacci");
    check_refused(&["verify", "--elf", path(&elf), path(&elf)], "this is not a proof");
}

#[test]
fn traps_name_the_function() {
    let folder = TempDir::new().unwrap();
    let at = entry_offset(&fs::read(example("fibonacci")).unwrap());
    let elf = patched(&folder, "fibonacci", at, &MISALIGNED_LOAD.to_le_bytes());
    let output = run(&["execute", "--elf", path(&elf)]);
    let line = refused(&output);
    assert!(line.starts_with("error: trap at pc 0x01000000 in function _"), "{line}");
    assert!(line.ends_with(": misaligned load at 0x00000001"), "{line}");
    let proof = folder.path().join("proof");
    let output = run(&["prove", "--elf", path(&elf), "--out", path(&proof), "--quiet"]);
    assert_eq!(refused(&output), line);
    assert!(!proof.exists());

    let output = run_with_input(
        &["execute", "--elf", path(&example("probe")), "--input", "-"],
        b"s too deep",
    );
    let line = refused(&output);
    assert!(line.contains("in function probe::descend: store at 0x"), "{line}");
    assert!(line.ends_with("which is no memory: perhaps the stack is full"), "{line}");
}

#[test]
fn a_run_that_is_too_long_is_stopped() {
    let elf = example("fibonacci");
    let arguments = ["execute", "--elf", path(&elf), "--max-cycles", "10"];
    check_refused(&arguments, "did not halt within 10 cycles: raise --max-cycles");
}

#[test]
fn a_failing_program_has_no_proof() {
    let folder = TempDir::new().unwrap();
    let input = folder.path().join("input");
    let proof = folder.path().join("proof");
    let elf = example("probe");
    for (what, exit) in [("x", "exit code 7"), ("p", "exit code 101: it panicked")] {
        fs::write(&input, what).unwrap();
        let guest = ["--elf", path(&elf), "--input", path(&input)];
        let output = run(&[&["execute", "--json"][..], &guest].concat());
        assert!(refused(&output).ends_with(exit), "{}", refused(&output));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_ne!(report["exitCode"], 0);
        let output = run(&[&["prove", "--out", path(&proof)][..], &guest].concat());
        let line = refused(&output);
        assert!(line.contains(exit) && line.ends_with("so there is no proof"), "{line}");
        assert!(!proof.exists());
    }
    assert!(text(&run(&["execute", "--elf", path(&elf)]).stderr).contains("exit code 1"));
}

#[test]
fn unusable_files_are_named() {
    let folder = TempDir::new().unwrap();
    let elf = example("fibonacci");
    let elf = path(&elf);
    let missing = folder.path().join("missing");
    check_refused(&["execute", "--elf", elf, "--input", path(&missing)], "--input: there is no");
    check_refused(&["execute", "--elf", elf, "--hints", path(&missing)], "--hints: there is no");
    check_refused(&["verify", "--elf", elf, path(&missing)], "proof: there is no file");
    let proof = missing.join("proof");
    check_refused(&["prove", "--elf", elf, "--out", path(&proof)], "does its folder exist");
    check_refused(&["prove", "--elf", elf, "--out", path(folder.path())], "is a directory");
    let long = folder.path().join("long");
    fs::File::create(&long).unwrap().set_len((256 << 20) + 1).unwrap();
    check_refused(&["execute", "--elf", elf, "--input", path(&long)], "more than 256 MiB");
}

#[test]
fn contradicting_arguments_are_refused() {
    let check = |arguments: &[&str]| {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains("standard"));
    };
    check(&["execute", "--elf", "a", "--input", "-", "--hints", "-"]);
    check(&["execute", "--elf", "a", "--json", "--output", "-"]);
    check(&["prove", "--elf", "a", "--json", "--out", "-"]);
    check(&["verify", "--elf", "-", "-"]);
}

#[test]
fn help_shows_an_example() {
    for command in ["prove", "verify", "execute"] {
        let output = run(&[command, "--help"]);
        assert!(accepted(&output).contains(&format!("  minster {command} --elf")), "{command}");
    }
}
