//! C programs against `qemu-riscv32`: what a compiler makes of loops, calls, tables and libraries.

mod oracle;

use std::path::{Path, PathBuf};
use std::process::Command;

use minster_emulator::{CLASSES, CYCLES_MAX_DEFAULT, Io, Limits, Outcome, Recorder, profile};
use minster_precompiles::UNITS;
use minster_riscv::Program;

const COMPILER: &str = "riscv64-unknown-elf-gcc";
const PROGRAMS: &[&str] =
    &["checksums", "matrices", "queens", "sha256", "sorting", "strings", "wide"];
const LEVELS: &[&str] = &["-O0", "-O2"];

const SHAPE: Limits = Limits {
    steps: [1 << 14; CLASSES],
    io: 1 << 12,
    refreshes: 1 << 18,
    calls: 0,
    units: [0; UNITS],
    blocks: 0,
    leaves: 1 << 12,
    nodes: 1 << 14,
    hashes: 1 << 16,
    clock: 1 << 16,
};

#[test]
#[ignore = "needs a RISC-V compiler and qemu-riscv32; xtask's guest group runs it"]
fn c_programs_agree_with_qemu() {
    let (compiler, qemu) = (oracle::Tool::find(COMPILER), oracle::Tool::find("qemu-riscv32"));
    let (Some(compiler), Some(qemu)) = (compiler, qemu) else { return };
    every_source_is_listed();
    let folder = oracle::Folder::new("c-programs");
    let mut cycles = 0;
    for name in PROGRAMS {
        for level in LEVELS {
            let path = compile(&compiler, &folder, name, level);
            let expected = qemu.run(&path);
            let outcome = emulate(&std::fs::read(&path).expect("the file was written"), name);
            let what = format!("{name} {level}");
            assert_eq!(outcome.exit_code & 0xff, expected.exit_code.cast_unsigned(), "{what}");
            let ours = String::from_utf8_lossy(&outcome.text);
            assert_eq!(ours, String::from_utf8_lossy(&expected.stdout), "{what}");
            assert!(!ours.is_empty(), "{what}");
            cycles += outcome.cycles;
        }
    }
    let count = PROGRAMS.len() * LEVELS.len();
    oracle::report(&format!("{count} C programs agree with qemu, {cycles} cycles"));
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs")
}

fn every_source_is_listed() {
    let files = std::fs::read_dir(sources()).expect("the folder exists");
    let names = files.map(|file| file.expect("readable").path());
    let sources = names.filter(|path| path.extension().is_some_and(|extension| extension == "c"));
    for path in sources {
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        assert!(name == "runtime" || PROGRAMS.contains(&name), "{name} is not run");
    }
}

fn compile(compiler: &oracle::Tool, folder: &oracle::Folder, name: &str, level: &str) -> PathBuf {
    let path = folder.file(&format!("{name}{level}.elf"), None);
    let status = Command::new(&compiler.0)
        .args(["-march=rv32im", "-mabi=ilp32", "-nostdlib", "-ffreestanding", "-static"])
        // Or the loop of `memset` becomes a call of `memset`.
        .args(["-fno-builtin", "-fno-tree-loop-distribute-patterns"])
        // The programs are small: the linker puts code and data on one page.
        .args(["-Wl,--no-warn-rwx-segments", "-Wall", "-Wextra", "-Werror", level, "-o"])
        .arg(&path)
        .args([sources().join("runtime.c"), sources().join(format!("{name}.c"))])
        .arg("-lgcc")
        .status();
    assert!(status.expect("the compiler starts").success(), "{name} {level}");
    path
}

/// Runs a program in both ways, which must agree, and names where it spent its instructions.
fn emulate(file: &[u8], name: &str) -> Outcome {
    let program = Program::from_elf(file).unwrap_or_else(|error| panic!("{name}: {error}"));
    let (outcome, counted) =
        profile(&program, Io::default(), CYCLES_MAX_DEFAULT).expect("the program halts");
    assert!(counted.functions.iter().any(|function| function.name == "main"), "{name}");
    let mut recorder = Recorder::new(&program, Io::default(), CYCLES_MAX_DEFAULT);
    while !recorder.has_ended() {
        recorder.next_segment(&[SHAPE]).expect("the program halts");
    }
    assert_eq!(recorder.into_outcome().as_ref(), Some(&outcome), "{name}");
    outcome
}
