//! The compiler for the machine that is proved.
//!
//! The standard library has no build for it, so `core` and `alloc` are compiled from source, and
//! that needs a compiler and a source of one version, such as Debian's.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use eyre::{OptionExt, Result};

use crate::{process, repo};

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const LINKER: &str = "/usr/bin/rust-lld";

/// Debian's packages with all of it.
pub const PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "lld-22"];

/// The machine, as the compiler wants it described.
pub const TARGET: &str = "xtask/guest/riscv32im-minster.json";
const TARGET_NAME: &str = "riscv32im-minster";

/// The first part of it that is not installed.
pub fn missing() -> Option<&'static str> {
    [RUSTC, CARGO, LINKER].into_iter().find(|path| !Path::new(path).exists()).or_else(|| {
        let library = library().map(|source| source.join("library/core"));
        (!library.is_some_and(|core| core.exists())).then_some("library source for /usr/bin/rustc")
    })
}

fn library() -> Option<PathBuf> {
    let sysroot = process::capture(Command::new(RUSTC).args(["--print", "sysroot"]))?;
    Some(Path::new(sysroot.trim()).join("lib/rustlib/src/rust"))
}

/// What decides the bytes of a program beside its source: the versions of compiler and linker.
pub fn versions() -> Result<[String; 2]> {
    let version = |command: &mut Command| {
        let text = process::capture(command)?;
        text.lines().next().map(|line| line.trim().to_owned())
    };
    let compiler = version(Command::new(RUSTC).arg("--version"));
    let linker = version(Command::new(LINKER).args(["-flavor", "gnu", "--version"]));
    compiler.zip(linker).map(|(compiler, linker)| [compiler, linker]).ok_or_eyre("no version")
}

/// The folder in which cargo leaves what [`cargo`] builds.
pub fn output() -> PathBuf {
    target().join(TARGET_NAME).join("release")
}

fn target() -> PathBuf {
    crate::test::target().join("guest")
}

/// `cargo build` for the machine, without saying what. Every build uses the same flags, so that
/// `core` is compiled once.
pub fn cargo() -> Command {
    let root = repo::root();
    let mut command = Command::new(CARGO);
    command
        .current_dir(&root)
        .args(["build", "--release", "--locked", "--target"])
        .arg(root.join(TARGET))
        .args(["-Z", "json-target-spec", "-Z", "build-std=core,alloc"])
        .args(["-Z", "build-std-features=compiler-builtins-mem"]);
    select(&mut command);
    command
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_ENCODED_RUSTFLAGS", flags().join("\x1f".as_ref()))
        // One unit and one link of everything: the smallest program, and the fastest.
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1")
        .env("CARGO_PROFILE_RELEASE_LTO", "fat")
        .env("CARGO_TARGET_DIR", target());
    command
}

/// How a program is optimized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Optimization {
    /// For few instructions.
    Speed,
    /// For few instructions where most of them run, and for few bytes of code elsewhere: every
    /// segment of a proof pays for a table of the program, whose height is a power of two.
    Balanced,
}

/// Crates that few transactions reach: curves, large integers and other hash functions.
const COLD: &[&str] = &[
    "ark-bls12-381",
    "ark-bn254",
    "ark-ec",
    "ark-ff",
    "ark-serialize",
    "aurora-engine-modexp",
    "crypto-bigint",
    "ecdsa",
    "elliptic-curve",
    "k256",
    "minster-guest-contracts",
    "num-bigint",
    "p256",
    "primeorder",
    "revm-precompile",
    "ripemd",
    "sha2",
];

/// Sets the levels of optimization of a build.
pub fn optimize(command: &mut Command, optimization: Optimization) {
    if optimization == Optimization::Speed {
        return;
    }
    for package in COLD {
        let setting = format!("profile.release.package.{package}.opt-level=\"z\"");
        command.args(["--config", &setting]);
    }
}

/// Makes a command use this compiler. A wrapper or flags for the host's compiler would otherwise
/// reach it.
pub fn select(command: &mut Command) {
    let foreign =
        ["CARGO", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER", "RUSTFLAGS", "RUSTUP_TOOLCHAIN"];
    for name in foreign {
        command.env_remove(name);
    }
    command.env("RUSTC", RUSTC).env("RUSTDOC", "/usr/bin/rustdoc");
}

/// The folders of this machine are renamed, so that every machine makes the same bytes. Names of
/// functions stay in the program, for profiles.
fn flags() -> Vec<OsString> {
    let mut flags: Vec<OsString> =
        ["-Clink-arg=-Tlink.ld", "-Cpasses=lower-atomic", "-Cstrip=debuginfo"]
            .map(OsString::from)
            .into();
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cargo")));
    let registries = home.and_then(|home| fs::read_dir(home.join("registry/src")).ok());
    let mut registries: Vec<PathBuf> =
        registries.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    registries.sort();
    let renamed = [(repo::root(), "/minster")]
        .into_iter()
        .chain(library().map(|library| (library, "/rust")))
        .chain(registries.into_iter().map(|registry| (registry, "/crates")));
    for (from, to) in renamed {
        let mut flag = OsString::from("--remap-path-prefix=");
        flag.push(from);
        flag.push("=");
        flag.push(to);
        flags.push(flag);
    }
    flags
}
