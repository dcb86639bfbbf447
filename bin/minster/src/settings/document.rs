//! The schema for people: the commented file, and the page with all keys.

use std::fmt::Write as _;

use super::{
    Settings,
    keys::{Key, SECRETS, SECTIONS},
    table::KEYS,
};

/// Columns of a comment.
const WIDTH: usize = 98;

/// What `minster config default` writes for the keys that a node does not start without.
const EXAMPLES: [(&str, &str); 2] =
    [("node.directory", "\"/var/lib/minster\""), ("rpc.listen", "\"127.0.0.1:8545\"")];

/// A file with every key and its default, which is commented out where there is one.
pub fn default_file() -> String {
    let mut out = String::from(
        "# Settings of `minster node`. Every key is here with its default, commented out.\n\
         # A key is also a flag (--rpc.batch_max 10) and a variable of the environment\n\
         # (MINSTER_RPC_BATCH_MAX=10); flags come before variables, variables before this file.\n",
    );
    let defaults = Settings::node();
    for (section, about) in SECTIONS {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "\n# {about}\n[{section}]");
        for key in KEYS.iter().filter(|key| key.split().0 == *section) {
            out.push('\n');
            comment(&mut out, key.help);
            comment(&mut out, &form(key));
            let (_, name) = key.split();
            let example = EXAMPLES.iter().find(|(named, _)| *named == key.name);
            let _ = match (example, (key.written)(&defaults)) {
                (Some((_, value)), _) => writeln!(out, "{name} = {value}"),
                (None, Some(value)) => writeln!(out, "#{name} = {value}"),
                (None, None) => writeln!(out, "#{name} ="),
            };
        }
    }
    out
}

/// The page with all keys, as Markdown.
pub fn reference() -> String {
    let mut out = String::from(
        "# Settings of `minster node`\n\n\
         Written by `minster config reference`; a test holds it to the code.\n\n\
         Each key may be set in the file (`--config FILE`, TOML), by a variable of the \
         environment\nand by a flag; a flag comes before a variable, a variable before the file. \
         The variable\n\
         of `rpc.batch_max` is `MINSTER_RPC_BATCH_MAX`, its flag `--rpc.batch_max`. What is not\n\
         known is an error, also a variable that begins with `MINSTER_`; `MINSTER_CONFIG` names \
         the\nfile.\n",
    );
    let defaults = Settings::node();
    for (section, about) in SECTIONS {
        let _ = write!(out, "\n## {section}\n\n{about}\n\n| key | default | what it is |\n");
        out.push_str("| --- | --- | --- |\n");
        for key in KEYS.iter().filter(|key| key.split().0 == *section) {
            let default = match (key.is_required, (key.written)(&defaults)) {
                (true, _) => "must be set".to_owned(),
                (false, None) => "–".to_owned(),
                (false, Some(value)) => format!("`{value}`"),
            };
            let (form, help) = (form(key), key.help);
            let _ = writeln!(out, "| `{}` | {default} | {help} ({form}) |", key.name);
        }
    }
    out.push_str("\n## Secrets\n\nNever in the file, never on a command line.\n\n");
    out.push_str("| variable | or the file that this key names |\n| --- | --- |\n");
    for secret in SECRETS {
        let _ = writeln!(out, "| `{}` | `{}` |", secret.variable, secret.file_key);
    }
    out
}

/// What may be written, as a clause.
fn form(key: &Key) -> String {
    match &key.range {
        Some(range) => format!("{}, from {} to {}", key.form, range.start(), range.end()),
        None => key.form.to_owned(),
    }
}

fn comment(out: &mut String, text: &str) {
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(out, "{line}");
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(out, "{line}");
}
