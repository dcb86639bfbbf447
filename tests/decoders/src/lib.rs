#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod directory;
mod examples;
mod repair;
mod rpc;

use alloy_primitives::Address;
use minster::testing as program;
use minster_primitives::{Decodable2718, Transaction, alloy_consensus::TxEnvelope};
use minster_recovery::Libsecp;
use minster_sequencer::testing::Stored;
use minster_state::{SoftwareBlake3, Tree};

pub use examples::Examples;

/// EIP-2718 types that alloy's envelope has and ours has not, or the other way round.
const OTHER_TYPES: [u8; 2] = [3, 0x7e];

/// In TOML and JSON.
const TOKENS: [&str; 18] = [
    "=",
    "[",
    "]",
    "[[",
    "{",
    "}",
    "\"",
    "'''",
    "\\u0000",
    ".",
    ",",
    ":",
    "-",
    "0x",
    "1e999",
    "null",
    "\n",
    "340282366920938463463374607431768211456",
];

/// Something that reads bytes.
#[derive(Debug)]
pub struct Decoder {
    /// Its name on command lines and in failures.
    pub name: &'static str,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Transaction,
    Stored(Stored),
    Pubdata,
    Settings,
    /// Of a chain, or of accounts alone.
    Genesis,
    /// The body of an HTTP request to a node.
    Rpc,
    /// The file of a data directory whose path contains this.
    File(&'static str),
}

const fn decoder(name: &'static str, kind: Kind) -> Decoder {
    Decoder { name, kind }
}

/// All of them.
pub const DECODERS: [Decoder; 14] = [
    decoder("transaction", Kind::Transaction),
    decoder("record", Kind::Stored(Stored::Record)),
    decoder("block", Kind::Stored(Stored::Block)),
    decoder("changes", Kind::Stored(Stored::Changes)),
    decoder("snapshot", Kind::Stored(Stored::Snapshot)),
    decoder("pubdata", Kind::Pubdata),
    decoder("settings", Kind::Settings),
    decoder("genesis", Kind::Genesis),
    decoder("rpc", Kind::Rpc),
    decoder("log", Kind::File(".wal")),
    decoder("archive", Kind::File("blocks/00000000000000000000.archive")),
    decoder("watermark", Kind::File("blocks/SYNCED")),
    decoder("snapshot-file", Kind::File(".snapshot")),
    decoder("format", Kind::File("FORMAT")),
];

impl Decoder {
    /// The decoder of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        DECODERS.iter().find(|decoder| decoder.name == name)
    }

    /// Bytes that it accepts.
    #[must_use]
    pub fn examples(&self, examples: &Examples) -> Vec<Vec<u8>> {
        match self.kind {
            Kind::Transaction => examples.transactions.clone(),
            Kind::Stored(Stored::Record) => examples.records.clone(),
            Kind::Stored(Stored::Block) => examples.blocks.clone(),
            Kind::Stored(Stored::Changes) => examples.changes.clone(),
            Kind::Stored(Stored::Snapshot) => examples.snapshots.clone(),
            Kind::Pubdata => examples.pubdata.clone(),
            Kind::Settings => vec![program::settings_example().into_bytes()],
            Kind::Genesis => program::genesis_examples().into(),
            Kind::Rpc => rpc::examples(),
            Kind::File(part) => vec![examples.directory.file(part).1.clone()],
        }
    }

    /// Bytes that it refuses, changes of which reach what those of examples hardly do.
    #[must_use]
    pub fn near_misses(&self) -> Vec<Vec<u8>> {
        match self.kind {
            Kind::Genesis => vec![program::short_genesis()],
            _ => Vec::new(),
        }
    }

    /// Whether an input takes long: a whole directory is read, or a node is asked.
    #[must_use]
    pub const fn is_slow(&self) -> bool {
        matches!(self.kind, Kind::File(_) | Kind::Rpc)
    }

    /// What means something to it, or nearly does, where it reads text.
    #[must_use]
    pub const fn tokens(&self) -> &'static [&'static str] {
        match self.kind {
            Kind::Settings | Kind::Genesis => &TOKENS,
            Kind::Rpc => &rpc::TOKENS,
            _ => &[],
        }
    }

    /// Reads the bytes. Whether they are accepted.
    ///
    /// # Panics
    /// When that breaks a rule: what is accepted is encoded as the same bytes.
    pub fn check(&self, examples: &Examples, bytes: &[u8]) -> bool {
        match self.kind {
            Kind::Transaction => transaction(bytes),
            Kind::Stored(stored) => match stored.recode(bytes) {
                Ok(again) => {
                    assert_eq!(again, bytes, "{stored:?}");
                    true
                }
                Err(_) => false,
            },
            Kind::Pubdata => pubdata(bytes),
            Kind::Settings => str::from_utf8(bytes).is_ok_and(program::check_settings),
            Kind::Genesis => program::check_genesis(bytes),
            Kind::Rpc => examples.node.check(bytes),
            Kind::File(part) => {
                let (path, _) = examples.directory.file(part);
                let is_read = examples.directory.read_with(path, bytes);
                let repaired = repair::checksums(path, bytes);
                is_read | repaired.is_some_and(|bytes| examples.directory.read_with(path, &bytes))
            }
        }
    }
}

/// Our envelope and alloy's say the same, but for the types that only one of them has.
fn transaction(bytes: &[u8]) -> bool {
    let ours = Transaction::decode_trusted(bytes, Address::ZERO);
    let mut rest = bytes;
    let alloy = TxEnvelope::decode_2718(&mut rest).ok().filter(|_| rest.is_empty());
    if !bytes.first().is_some_and(|first| OTHER_TYPES.contains(first)) {
        assert_eq!(ours.is_ok(), alloy.is_some(), "{ours:?}, alloy: {alloy:?}");
    }
    let recovered = Transaction::decode(bytes, &Libsecp);
    let Ok(ours) = ours else {
        assert!(recovered.is_err());
        return false;
    };
    assert_eq!(ours.encoded().as_ref(), bytes);
    if let Some(alloy) = alloy {
        assert_eq!(ours.hash(), *alloy.tx_hash());
    }
    if let Ok(recovered) = recovered {
        assert_eq!(recovered.envelope(), ours.envelope());
    }
    true
}

/// On a state that has nothing.
fn pubdata(bytes: &[u8]) -> bool {
    let old = Tree::<SoftwareBlake3>::new();
    let Ok(decoded) = minster_batch::pubdata::decode(&old, bytes) else { return false };
    assert_eq!(decoded.encode(&old).expect("a batch on this state"), bytes);
    true
}
