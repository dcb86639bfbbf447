//! What a development chain offers besides: keys that the node signs with, and a clock and a block
//! button. Nothing that forges state: every block comes of transactions, so that it can be proven.

pub(crate) mod keys;
pub(crate) mod signing;
pub(crate) mod time;
