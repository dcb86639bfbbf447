//! What a node is run with, and the two presets: [`Settings::dev`] and [`Settings::node`].
//!
//! Every component has its own config with its own defaults, in its crate. Here they are joined,
//! and [`table::KEYS`] gives each of their fields a name, which is the name in the file, on the
//! command line (`--rpc.batch_max`) and, in capitals, in the environment (`MINSTER_RPC_BATCH_MAX`).

pub mod document;
pub mod flags;
pub mod keys;
pub mod layers;
pub mod table;
pub mod value;

mod history;

use std::{net::SocketAddr, num::NonZeroU32, num::NonZeroUsize, path::PathBuf, time::Duration};

use minster_admin::AdminConfig;
use minster_batcher::BatcherConfig;
use minster_mempool::PoolConfig;
use minster_rpc::RpcConfig;
use minster_sequencer::SequencerConfig;

use crate::{cli::Proofs, logging};

/// Requests of one address in a second that a node answers, if nobody says otherwise.
const NODE_REQUESTS_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(999);

/// Connections of one address that a node takes, if nobody says otherwise.
const NODE_CONNECTIONS_PER_ADDRESS: u32 = 100;

/// The longest that a stop waits for what is in the pool, if nobody says otherwise.
const DRAIN: Duration = Duration::from_secs(10);

/// All settings of a node.
#[derive(Debug, Clone)]
pub struct Settings {
    pub node: NodeSettings,
    pub rpc: RpcConfig,
    pub admin: AdminSettings,
    pub pool: PoolConfig,
    pub sequencer: SequencerConfig,
    /// Where the slice key is, if not in the directory.
    pub slice_key_file: Option<PathBuf>,
    pub batches: BatcherConfig,
    pub proofs: ProofSettings,
    pub log: LogSettings,
}

/// Which chain, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeSettings {
    /// `None` keeps the chain in memory.
    pub directory: Option<PathBuf>,
    pub genesis: Option<PathBuf>,
    pub drain_max: Duration,
}

/// Whether there is an admin port.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AdminSettings {
    /// There is none when `None`.
    pub listen: Option<SocketAddr>,
    /// Everything but the address.
    pub limits: AdminConfig,
}

/// Who proves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProofSettings {
    pub mode: Proofs,
    /// All cores but one when `None`.
    pub threads: Option<NonZeroUsize>,
    /// Tokens of provers elsewhere.
    pub tokens_file: Option<PathBuf>,
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    pub filter: String,
    pub json: bool,
}

impl Settings {
    /// A chain on a laptop: everything is there, nobody is limited.
    pub fn dev() -> Self {
        Self {
            node: NodeSettings { directory: None, genesis: None, drain_max: DRAIN },
            rpc: RpcConfig { cors: true, ..RpcConfig::default() },
            admin: AdminSettings::default(),
            pool: PoolConfig::default(),
            sequencer: SequencerConfig { is_development: true, ..SequencerConfig::default() },
            slice_key_file: None,
            batches: BatcherConfig::default(),
            proofs: ProofSettings::default(),
            log: LogSettings { filter: "info".into(), json: false },
        }
    }

    /// A chain that strangers reach: nothing that costs much for one request, and limits by
    /// address.
    pub fn node() -> Self {
        let dev = Self::dev();
        let rpc = RpcConfig {
            cors: false,
            debug: false,
            txpool: false,
            requests_per_second_max: Some(NODE_REQUESTS_PER_SECOND),
            connections_per_address_max: NODE_CONNECTIONS_PER_ADDRESS,
            ..RpcConfig::default()
        };
        let log = LogSettings { json: true, ..dev.log.clone() };
        let sequencer =
            SequencerConfig { history: history::NODE_HISTORY, ..SequencerConfig::default() };
        Self { rpc, sequencer, log, ..dev }
    }

    /// What does not fit together; empty when everything does. Tokens of provers may also come from
    /// the environment.
    pub fn contradictions(&self, has_tokens_besides: bool) -> Vec<String> {
        let mut found = Vec::new();
        let mut check = |is_wrong: bool, what: &str| {
            if is_wrong {
                found.push(what.to_owned());
            }
        };
        let has_tokens = has_tokens_besides || self.proofs.tokens_file.is_some();
        let Self { rpc, sequencer, batches, pool, .. } = self;
        check(
            self.proofs.mode == Proofs::Lent && !has_tokens,
            "proofs.mode = \"lent\" needs proofs.tokens_file: who may prove",
        );
        check(
            self.proofs.mode == Proofs::Off && has_tokens,
            "proofs.tokens_file lends batches, and proofs.mode = \"off\" makes none",
        );
        check(
            sequencer.brake.proof_backlog_tip > sequencer.brake.proof_backlog_max,
            "proofs.backlog_tip_ms is above proofs.backlog_max_ms",
        );
        check(
            batches.limits.age_idle > batches.limits.age_max,
            "batches.age_idle_ms is above batches.age_max_ms",
        );
        check(
            rpc.connections_per_address_max > rpc.connections_max,
            "rpc.connections_per_address_max is above rpc.connections_max",
        );
        // One address has half of what all have together, and a body counts while it is read.
        check(
            usize::try_from(rpc.body_bytes_max).is_ok_and(|max| max > rpc.requests_bytes_max / 2),
            "rpc.body_bytes_max is above half of rpc.requests_bytes_max",
        );
        check(
            rpc.send_sync_timeout_ms > rpc.send_sync_timeout_ms_max,
            "rpc.send_sync_timeout_ms is above rpc.send_sync_timeout_ms_max",
        );
        check(
            pool.per_sender_max > pool.transactions_max,
            "pool.per_sender_max is above pool.transactions_max",
        );
        check(
            self.admin.listen.is_some_and(|admin| collide(admin, rpc.listen)),
            "rpc.listen and admin.listen are one address: give the admin port another one",
        );
        check(!logging::is_filter(&self.log.filter), "log.filter is no filter");
        found.extend(history::too_little(sequencer));
        found
    }
}

/// Whether nobody can listen on both.
fn collide(one: SocketAddr, other: SocketAddr) -> bool {
    let is_any = one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() == other.port() && one.port() != 0 && (is_any || one.ip() == other.ip())
}

#[cfg(test)]
mod tests;
