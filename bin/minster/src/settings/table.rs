//! The schema: every key with its place in [`Settings`](super::Settings), its range and what it is.

use minster_batch::PUBDATA_BYTES_MAX;
use minster_os::batch::BATCH_BLOCKS_MAX;

use super::{
    keys::{Key, assign, form_of},
    value::Setting,
};

macro_rules! key {
    (@ $name:literal, $($place:ident).+, $range:expr, $required:literal, $help:literal) => {
        Key {
            name: $name,
            help: $help,
            is_required: $required,
            range: $range,
            form: form_of(|settings| &settings.$($place).+),
            written: |settings| settings.$($place).+.written(),
            set: |settings, raw| assign(&mut settings.$($place).+, raw),
        }
    };
    ($name:literal, $($place:ident).+, required, $help:literal) => {
        key!(@ $name, $($place).+, None, true, $help)
    };
    ($name:literal, $($place:ident).+, $first:expr, $last:expr, $help:literal) => {
        key!(@ $name, $($place).+, Some($first..=$last), false, $help)
    };
    ($name:literal, $($place:ident).+, $help:literal) => {
        key!(@ $name, $($place).+, None, false, $help)
    };
}

/// The longest time that any setting may be, in milliseconds: a year.
const TIME_MAX: u128 = 366 * 24 * 3_600 * 1_000;

/// The most of anything that is counted, or measured in bytes.
const COUNT_MAX: u128 = 1 << 40;

/// As many as a 32-bit field holds.
const SMALL_MAX: u128 = u32::MAX as u128;

