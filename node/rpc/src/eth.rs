//! `eth_*`.

pub(crate) mod access_list;
pub(crate) mod blocks;
pub(crate) mod call;
pub(crate) mod chain;
pub(crate) mod estimate;
pub(crate) mod fees;
pub(crate) mod filters;
pub(crate) mod logs;
pub(crate) mod overrides;
pub(crate) mod proof;
pub(crate) mod redirects;
pub(crate) mod simulate;
pub(crate) mod state;
pub(crate) mod subscribe;
pub(crate) mod transactions;
pub(crate) mod unsigned;
