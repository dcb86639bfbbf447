//! What the operator may set.

use std::{
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroU32,
};

use crate::{DevKeys, ProverTokens};

/// Where to listen, and the limits of every kind of request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RpcConfig {
    /// Address for HTTP and WebSocket; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Whether pages of any origin may call, as browsers ask (CORS). Otherwise only pages do that
    /// come from the node's own address, under no other name than `localhost`.
    pub cors: bool,
    /// Whether the methods of the namespace `debug` are there.
    pub debug: bool,
    /// Whether the methods of the namespace `txpool` are there.
    pub txpool: bool,
    /// Bytes of one request body or WebSocket message.
    pub body_bytes_max: u32,
    /// Bytes of one response. Wide enough for a full block with all its transactions.
    pub response_bytes_max: u32,
    /// Requests in one batch.
    pub batch_max: u32,
    /// Connections at a time.
    pub connections_max: u32,
    /// Connections of one address at a time; of IPv6 an address is its first 64 bits. Behind a
    /// proxy all clients have the proxy's address.
    pub connections_per_address_max: u32,
    /// How long the head of an HTTP request may take, from the end of the request before it.
    pub idle_ms: u64,
    /// How often a WebSocket is pinged. It ends when nothing came since the last time.
    pub ping_ms: u64,
    /// Requests of one address in a second, those in batches included; no limit when `None`.
    pub requests_per_second_max: Option<NonZeroU32>,
    /// How long a client may pause within the body of a request, or within a message.
    pub body_stall_ms: u64,
    /// How long a client for which something waits may take none of it. On average over such a
    /// time it takes 16 KiB a second.
    pub send_stall_ms: u64,
    /// Requests of one connection whose answers are not sent. A batch is one. No more are read.
    pub requests_per_connection_max: usize,
    /// Bytes of requests that are read or answered, of all clients together; of one address half.
    /// The first 4 KiB of each are not counted.
    pub requests_bytes_max: usize,
    /// Values in the lists and objects of one request's parameters: what is made of a value may
    /// take far more memory than its text.
    pub request_values_max: usize,
    /// Bytes of answers and notifications that wait to be sent, of all clients together; of one
    /// address half. The first 4 KiB of each are not counted.
    pub unsent_bytes_max: usize,
    /// Bytes of one connection's answers that wait to be sent, beyond which no more of its
    /// requests are read.
    pub unsent_bytes_per_connection_max: usize,
    /// Subscriptions of all clients together; of one address half.
    pub subscriptions_max: usize,
    /// Subscriptions of one WebSocket connection.
    pub subscriptions_per_connection_max: u32,
    /// Gas of one `eth_call`, and what it gets when it names none.
    pub call_gas_max: u64,
    /// How long a heavy request (call, estimate, logs, whole blocks) may take, waiting included.
    pub call_timeout_ms: u64,
    /// Heavy requests that run at a time, each on a thread of its own.
    pub calls_running_max: usize,
    /// Heavy requests that may wait for such a thread; those beyond are refused.
    pub calls_waiting_max: usize,
    /// Blocks of one log query.
    pub logs_range_max: u64,
    /// Logs of one answer.
    pub logs_count_max: usize,
    /// Addresses, or topics in one position, of one log filter.
    pub logs_alternatives_max: usize,
    /// Accounts and slots that the state overrides of one request may name, together.
    pub overrides_max: usize,
    /// Bytes that one trace request may record, of all its transactions together. The answer is
    /// at most about as long.
    pub trace_bytes_max: usize,
    /// Slots of one `eth_getProof` or `eth_getStorageValues`.
    pub proof_slots_max: usize,
    /// How long `eth_sendRawTransactionSync` waits when the caller does not say.
    pub send_sync_timeout_ms: u64,
    /// The longest wait that a caller of `eth_sendRawTransactionSync` may ask for.
    pub send_sync_timeout_ms_max: u64,
    /// Blocks of one `eth_feeHistory`.
    pub fee_history_blocks_max: u64,
    /// Percentiles of one `eth_feeHistory`.
    pub fee_history_percentiles_max: usize,
    /// Installed filters (`eth_newFilter` and its kin) of all clients together; of one address
    /// half.
    pub filters_max: usize,
    /// Addresses and topics of all installed filters and of all subscriptions to logs, of all
    /// clients together; of one address half.
    pub filter_values_max: usize,
    /// A filter that nobody asks for this long is uninstalled.
    pub filter_lifetime_ms: u64,
    /// Proofs that are downloaded at a time, by all clients together; by one address half.
    pub downloads_max: usize,
    /// Keys that the node signs with: a development chain's.
    pub dev_keys: DevKeys,
    /// Who may borrow batches and hand proofs in; nobody when there are none.
    pub prover_tokens: ProverTokens,
    /// The tip in wei per gas that `eth_maxPriorityFeePerGas` suggests and `eth_gasPrice` adds to
    /// the base fee. Blocks have room, so that any tip is included at once; a small one keeps fee
    /// arithmetic of wallets away from zero.
    pub tip_suggested_wei: u64,
    /// Answer of `web3_clientVersion`.
    pub node_version: String,
}

impl Default for RpcConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 8545),
            cors: false,
            debug: true,
            txpool: true,
            body_bytes_max: 16 << 20,
            response_bytes_max: 256 << 20,
            batch_max: 1_000,
            connections_max: 1_000,
            connections_per_address_max: 200,
            idle_ms: 60_000,
            ping_ms: 30_000,
            requests_per_second_max: None,
            body_stall_ms: 30_000,
            send_stall_ms: 30_000,
            requests_per_connection_max: 64,
            requests_bytes_max: 256 << 20,
            request_values_max: 100_000,
            unsent_bytes_max: 512 << 20,
            unsent_bytes_per_connection_max: 1 << 20,
            subscriptions_max: 4_096,
            subscriptions_per_connection_max: 256,
            call_gas_max: 50_000_000,
            call_timeout_ms: 10_000,
            calls_running_max: 8,
            calls_waiting_max: 1_024,
            logs_range_max: 10_000,
            logs_count_max: 20_000,
            logs_alternatives_max: 1_000,
            overrides_max: 10_000,
            trace_bytes_max: 128 << 20,
            proof_slots_max: 1_024,
            send_sync_timeout_ms: 2_000,
            send_sync_timeout_ms_max: 10_000,
            fee_history_blocks_max: 1_024,
            fee_history_percentiles_max: 100,
            filters_max: 1_024,
            filter_values_max: 200_000,
            filter_lifetime_ms: 5 * 60 * 1_000,
            downloads_max: 8,
            dev_keys: DevKeys::default(),
            prover_tokens: ProverTokens::default(),
            tip_suggested_wei: 1_000_000,
            node_version: format!(
                "Minster/v{}/{}-{}",
                env!("CARGO_PKG_VERSION"),
                std::env::consts::OS,
                std::env::consts::ARCH
            ),
        }
    }
}
