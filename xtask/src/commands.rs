//! The commands of `cargo xtask`, their help, and the way from a name to its function.

use eyre::{Result, bail};

use crate::{bench, guests, long, precontracts, test, tidy};

/// One command: what a person types, what the overview says, and what `--help` teaches.
pub struct Command {
    /// The word after `cargo xtask`.
    pub name: &'static str,
    summary: &'static str,
    usage: &'static str,
    run: fn(&[String]) -> Result<bool>,
}

/// Every command; tidy holds the documents to this list.
pub const COMMANDS: &[Command] = &[
    Command {
        name: "test",
        summary: "everything that CI runs",
        usage: test::USAGE,
        run: test::run,
    },
    Command {
        name: "tidy",
        summary: "the rules of the house that a machine can check",
        usage: tidy::USAGE,
        run: tidy::run,
    },
    Command {
        name: "bench",
        summary: "the numbers that the documents quote",
        usage: bench::USAGE,
        run: bench::run,
    },
    Command {
        name: "long",
        summary: "property tests with a hundred times their usual budget",
        usage: long::USAGE,
        run: long::run,
    },
    Command {
        name: "guests",
        summary: "the example programs for the machine that is proved",
        usage: guests::USAGE,
        run: guests::run,
    },
    Command {
        name: "precontracts",
        summary: "the contracts that genesis holds",
        usage: "
cargo xtask precontracts [--check]

Makes the bytecode of the contracts that stand in the genesis state, and writes it where
protocol/params reads it. With --check it writes nothing and fails if a file would change.
",
        run: run_precontracts,
    },
];

/// Runs the command that the arguments name. `false` means that it ran and found a failure.
pub fn dispatch(arguments: &[String]) -> Result<bool> {
    let Some((name, rest)) = arguments.split_first() else {
        print!("{}", overview());
        return Ok(false);
    };
    if is_help(name) {
        print!("{}", overview());
        return Ok(true);
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        bail!("no command `{name}`\n\n{}", overview());
    };
    if rest.iter().any(|argument| is_help(argument)) {
        println!("cargo xtask {}: {}\n\n{}", command.name, command.summary, command.usage.trim());
        return Ok(true);
    }
    (command.run)(rest)
}

fn run_precontracts(arguments: &[String]) -> Result<bool> {
    let check = match arguments {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => bail!("precontracts takes --check and nothing else"),
    };
    precontracts::run(check).map(|()| true)
}

fn is_help(argument: &str) -> bool {
    matches!(argument, "--help" | "-h" | "help")
}

fn overview() -> String {
    let mut text = String::from("cargo xtask COMMAND [--help]\n\n");
    for command in COMMANDS {
        text.push_str(&format!("  {:<13} {}\n", command.name, command.summary));
    }
    text
}
