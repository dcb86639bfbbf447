//! Looks for shapes that suit batches: `shapes WANTED SECONDS [--write]`. Prints what it has on the
//! way, and the list; with `--write`, the machine has it. For `cargo xtask bench shapes`.
#![expect(clippy::print_stdout, reason = "the answer of a program")]

use std::error::Error;
use std::time::Duration;

use minster_tests::batches::shapes::{FILE, search, source};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (wanted, seconds, is_written) = match arguments.as_slice() {
        [wanted, seconds] => (wanted, seconds, false),
        [wanted, seconds, "--write"] => (wanted, seconds, true),
        _ => return Err("usage: shapes WANTED SECONDS [--write]".into()),
    };
    let time = Duration::from_secs(seconds.parse()?);
    let text = source(&search(wanted.parse()?, time, |line| println!("{line}")));
    if is_written {
        std::fs::write(FILE, text)?;
    } else {
        println!("{text}");
    }
    Ok(())
}
