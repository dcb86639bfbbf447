//! What calls of precompiles cost: cells and messages of each, and CPU-seconds of two programs
//! that do little else.

use std::path::{Path, PathBuf};

use eyre::{OptionExt, Result};
use secp256k1::ecdsa::RecoverableSignature;
use secp256k1::{Message, SecretKey};
use serde_json::Value;

use super::machine;
use super::zkvm::{self, LONG};
use crate::repo;
use crate::test::target;

/// Permutations of the Keccak program.
const PERMUTATIONS: u32 = 1000;
/// Signatures of the recovery program.
const SIGNATURES: u8 = 100;

/// A name, and the input of the program `precompiles` that calls it once on small numbers: which
/// one, how its operands lie, and how many blocks they have.
const FUNCTIONS: [(&str, [u8; 2], usize); 8] = [
    ("Keccak-f[1600]", [b'k', 0], 7),
    ("SHA-256 compression", [b's', 0], 3),
    ("BLAKE3 compression", [b'b', 0], 4),
    ("a·b mod m", [b'*', 0], 3),
    ("(a + b) mod m", [b'+', 0], 3),
    ("(a - b) mod m", [b'-', 0], 3),
    ("secp256k1: P + Q", [b'a', 0], 4),
    ("secp256k1: 2·P", [b'd', 0], 2),
];

/// The tables that calls have in common, and those of the units.
const TABLES: [&str; 9] =
    ["call", "block", "keccak", "lanes", "sha256", "blake3", "blake3_call", "modular", "secp256k1"];

/// The benchmark.
pub fn run() -> Result<bool> {
    let minster = zkvm::build()?;
    let keccak = prove(&minster, "keccak_precompile", &PERMUTATIONS.to_le_bytes())?;
    let cells: f64 = tables(&keccak)?.iter().map(|table| of(table, "cells")).sum();
    let cell = number(&keccak, "cpuSeconds")? / cells;
    println!("| call | rows | cells | messages | CPU-µs |\n| --- | ---: | ---: | ---: | ---: |");
    for function in FUNCTIONS {
        println!("{}", row(&minster, function, cell)?);
    }
    println!(
        "\nRows, cells and messages of all tables that the call itself fills, without the \
         instructions around it and without padding; CPU-µs of so many cells at {:.1} ns, as in \
         the Keccak run below.\n",
        cell * 1e9
    );
    println!(
        "{PERMUTATIONS} calls of Keccak-f: {:.2} CPU-s for the whole process, {:.1} MiB of proof.",
        number(&keccak, "cpuSeconds")?,
        number(&keccak, "proofBytes")? / zkvm::MEBI,
    );
    let (mixed, _) = zkvm::prove(&minster, LONG)?;
    let rate = number(&mixed, "cyclesPerCpuSecond")?;
    let recovery = prove(&minster, "recover", &signatures()?)?;
    let each = number(&recovery, "cpuSeconds")? / f64::from(SIGNATURES);
    println!(
        "{SIGNATURES} signatures recovered: {:.1} CPU-s, {:.0} ms each: {:.0} cycle-equivalents \
         at the {rate:.0} cycles per CPU-s of the mixed program of {:.1} M cycles; {:.0} \
         instructions each.",
        number(&recovery, "cpuSeconds")?,
        each * 1e3,
        each * rate,
        number(&mixed, "cycles")? / 1e6,
        number(&recovery, "cycles")? / f64::from(SIGNATURES),
    );
    println!("\n{}", machine::line());
    Ok(true)
}

fn row(minster: &Path, (name, head, blocks): (&str, [u8; 2], usize), cell: f64) -> Result<String> {
    let mut input = head.to_vec();
    // Block b holds the number b + 1: no operand is refused.
    for block in 1..=blocks {
        input.push(u8::try_from(block)?);
        input.resize(input.len() + 31, 0);
    }
    let made = prove(minster, "precompiles", &input)?;
    let tables = tables(&made)?.iter();
    let calls = tables.filter(|table| TABLES.iter().any(|name| table["table"] == *name));
    let (mut rows, mut cells, mut messages) = (0.0, 0.0, 0.0);
    for table in calls {
        let used = of(table, "rowsUsed");
        rows += used;
        cells += used * (of(table, "columns") + 5.0 * of(table, "busColumns"));
        messages += used * of(table, "interactions");
    }
    Ok(format!("| {name} | {rows} | {cells} | {messages} | {:.0} |", cells * cell * 1e6))
}

/// Proves an example program; what `minster prove` says.
fn prove(minster: &Path, program: &str, input: &[u8]) -> Result<Value> {
    let path: PathBuf = target().join("bench-precompiles.input");
    std::fs::write(&path, input)?;
    let elf = repo::root().join("zkvm/examples/elf").join(program).with_extension("elf");
    Ok(zkvm::prove_program(minster, &elf, &path)?.0)
}

/// Records of a digest, a signature and its recovery id.
fn signatures() -> Result<Vec<u8>> {
    let mut input = Vec::new();
    for seed in 1..=SIGNATURES {
        let key = SecretKey::from_secret_bytes([seed; 32])?;
        let message = Message::from_digest([seed ^ 0x5a; 32]);
        let signature = RecoverableSignature::sign_ecdsa_recoverable(message, &key);
        let (id, compact) = signature.serialize_compact();
        input.extend(message.as_ref());
        input.extend(compact);
        input.push(id.to_u8());
    }
    Ok(input)
}

fn tables(made: &Value) -> Result<&Vec<Value>> {
    made["tables"].as_array().ok_or_eyre("no tables")
}

fn number(made: &Value, name: &str) -> Result<f64> {
    made[name].as_f64().ok_or_eyre("a number is missing")
}

fn of(table: &Value, name: &str) -> f64 {
    table[name].as_f64().unwrap_or_default()
}
