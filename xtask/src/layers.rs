//! The layer table: which folder is which tier of the lint policy, and on which folders it may
//! stand. Arrows point to rows further up, so a cycle cannot be written down.

/// How strict the lints of a crate are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Runs inside the proof or checks one: no panic, no unsafe, no clock.
    Proved,
    /// Makes proofs, or is linked into what is proved: no unwrap.
    Prover,
    /// Serves users: no unwrap.
    Node,
    /// Tests and tools.
    Tool,
}

/// One crate.
pub struct Layer {
    /// Its folder, relative to the root.
    pub folder: &'static str,
    /// Its tier.
    pub tier: Tier,
    /// The folders that its library may need; a last `*` stands for the rest of the path.
    pub below: &'static [&'static str],
}

const fn layer(folder: &'static str, tier: Tier, below: &'static [&'static str]) -> Layer {
    Layer { folder, tier, below }
}

/// The rows, from the ground up. A crate that is planned may stand here before it exists.
pub const LAYERS: &[Layer] = &[
    layer("protocol/primitives", Tier::Proved, &[]),
    layer("protocol/params", Tier::Proved, &["protocol/primitives"]),
    layer("protocol/state", Tier::Proved, &["protocol/primitives", "protocol/params"]),
    layer(
        "protocol/evm",
        Tier::Proved,
        &["protocol/primitives", "protocol/params", "protocol/state"],
    ),
    layer(
        "protocol/batch",
        Tier::Proved,
        &["protocol/primitives", "protocol/params", "protocol/state", "protocol/evm"],
    ),
    layer(
        "protocol/os",
        Tier::Proved,
        &[
            "protocol/primitives",
            "protocol/params",
            "protocol/state",
            "protocol/evm",
            "protocol/batch",
        ],
    ),
    layer("zkvm/riscv", Tier::Proved, &[]),
    layer("zkvm/precompiles", Tier::Prover, &[]),
    layer("zkvm/emulator", Tier::Prover, &["zkvm/riscv", "zkvm/precompiles"]),
    layer("zkvm/machine", Tier::Prover, &["zkvm/riscv", "zkvm/precompiles", "zkvm/emulator"]),
    layer(
        "zkvm/verifier",
        Tier::Proved,
        &["zkvm/riscv", "zkvm/precompiles", "zkvm/emulator", "zkvm/machine"],
    ),
    layer(
        "zkvm/prover",
        Tier::Prover,
        &["zkvm/riscv", "zkvm/precompiles", "zkvm/emulator", "zkvm/machine", "zkvm/verifier"],
    ),
    layer("zkvm/guest", Tier::Prover, &["zkvm/precompiles"]),
    layer("zkvm/secp256k1", Tier::Prover, &["zkvm/precompiles", "zkvm/guest"]),
    layer("zkvm/examples", Tier::Tool, &["zkvm/precompiles", "zkvm/guest", "zkvm/secp256k1"]),
    layer("guests/foldhash", Tier::Prover, &[]),
    layer(
        "guests/contracts",
        Tier::Prover,
        &["protocol/*", "zkvm/precompiles", "zkvm/guest", "zkvm/secp256k1"],
    ),
    layer(
        "guests/batch",
        Tier::Prover,
        &[
            "protocol/*",
            "zkvm/precompiles",
            "zkvm/guest",
            "zkvm/secp256k1",
            "guests/contracts",
            "guests/foldhash",
        ],
    ),
    layer("node/telemetry", Tier::Node, &[]),
    layer("node/blobs", Tier::Node, &["protocol/*"]),
    layer("node/storage", Tier::Node, &["protocol/*"]),
    layer("node/keccak", Tier::Node, &["protocol/*"]),
    layer("node/recovery", Tier::Node, &["protocol/*", "node/keccak"]),
    layer("node/mempool", Tier::Node, &["protocol/*"]),
    layer(
        "node/sequencer",
        Tier::Node,
        &[
            "protocol/*",
            "node/telemetry",
            "node/storage",
            "node/keccak",
            "node/recovery",
            "node/mempool",
        ],
    ),
    layer(
        "node/batcher",
        Tier::Node,
        &["protocol/*", "node/storage", "node/blobs", "node/recovery", "node/sequencer"],
    ),
    layer(
        "node/prover-queue",
        Tier::Node,
        &["protocol/*", "zkvm/*", "node/storage", "node/batcher"],
    ),
    layer(
        "node/rpc",
        Tier::Node,
        &[
            "protocol/*",
            "node/telemetry",
            "node/storage",
            "node/mempool",
            "node/sequencer",
            "node/batcher",
        ],
    ),
    layer(
        "node/admin",
        Tier::Node,
        &[
            "protocol/*",
            "node/telemetry",
            "node/storage",
            "node/mempool",
            "node/sequencer",
            "node/batcher",
            "node/rpc",
        ],
    ),
    layer("bin/minster", Tier::Node, &["protocol/*", "zkvm/*", "guests/*", "node/*"]),
    layer("tests", Tier::Tool, &["protocol/*", "zkvm/*", "guests/*", "node/*", "bin/*"]),
    layer("tests/decoders", Tier::Tool, &["protocol/*", "node/*", "bin/minster"]),
    layer("xtask", Tier::Tool, &[]),
];

/// The row of a folder.
pub fn find(folder: &str) -> Option<&'static Layer> {
    LAYERS.iter().find(|layer| layer.folder == folder)
}

impl Layer {
    /// Whether the library of this crate may need that folder.
    pub fn may_need(&self, folder: &str) -> bool {
        self.below.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => folder.starts_with(start),
            None => *pattern == folder,
        })
    }
}

#[cfg(test)]
mod tests;
