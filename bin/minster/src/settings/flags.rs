//! Every key as a flag.

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use super::table::KEYS;

/// What was typed of the keys, in the order of the schema.
#[derive(Debug, Clone, Default)]
pub struct Flags(pub Vec<(&'static str, String)>);

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        KEYS.iter().fold(command, |command, key| {
            let flag = Arg::new(key.name).long(key.name).value_name("VALUE").help(key.help);
            command.arg(flag.help_heading("Settings").hide_short_help(true))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let typed = |name| Some((name, matches.get_one::<String>(name)?.clone()));
        Ok(Self(KEYS.iter().filter_map(|key| typed(key.name)).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
