//! `minster_*`: what Ethereum has no word for.

pub(crate) mod batches;
pub(crate) mod finality;
