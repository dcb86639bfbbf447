//! What the code of the batch guest consists of.

use std::collections::BTreeMap;

use super::triangle::guest;

/// The most bytes of its code: every segment of a proof pays for each line of it.
pub const CODE_BYTES_MAX: usize = 2 << 20;

/// Parts, by what the names of their crates begin with; the first that fits counts.
const PARTS: &[(&str, &[&str])] = &[
    ("the EVM", &["revm", "minster_evm"]),
    (
        "curves, fields and hashes of its precompiles",
        &[
            "ark_",
            "aurora_engine_modexp",
            "minster_guest_contracts",
            "num_",
            "p256",
            "primeorder",
            "elliptic_curve",
            "ecdsa",
            "crypto_bigint",
            "sec1",
            "ff",
            "group",
            "k256",
            "ripemd",
            "sha2",
            "signature",
        ],
    ),
    (
        "the guest's side of the zkVM",
        &["minster_guest", "minster_secp256k1", "minster_precompiles"],
    ),
    ("OS, state tree, batches", &["minster_"]),
    ("Ethereum's types, RLP, tries", &["alloy_", "op_alloy", "ruint", "nybbles", "bytes"]),
    ("the standard library", &["core", "alloc", "std", "hashbrown", "compiler_builtins"]),
];

/// The parts of the batch guest's code with their bytes, the largest first.
#[must_use]
pub fn parts() -> Vec<(&'static str, usize)> {
    let program = guest();
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for (pc, _) in program.code() {
        let part = program.function_at(pc).map_or("code without a name", part);
        *sizes.entry(part).or_default() += 4;
    }
    let mut sizes: Vec<_> = sizes.into_iter().collect();
    sizes.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    sizes
}

/// The part that a function is of, by the crate of its type or, without one, of its path.
fn part(mangled: &str) -> &'static str {
    let name = format!("{:#}", rustc_demangle::demangle(mangled));
    let path = name.trim_start_matches(['<', '&', '[', '(', '*']);
    let path =
        path.trim_start_matches("mut ").trim_start_matches("dyn ").trim_start_matches("const ");
    let fits = |prefixes: &[&str]| prefixes.iter().any(|prefix| path.starts_with(prefix));
    let known = PARTS.iter().find(|(_, prefixes)| fits(prefixes));
    known.map_or("small crates, assembly, what the linker put together", |(part, _)| part)
}

#[cfg(test)]
mod tests;
