//! What the operator may set.

/// Limits and prices of the pool. Every value is safe: a limit of zero admits nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolConfig {
    /// Transactions in the pool, all senders together.
    pub transactions_max: usize,
    /// Bytes in the pool: the sum of the transactions' encodings.
    pub bytes_max: usize,
    /// Transactions of one sender. Wide enough that a load generator with a handful of accounts
    /// can fill blocks.
    pub per_sender_max: usize,
    /// How many nonces a transaction may lie above its sender's first missing one. Wide enough for
    /// one sender's transactions to arrive out of order over many connections.
    pub gap_max: u64,
    /// Percent by which a replacement must raise both the fee cap and the tip cap.
    pub replacement_bump_percent: u64,
    /// Milliseconds after which a transaction that was never taken expires.
    pub lifetime_ms: u64,
    /// Smallest tip cap (gas price, for types 0 and 1), in wei per gas.
    pub tip_min_wei: u128,
    /// Bytes of one transaction's encoding. As in geth.
    pub transaction_size_max: usize,
}

impl Default for PoolConfig {
    fn default() -> Self {
        Self {
            transactions_max: 100_000,
            bytes_max: 512 << 20,
            per_sender_max: 4_096,
            gap_max: 1_024,
            replacement_bump_percent: 10,
            lifetime_ms: 3 * 60 * 60 * 1_000,
            tip_min_wei: 0,
            transaction_size_max: 128 << 10,
        }
    }
}
