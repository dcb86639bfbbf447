//! `eth_*`.

pub(crate) mod blocks;
pub(crate) mod call;
pub(crate) mod estimate;
pub(crate) mod fees;
pub(crate) mod filters;
pub(crate) mod logs;
mod overrides;
pub(crate) mod state;
pub(crate) mod subscribe;
pub(crate) mod transactions;
