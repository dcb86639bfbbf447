//! Sends load to a node and measures it from outside. For `cargo xtask bench load` and
//! `cargo xtask bench beside`.
//!
//! ```text
//! load burst URL PID transfer|erc20|swap http|http-batch|ws COUNT
//! load steady URL PID PER_SECOND SECONDS sync|ask
//! load overload URL PID transfer|erc20|swap PER_SECOND SECONDS
//! load grow URL PID ADMIN TOTAL
//! load scale
//! ```
//!
//! PID is the node's process. What was measured is printed as JSON. The load shares the cores with
//! the node, so it does as little as it can while the clock runs: everything is signed and written
//! down as it goes over the wire before, one thread serves all sockets, and answers are searched,
//! not parsed. Any transaction that fails or is missing in the blocks is an error, and but for
//! `overload` any that is refused.
#![expect(clippy::print_stdout, reason = "the answer of a program")]

mod accounts;
mod asker;
mod burst;
mod connection;
mod grow;
mod node;
mod overload;
mod scale;
mod steady;
mod times;
mod watch;
mod wire;
mod work;

use eyre::{Result, bail};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((mode, rest)) = arguments.split_first() else {
        bail!("usage: load burst|steady|overload|grow …");
    };
    let report = match mode.as_str() {
        "burst" => burst::run(rest)?,
        "grow" => grow::run(rest)?,
        "overload" => overload::run(rest)?,
        "scale" => scale::run(rest)?,
        "steady" => steady::run(rest)?,
        _ => bail!("`{mode}` is no mode: burst, steady, overload, grow or scale"),
    };
    println!("{report}");
    Ok(())
}