/// All keys, section by section.
pub static KEYS: &[Key] = &[
    key!(
        "node.directory",
        node.directory,
        required,
        "The data directory; made at the first start. One node at a time uses it."
    ),
    key!(
        "node.genesis",
        node.genesis,
        "The genesis file, as `minster genesis` writes it. The first start needs it, and \
         keeps a copy in the directory; a later start with another chain's is refused."
    ),
    key!(
        "node.drain_max_ms",
        node.drain_max,
        0,
        TIME_MAX,
        "How long a stop waits for transactions that were accepted and are not executed \
         yet."
    ),
    key!(
        "rpc.listen",
        rpc.listen,
        required,
        "Where to listen. 127.0.0.1 is reached from this machine alone; who listens \
         elsewhere puts a proxy with TLS before it."
    ),
    key!(
        "rpc.cors",
        rpc.cors,
        "Whether pages of any origin may call, as browsers ask. Otherwise only pages that the \
         node's own address or localhost names do."
    ),
    key!(
        "rpc.debug",
        rpc.debug,
        "Whether there are methods debug_…: a trace costs as much as its transactions, and \
         its answer may be long."
    ),
    key!(
        "rpc.txpool",
        rpc.txpool,
        "Whether there are methods txpool_…, which show what waits in the pool."
    ),
    key!(
        "rpc.body_bytes_max",
        rpc.body_bytes_max,
        1,
        SMALL_MAX,
        "Bytes of one request, or of one message of a WebSocket."
    ),
    key!(
        "rpc.response_bytes_max",
        rpc.response_bytes_max,
        1,
        SMALL_MAX,
        "Bytes of one answer. A full block with all its transactions is long."
    ),
    key!("rpc.batch_max", rpc.batch_max, 1, SMALL_MAX, "Requests in one JSON-RPC batch."),
    key!("rpc.connections_max", rpc.connections_max, 1, SMALL_MAX, "Connections at a time."),
    key!(
        "rpc.connections_per_address_max",
        rpc.connections_per_address_max,
        1,
        SMALL_MAX,
        "Connections of one address at a time. Of IPv6 an address is its first 64 bits. \
         Behind a proxy all clients have the proxy's address."
    ),
    key!(
        "rpc.idle_ms",
        rpc.idle_ms,
        1,
        TIME_MAX,
        "How long the head of an HTTP request may take, from the end of the request before \
         it."
    ),
    key!(
        "rpc.ping_ms",
        rpc.ping_ms,
        1,
        TIME_MAX,
        "How often a WebSocket is pinged. It ends when nothing came since the last time."
    ),
    key!(
        "rpc.requests_per_second_max",
        rpc.requests_per_second_max,
        0,
        SMALL_MAX,
        "Requests of one address in a second, those in batches included."
    ),
    key!(
        "rpc.body_stall_ms",
        rpc.body_stall_ms,
        1,
        TIME_MAX,
        "How long a client may pause within the body of a request."
    ),
    key!(
        "rpc.send_stall_ms",
        rpc.send_stall_ms,
        1,
        TIME_MAX,
        "How long a client for which something waits may take none of it."
    ),
    key!(
        "rpc.requests_per_connection_max",
        rpc.requests_per_connection_max,
        1,
        COUNT_MAX,
        "Requests of one connection whose answers are not sent, a batch as one. No more are \
         read."
    ),
    key!(
        "rpc.requests_bytes_max",
        rpc.requests_bytes_max,
        1,
        COUNT_MAX,
        "Bytes of requests that are read or answered, of all clients together; of one \
         address half."
    ),
    key!(
        "rpc.request_values_max",
        rpc.request_values_max,
        1,
        COUNT_MAX,
        "Values in the lists and objects of one request's parameters."
    ),
    key!(
        "rpc.unsent_bytes_max",
        rpc.unsent_bytes_max,
        1,
        COUNT_MAX,
        "Bytes of answers and notifications that wait to be sent, of all clients together; \
         of one address half."
    ),
    key!(
        "rpc.unsent_bytes_per_connection_max",
        rpc.unsent_bytes_per_connection_max,
        1,
        COUNT_MAX,
        "Bytes of one connection's answers that wait to be sent, beyond which no more of \
         its requests are read."
    ),
    key!(
        "rpc.subscriptions_max",
        rpc.subscriptions_max,
        0,
        COUNT_MAX,
        "Subscriptions of all clients together; of one address half."
    ),
    key!(
        "rpc.subscriptions_per_connection_max",
        rpc.subscriptions_per_connection_max,
        0,
        SMALL_MAX,
        "Subscriptions of one WebSocket."
    ),
    key!(
        "rpc.call_gas_max",
        rpc.call_gas_max,
        1,
        COUNT_MAX,
        "Gas of one call, and what it gets when it names none."
    ),
    key!(
        "rpc.call_timeout_ms",
        rpc.call_timeout_ms,
        1,
        TIME_MAX,
        "How long a heavy request may take, its wait included."
    ),
    key!(
        "rpc.calls_running_max",
        rpc.calls_running_max,
        1,
        1_024,
        "Heavy requests that run at a time, each on a thread of its own."
    ),
    key!(
        "rpc.calls_waiting_max",
        rpc.calls_waiting_max,
        0,
        COUNT_MAX,
        "Heavy requests that may wait for such a thread."
    ),
    key!("rpc.logs_range_max", rpc.logs_range_max, 1, COUNT_MAX, "Blocks of one query for logs."),
    key!("rpc.logs_count_max", rpc.logs_count_max, 1, COUNT_MAX, "Logs of one answer."),
    key!(
        "rpc.logs_alternatives_max",
        rpc.logs_alternatives_max,
        1,
        COUNT_MAX,
        "Addresses, or topics in one position, of one filter."
    ),
    key!(
        "rpc.overrides_max",
        rpc.overrides_max,
        0,
        COUNT_MAX,
        "Accounts and slots in the overrides of one request, together."
    ),
    key!(
        "rpc.trace_bytes_max",
        rpc.trace_bytes_max,
        1,
        COUNT_MAX,
        "Bytes that one trace may record, of all its transactions together."
    ),
    key!(
        "rpc.proof_slots_max",
        rpc.proof_slots_max,
        1,
        COUNT_MAX,
        "Slots of one eth_getProof or eth_getStorageValues."
    ),
    key!(
        "rpc.send_sync_timeout_ms",
        rpc.send_sync_timeout_ms,
        1,
        TIME_MAX,
        "How long eth_sendRawTransactionSync waits when nobody says."
    ),
    key!(
        "rpc.send_sync_timeout_ms_max",
        rpc.send_sync_timeout_ms_max,
        1,
        TIME_MAX,
        "The longest wait that a caller of it may ask for."
    ),
    key!(
        "rpc.fee_history_blocks_max",
        rpc.fee_history_blocks_max,
        1,
        COUNT_MAX,
        "Blocks of one eth_feeHistory."
    ),
    key!(
        "rpc.fee_history_percentiles_max",
        rpc.fee_history_percentiles_max,
        1,
        COUNT_MAX,
        "Percentiles of one eth_feeHistory."
    ),
    key!(
        "rpc.filters_max",
        rpc.filters_max,
        0,
        COUNT_MAX,
        "Installed filters of all clients together; of one address half."
    ),
    key!(
        "rpc.filter_values_max",
        rpc.filter_values_max,
        0,
        COUNT_MAX,
        "Addresses and topics of all installed filters and subscriptions together; of one \
         address half."
    ),
    key!(
        "rpc.filter_lifetime_ms",
        rpc.filter_lifetime_ms,
        1,
        TIME_MAX,
        "A filter that nobody asks for this long is uninstalled."
    ),
    key!(
        "rpc.downloads_max",
        rpc.downloads_max,
        0,
        COUNT_MAX,
        "Proofs that are downloaded at a time, by all clients together; by one address half."
    ),
    key!(
        "rpc.tip_suggested_wei",
        rpc.tip_suggested_wei,
        0,
        COUNT_MAX,
        "The tip in wei per gas that eth_maxPriorityFeePerGas suggests."
    ),
    key!(
        "admin.listen",
        admin.listen,
        "The address of the admin port; without it there is none. It has no password: keep it on \
         the loopback interface, or in a network of operators."
    ),
    key!(
        "admin.connections_max",
        admin.limits.connections_max,
        1,
        COUNT_MAX,
        "Connections at a time, each of one request."
    ),
    key!(
        "admin.connection_timeout_ms",
        admin.limits.connection_timeout_ms,
        1,
        TIME_MAX,
        "How long a connection may take, from its begin to its end."
    ),
    key!(
        "admin.executor_age_max_ms",
        admin.limits.executor_age_max_ms,
        1_000,
        TIME_MAX,
        "When the execution thread is silent for so long, the node is not alive."
    ),
    key!(
        "admin.batcher_age_max_ms",
        admin.limits.batcher_age_max_ms,
        10_000,
        TIME_MAX,
        "When the batcher is silent for so long, the node is not ready. A large batch takes it a \
         minute."
    ),
    key!(
        "admin.disk_free_min_bytes",
        admin.limits.disk_free_min_bytes,
        0,
        COUNT_MAX,
        "With less than this free on the disk of the directory, the node is not ready, begins and \
         lends no proofs, and keeps none that would leave less."
    ),
    key!("pool.transactions_max", pool.transactions_max, 1, COUNT_MAX, "Transactions in the pool."),
    key!("pool.bytes_max", pool.bytes_max, 1, COUNT_MAX, "Bytes of all of them."),
    key!("pool.per_sender_max", pool.per_sender_max, 1, COUNT_MAX, "Transactions of one sender."),
    key!(
        "pool.gap_max",
        pool.gap_max,
        0,
        COUNT_MAX,
        "How many nonces a transaction may lie above its sender's first missing one."
    ),
    key!(
        "pool.replacement_bump_percent",
        pool.replacement_bump_percent,
        1,
        10_000,
        "By how much a replacement must raise both the fee cap and the tip cap, in percent."
    ),
    key!("pool.lifetime_ms", pool.lifetime_ms, 1, TIME_MAX, "How long a transaction may wait."),
    key!(
        "pool.tip_min_wei",
        pool.tip_min_wei,
        0,
        COUNT_MAX,
        "The smallest tip that is taken, in wei per gas."
    ),
    key!(
        "pool.transaction_size_max",
        pool.transaction_size_max,
        1,
        PUBDATA_BYTES_MAX as u128,
        "Bytes of one transaction."
    ),
    key!(
        "sequencer.slice_key_file",
        slice_key_file,
        "The file with the key that signs slices: 32 bytes in hex. Without it the node \
         makes a key in its directory. The variable MINSTER_SEQUENCER_SLICE_KEY may hold \
         the key itself."
    ),
    key!(
        "sequencer.receipts",
        sequencer.receipts,
        "Where receipts come from: signed slices, milliseconds after sending, or sealed \
         blocks alone."
    ),
    key!(
        "sequencer.slice_work_ms",
        sequencer.slice_work,
        1,
        1_000,
        "The longest execution in one slice."
    ),
    key!(
        "sequencer.snapshot_blocks",
        sequencer.snapshot_blocks,
        1,
        COUNT_MAX,
        "Blocks between two snapshots of the whole state. A start replays what came after \
         the last one."
    ),
    key!(
        "sequencer.snapshot_transactions",
        sequencer.snapshot_transactions,
        1,
        COUNT_MAX,
        "Transactions between two snapshots, if that comes first; one comes after four million \
         changed keys in any case."
    ),
    key!(
        "sequencer.state_versions_max",
        sequencer.retention.versions_max,
        1_024,
        COUNT_MAX,
        "Slices whose state is held in memory."
    ),
    key!(
        "sequencer.state_changes_max",
        sequencer.retention.changes_max,
        1_024,
        COUNT_MAX,
        "Changed keys that are remembered for them; also how many one request may undo for a \
         proof, or for a state of which the index of the newest blocks is still to be written."
    ),
    key!(
        "sequencer.proof_blocks_max",
        sequencer.retention.proof_blocks_max,
        0,
        COUNT_MAX,
        "Blocks for which eth_getProof is answered, as far back from the last one."
    ),
    key!(
        "history.blocks",
        sequencer.history.blocks,
        0,
        COUNT_MAX,
        "The last blocks that stay on the disk, with their transactions and receipts; 0 keeps \
         all. An idle chain makes none, so a block is a second or more. Blocks stay longer \
         while a batch or a start needs them: without proofs (proofs.mode = \"off\") all do."
    ),
    key!(
        "history.state_blocks",
        sequencer.history.state_blocks,
        0,
        COUNT_MAX,
        "Blocks before the last one whose state is found, because what later ones changed is \
         kept; 0 keeps that as long as the blocks."
    ),
    key!(
        "batches.age_idle_ms",
        batches.limits.age_idle,
        1,
        TIME_MAX,
        "A batch is sealed at this age while no other waits to be proven."
    ),
    key!(
        "batches.age_max_ms",
        batches.limits.age_max,
        1,
        TIME_MAX,
        "A batch is sealed at this age in any case."
    ),
    key!(
        "batches.cycles_max",
        batches.limits.cycles_max,
        1,
        COUNT_MAX,
        "The most proving cost of a batch, in cycle-equivalents. A block above it is a \
         batch alone."
    ),
    key!(
        "batches.pubdata_max",
        batches.limits.pubdata_max,
        1,
        PUBDATA_BYTES_MAX as u128,
        "The most bytes of pubdata of a batch."
    ),
    key!(
        "batches.blocks_max",
        batches.limits.blocks_max,
        1,
        BATCH_BLOCKS_MAX as u128,
        "The most blocks of a batch."
    ),
    key!(
        "batches.proving_max_ms",
        batches.proving_max,
        1,
        TIME_MAX,
        "A batch ends when the prover would need this long for it, as fast as it was of \
         late."
    ),
    key!(
        "batches.rate_assumed",
        batches.rate_assumed,
        1,
        COUNT_MAX,
        "Cycle-equivalents that one thread of the prover is assumed to prove in a second \
         until there is a first proof."
    ),
    key!(
        "batches.proof_bytes_max",
        batches.proof_bytes_max,
        1,
        COUNT_MAX,
        "Bytes of proofs that are kept; the oldest go first. Their batches still count as \
         proven."
    ),
    key!(
        "batches.fee_recipient",
        batches.fee_recipient,
        "Who is paid on L1 for entries of the inbox. It is part of what a batch commits to."
    ),
    key!(
        "proofs.mode",
        proofs.mode,
        "On: this machine proves, in a process of its own at the lowest priority. Lent: \
         provers elsewhere do. Off: nothing is batched or proven; a later start catches up."
    ),
    key!("proofs.threads", proofs.threads, 0, 4_096, "Threads of the prover."),
    key!(
        "proofs.tokens_file",
        proofs.tokens_file,
        "The file with the tokens of provers elsewhere, one a line. The variable \
         MINSTER_PROOFS_TOKENS may hold the tokens themselves."
    ),
    key!(
        "proofs.backlog_tip_ms",
        sequencer.brake.proof_backlog_tip,
        1,
        TIME_MAX,
        "When the prover is behind by this much, the smallest tip begins to rise."
    ),
    key!(
        "proofs.backlog_max_ms",
        sequencer.brake.proof_backlog_max,
        1,
        TIME_MAX,
        "When it is behind by this much, transactions are refused, and those in the pool wait."
    ),
    key!(
        "log.filter",
        log.filter,
        "error, warn, info, debug or trace; or by module, as RUST_LOG has it."
    ),
    key!(
        "log.json",
        log.json,
        "One JSON object a line on standard output; otherwise text on standard error."
    ),
];
