//! The benchmarks whose numbers the documents quote: one file each.

mod dev;
mod machine;

use eyre::{Result, bail};

/// What `cargo xtask bench --help` teaches.
pub const USAGE: &str = "
cargo xtask bench dev [--build]

  dev       a newcomer's first minute: `minster dev` from its start to its first answer, and from
            sending a transfer to its durable receipt. The best and the median of five runs, each
            on an empty --dir.
  --build   also the time of `cargo build --release` into an empty folder. Takes minutes.

Prints a table in Markdown with the machine and the commit.
";

/// The command.
pub fn run(arguments: &[String]) -> Result<bool> {
    let Some((name, rest)) = arguments.split_first() else {
        bail!("name a benchmark: dev");
    };
    match name.as_str() {
        "dev" => dev::run(rest),
        _ => bail!("no benchmark `{name}`; there is: dev"),
    }
}
