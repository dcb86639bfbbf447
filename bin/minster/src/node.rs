//! `minster node`: a chain that stays.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
};

use eyre::{WrapErr, bail, eyre};
use minster_params::Genesis;
use minster_rpc::ProverTokens;
use minster_sequencer::{SLICE_KEY_FILE, SliceKey};
use minster_storage::{
    directory::{self, FORMAT},
    disk::{Disk, ReadOnlyDisk},
};

use crate::{
    cli::{ConfigCheck, ConfigCommand, NodeCommand, Sources},
    database::identity,
    genesis,
    logging::{self, say},
    run::{self, GENESIS_FILE, Node, Setup},
    settings::{
        Settings, document,
        keys::{Key, PROVER_TOKENS, SLICE_KEY},
        layers::{self, Layers, Problem, Resolved, Secrets},
        table::KEYS,
    },
    zkvm::files::{self, Wanted},
};

/// Bytes of a file with settings, a key or tokens: many times what is ever in one, and so few that
/// it takes no time to say what is wrong with each line.
pub const FILE_SIZE_MAX: usize = 64 << 10;

/// Runs until a signal or a failure.
pub fn run(arguments: NodeCommand) -> eyre::Result<()> {
    let resolved = resolve(arguments.sources)?.map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(Problem::to_string).collect();
        eyre!("{}; `minster config check` lists them line by line", problems.join("; "))
    })?;
    logging::start(&resolved.settings.log.filter, resolved.settings.log.json)?;
    let setup = setup(resolved)?;
    let (settings, chain_id) = (setup.settings.clone(), setup.genesis.config.chain_id);
    run::run(setup, |node| announce(&settings, chain_id, node))
}

/// Reads the file, the environment and the flags.
fn resolve(sources: Sources) -> eyre::Result<Result<Resolved, Vec<Problem>>> {
    let Sources { config, flags } = sources;
    let text = config.as_deref().map(|path| text(path, "the settings")).transpose()?;
    let file = config.as_deref().zip(text.as_deref());
    let environment: Vec<(OsString, OsString)> = std::env::vars_os().collect();
    let layers = Layers { file, environment, flags: flags.0 };
    Ok(layers::resolve(Settings::node(), layers))
}

/// A small file of text.
fn text(path: &Path, what: &str) -> eyre::Result<String> {
    let bytes = files::read(Wanted { what, path, size_max: FILE_SIZE_MAX })?;
    String::from_utf8(bytes).wrap_err_with(|| format!("{what}: {} is not UTF-8", path.display()))
}

/// Reads what the settings name.
fn setup(resolved: Resolved) -> eyre::Result<Setup> {
    let Resolved { mut settings, secrets, .. } = resolved;
    settings.rpc.prover_tokens = prover_tokens(settings.proofs.tokens_file.as_deref(), &secrets)?;
    let slice_key = slice_key(settings.slice_key_file.as_deref(), &secrets)?;
    let own_key = settings.node.directory.as_ref().map(|path| path.join(SLICE_KEY_FILE));
    if let Some(path) = own_key.filter(|_| slice_key.is_none()) {
        warn_of_readers(&path, "the slice key in node.directory");
    }
    let genesis = genesis_of(&settings)?;
    Ok(Setup { genesis, settings, slice_key, listen_name: "rpc.listen" })
}

/// Who may prove for this node.
fn prover_tokens(file: Option<&Path>, secrets: &Secrets) -> eyre::Result<ProverTokens> {
    match (file, secrets.get(&PROVER_TOKENS)) {
        (Some(path), _) => {
            warn_of_readers(path, PROVER_TOKENS.file_key);
            tokens_in(path, PROVER_TOKENS.file_key)
        }
        (None, Some(text)) => ProverTokens::parse(text).wrap_err(PROVER_TOKENS.variable),
        (None, None) => Ok(ProverTokens::default()),
    }
}

/// The tokens in a file, which messages call by the setting that names it.
pub fn tokens_in(path: &Path, setting: &str) -> eyre::Result<ProverTokens> {
    let context = || format!("{setting}: {}", path.display());
    let text = text(path, setting)?;
    ProverTokens::parse(&text).wrap_err_with(context)
}

fn slice_key(file: Option<&Path>, secrets: &Secrets) -> eyre::Result<Option<SliceKey>> {
    let parsed = match (file, secrets.get(&SLICE_KEY)) {
        (Some(path), _) => {
            warn_of_readers(path, SLICE_KEY.file_key);
            SliceKey::parse(&text(path, SLICE_KEY.file_key)?, &path.display().to_string())
        }
        (None, Some(text)) => SliceKey::parse(text, SLICE_KEY.variable),
        (None, None) => return Ok(None),
    };
    Ok(Some(parsed?))
}

/// A secret that others on the machine may read is said to be so.
fn warn_of_readers(path: &Path, setting: &str) {
    #[cfg(unix)]
    if let Ok(metadata) = std::fs::metadata(path) {
        use std::os::unix::fs::PermissionsExt;
        let mode = metadata.permissions().mode();
        if mode & 0o077 != 0 {
            tracing::warn!(setting, path = %path.display(), "others may read it; chmod 600 it");
        }
    }
}

/// The genesis that was named, or the copy that the first start left in the directory. Whether the
/// directory belongs to it shows when it is opened.
fn genesis_of(settings: &Settings) -> eyre::Result<Genesis> {
    let copy = settings.node.directory.as_ref().map(|directory| directory.join(GENESIS_FILE));
    let path: PathBuf = match (&settings.node.genesis, copy) {
        (Some(named), _) => named.clone(),
        (None, Some(copy)) if copy.exists() => copy,
        (None, Some(copy)) if copy.with_file_name(FORMAT).exists() => bail!(
            "node.genesis is not set, and {} is gone: name the genesis that the chain began with",
            copy.display()
        ),
        _ => bail!(
            "node.genesis is not set, and the directory holds no chain yet: make a genesis with \
             `minster genesis --chain-id N --out genesis.json` and name it"
        ),
    };
    genesis::file::read(&path)
}

/// Whether the directory, if it is there, is one of this chain.
fn fits_directory(setup: Setup) -> eyre::Result<Setup> {
    let directory = setup.settings.node.directory.as_ref().filter(|path| path.exists());
    if let Some(path) = directory {
        let disk = ReadOnlyDisk::open(path).wrap_err_with(|| path.display().to_string())?;
        let disk: Arc<dyn Disk> = Arc::new(disk);
        directory::inspect(&disk, &identity(&setup.genesis))?;
    }
    Ok(setup)
}

fn announce(settings: &Settings, chain_id: u64, node: &Node) {
    let (address, report) = (node.reachable(), node.report());
    let (http, ws) = (format!("http://{address}"), format!("ws://{address}"));
    let directory = settings.node.directory.as_deref().unwrap_or(Path::new(""));
    if settings.log.json {
        let ready = serde_json::json!({
            "http": http,
            "ws": ws,
            "chainId": chain_id,
            "block": report.block,
            "oldestBlock": node.sequencer().chain().oldest_block(),
            "replayedTransactions": report.replayed_transactions,
            "sliceSigner": node.sequencer().slice_signer(),
            "directory": directory,
            "proofs": node.proofs_json(),
            "admin": node.admin(),
        });
        logging::event("ready", ready);
        return;
    }
    say(&format!("Minster {} node\n", env!("CARGO_PKG_VERSION")));
    say(&format!("Chain id      {chain_id}"));
    say(&format!("HTTP          {http}"));
    say(&format!("WebSocket     {ws}"));
    if let Some(admin) = node.admin() {
        say(&format!("Admin         {admin}/health, /ready, /metrics"));
    }
    say(&format!("Directory     {}", directory.display()));
    say(&format!("Slice signer  {}", node.sequencer().slice_signer()));
    say(&format!("Proofs        {}", node.proofs_line(settings.proofs.mode)));
    say(&format!(
        "Restored      block {}, {} transactions replayed",
        report.block, report.replayed_transactions
    ));
    let oldest = node.sequencer().chain().oldest_block();
    if oldest > 0 {
        say(&format!("Pruned        the blocks before {oldest}"));
    }
}

/// `minster config check`.
fn check(arguments: ConfigCheck) -> eyre::Result<()> {
    let whole = |error: eyre::Report| {
        vec![Problem { place: "settings".into(), reason: format!("{error:#}") }]
    };
    let problems = match resolve(arguments.sources) {
        Ok(Ok(resolved)) => {
            // For the warnings; nothing else is logged here.
            logging::start(&resolved.settings.log.filter, false)?;
            let origins = resolved.origins.clone();
            let setup = setup(resolved).and_then(fits_directory);
            match setup {
                Ok(setup) => return say_settings(&setup, &origins, arguments.json),
                Err(error) => whole(error),
            }
        }
        Ok(Err(problems)) => problems,
        Err(error) => whole(error),
    };
    if arguments.json {
        let told = problems
            .iter()
            .map(|problem| serde_json::json!({"place": problem.place, "problem": problem.reason}));
        let told: Vec<_> = told.collect();
        say(&serde_json::json!({"ok": false, "problems": told}).to_string());
    } else {
        problems.iter().for_each(|problem| say(&problem.to_string()));
    }
    bail!("{} of the settings cannot be used", problems.len())
}

/// Every setting with its value and where it is from.
fn say_settings(
    setup: &Setup,
    origins: &BTreeMap<&'static str, String>,
    is_json: bool,
) -> eyre::Result<()> {
    let (hash, chain_id) = (setup.genesis.hash(), setup.genesis.config.chain_id);
    let value = |key: &Key| (key.written)(&setup.settings);
    if is_json {
        let settings: serde_json::Map<String, serde_json::Value> = KEYS
            .iter()
            .map(|key| {
                let origin = origins.get(key.name).map_or("default", String::as_str);
                let told = serde_json::json!({"value": value(key), "from": origin});
                (key.name.to_owned(), told)
            })
            .collect();
        let report = serde_json::json!({
            "ok": true, "chainId": chain_id, "genesisHash": hash, "settings": settings,
        });
        say(&report.to_string());
        return Ok(());
    }
    for (name, origin) in origins {
        let value = KEYS.iter().find(|key| key.name == *name).and_then(value);
        say(&format!("{name} = {}  ({origin})", value.unwrap_or_default()));
    }
    say(&format!("all other settings have their defaults; chain {chain_id}, genesis {hash}"));
    Ok(())
}

/// `minster config`.
pub fn config(command: ConfigCommand) -> eyre::Result<()> {
    match command {
        ConfigCommand::Check(arguments) => return check(arguments),
        ConfigCommand::Default => say(document::default_file().trim_end()),
        ConfigCommand::Reference => say(document::reference().trim_end()),
    }
    Ok(())
}
