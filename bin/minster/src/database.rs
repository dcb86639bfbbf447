//! `minster db verify`, `minster backup` and `minster restore`.

use std::{
    fs::{self, File},
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use alloy_primitives::Address;
use eyre::{WrapErr, bail, ensure};
use minster_batcher::VerifiedBatches;
use minster_params::Genesis;
use minster_sequencer::{SLICE_KEY_FILE, SliceKey, Verified};
use minster_storage::{
    Storage, TornTail,
    backup::{self, Copied},
    directory::{self, Identity},
    disk::{Disk, OverlayDisk, ReadOnlyDisk, RealDisk},
};

use crate::{
    cli::{Backup, DbVerify, Restore},
    genesis,
    logging::say,
    run::GENESIS_FILE,
    zkvm::files::{self, Wanted},
};

/// `minster db verify`.
pub fn verify(arguments: DbVerify) -> eyre::Result<()> {
    let DbVerify { dir, genesis, json } = arguments;
    let disk = read_only(&dir)?;
    let genesis = genesis_in(&dir, genesis.as_deref())?;
    let storage = match Storage::open_on(Arc::new(OverlayDisk::new(disk)), &identity(&genesis)) {
        Ok(storage) => storage,
        Err(error) => {
            if json {
                let findings = [error.to_string()];
                let report =
                    serde_json::json!({"ok": false, "directory": dir, "findings": findings});
                say(&report.to_string());
            }
            return Err(error.into());
        }
    };
    let is_shown = !json && std::io::stderr().is_terminal();
    let mut progress = |block, last| {
        if is_shown && (block % 1_000 == 0 || block == last) {
            let _ = write!(std::io::stderr(), "\r\x1b[2Kblock {block} of {last}");
        }
    };
    let signer = signer(&dir)?;
    let chain = minster_sequencer::verify(&genesis, &storage, signer, &mut progress);
    let batches = minster_batcher::verify(&genesis, &storage, &chain.block_hashes);
    if is_shown {
        let _ = writeln!(std::io::stderr());
    }
    let report = Report { dir: &dir, torn: &storage.torn_tails, chain: &chain, batches: &batches };
    match json {
        true => say(&report.json().to_string()),
        false => report.say(),
    }
    let count = chain.findings.len() + batches.findings.len();
    match count {
        0 => Ok(()),
        1 => bail!("{} is damaged, in one place; restore it from a backup", dir.display()),
        _ => bail!("{} is damaged, in {count} places; restore it from a backup", dir.display()),
    }
}

/// What was found.
struct Report<'a> {
    dir: &'a Path,
    torn: &'a [TornTail],
    chain: &'a Verified,
    batches: &'a VerifiedBatches,
}

impl Report<'_> {
    fn findings(&self) -> impl Iterator<Item = &String> {
        self.chain.findings.iter().chain(&self.batches.findings)
    }

    fn json(&self) -> serde_json::Value {
        let Self { dir, torn, chain, batches } = self;
        let torn = torn.iter().map(|tail| {
            serde_json::json!({"file": tail.path, "offset": tail.offset, "bytes": tail.bytes})
        });
        serde_json::json!({
            "ok": self.findings().next().is_none(),
            "directory": dir,
            "blocks": chain.blocks,
            "transactions": chain.transactions,
            "logRecords": chain.log_records,
            "slices": chain.slices,
            "snapshots": chain.snapshots,
            "batches": batches.batches,
            "proofs": batches.proofs,
            "inputs": batches.inputs,
            "tornTails": torn.collect::<Vec<_>>(),
            "findings": self.findings().collect::<Vec<_>>(),
        })
    }

    fn say(&self) {
        let Self { dir, torn, chain, batches } = self;
        say(&format!("Directory     {}, nothing in it was changed", dir.display()));
        say(&format!(
            "Blocks        {}, with {} transactions: executed again from genesis on",
            chain.blocks, chain.transactions
        ));
        say(&format!("Log           {} records, {} slices", chain.log_records, chain.slices));
        say(&format!("Snapshots     {}", chain.snapshots));
        say(&format!(
            "Batches       {}, {} proofs, {} inputs",
            batches.batches, batches.proofs, batches.inputs
        ));
        for TornTail { path, bytes, .. } in *torn {
            say(&format!(
                "Unfinished    {}: {bytes} bytes that a crash left; the next start cuts them",
                path.display()
            ));
        }
        match self.findings().next() {
            None => say("Everything is as it should be."),
            Some(_) => self.findings().for_each(|finding| say(&format!("WRONG         {finding}"))),
        }
    }
}

/// A data directory that nothing is written to.
fn read_only(dir: &Path) -> eyre::Result<Arc<dyn Disk>> {
    let disk = ReadOnlyDisk::open(dir).wrap_err_with(|| dir.display().to_string())?;
    ensure!(
        disk.exists(directory::FORMAT)?,
        "{} is no data directory: it has no file {}",
        dir.display(),
        directory::FORMAT
    );
    Ok(Arc::new(disk))
}

fn identity(genesis: &Genesis) -> Identity {
    Identity { chain_id: genesis.config.chain_id, genesis_hash: genesis.hash().0 }
}

/// The genesis that was named, or the copy in the directory.
fn genesis_in(dir: &Path, named: Option<&Path>) -> eyre::Result<Genesis> {
    let copy = dir.join(GENESIS_FILE);
    match named {
        Some(path) => genesis::file::read(path),
        None if copy.exists() => genesis::file::read(&copy),
        None => bail!("{} has no {GENESIS_FILE}; name one with --genesis", dir.display()),
    }
}

/// Whose slices are in the log, if the directory has the key.
fn signer(dir: &Path) -> eyre::Result<Option<Address>> {
    let path = dir.join(SLICE_KEY_FILE);
    if !path.exists() {
        return Ok(None);
    }
    let bytes = files::read(Wanted { what: "the slice key", path: &path, size_max: 4_096 })?;
    let key = SliceKey::parse(&String::from_utf8_lossy(&bytes), &path.display().to_string())?;
    Ok(Some(key.address()))
}

/// `minster backup`.
pub fn backup(arguments: Backup) -> eyre::Result<()> {
    let Backup { dir, to, without_key, json } = arguments;
    let disk = read_only(&dir)?;
    // Held to the end when no node runs, so that none starts meanwhile and repairs what is copied.
    let lock = disk.try_lock(directory::LOCK).wrap_err("look whether a node runs")?;
    let copied = copy_all(&disk, &dir, &to, !without_key)?;
    let is_running = lock.is_none();
    drop(lock);
    if json {
        say(&report(&to, &copied, is_running).to_string());
        return Ok(());
    }
    say(&format!("Backup        {}", to.display()));
    say(&format!("Copied        {} files, {} bytes", copied.files, copied.bytes));
    match is_running {
        true => say("Node          it runs; the backup is of a moment while it was made"),
        false => say("Node          it does not run"),
    }
    if !without_key {
        say("Secret        it holds the key that signs slices: keep it where nobody reads it");
    }
    say("Check it      minster db verify --dir, with the backup as the directory");
    Ok(())
}

/// `minster restore`.
pub fn restore(arguments: Restore) -> eyre::Result<()> {
    let Restore { from, dir, json } = arguments;
    let disk = read_only(&from)?;
    let lock = disk.try_lock(directory::LOCK).wrap_err("look whether the backup is used")?;
    ensure!(lock.is_some(), "a node runs on {}; it is no backup", from.display());
    let copied = copy_all(&disk, &from, &dir, true)?;
    if json {
        say(&report(&dir, &copied, false).to_string());
        return Ok(());
    }
    say(&format!("Restored      {}", dir.display()));
    say(&format!("Copied        {} files, {} bytes", copied.files, copied.bytes));
    Ok(())
}

fn report(to: &Path, copied: &Copied, is_running: bool) -> serde_json::Value {
    serde_json::json!({
        "directory": to, "files": copied.files, "bytes": copied.bytes, "nodeRuns": is_running,
    })
}

/// Copies a directory to where none is, under another name until it is complete, and opens the
/// copy as a start would.
fn copy_all(disk: &Arc<dyn Disk>, from: &Path, to: &Path, with_key: bool) -> eyre::Result<Copied> {
    let is_empty = || fs::read_dir(to).is_ok_and(|mut entries| entries.next().is_none());
    ensure!(!to.exists() || is_empty(), "{} is there and not empty; choose another", to.display());
    let unfinished = unfinished(to)?;
    if unfinished.exists() {
        bail!(
            "{} is there: another copy is being made, or one was broken off; remove it",
            unfinished.display()
        );
    }
    let copied = copy_as(disk, from, &unfinished, with_key);
    if copied.is_err() {
        // What is left of it helps nobody.
        let _ = fs::remove_dir_all(&unfinished);
    }
    let copied = copied?;
    fs::rename(&unfinished, to).wrap_err_with(|| format!("name the copy {}", to.display()))?;
    if let Some(parent) = unfinished.parent() {
        File::open(parent)?.sync_all()?;
    }
    Ok(copied)
}

/// The name that a copy has until it is complete.
fn unfinished(to: &Path) -> eyre::Result<PathBuf> {
    let mut path = std::path::absolute(to)?.into_os_string();
    path.push(".unfinished");
    Ok(path.into())
}

fn copy_as(disk: &Arc<dyn Disk>, from: &Path, to: &Path, with_key: bool) -> eyre::Result<Copied> {
    let target: Arc<dyn Disk> =
        Arc::new(RealDisk::open(to).wrap_err_with(|| to.display().to_string())?);
    let copied = backup::copy(disk, &target)?;
    let mut beside = vec![GENESIS_FILE];
    beside.extend(with_key.then_some(SLICE_KEY_FILE));
    for name in beside {
        copy_beside(&from.join(name), &to.join(name))?;
    }
    if to.join(GENESIS_FILE).exists() {
        let identity = identity(&genesis_in(to, None)?);
        let opened = Storage::open_on(Arc::new(OverlayDisk::new(target)), &identity);
        opened.wrap_err("the copy is none that a node could start on; copy again")?;
    }
    Ok(copied)
}

/// A file that stands beside what the storage knows, readable by its owner alone, if it is there.
fn copy_beside(from: &Path, to: &Path) -> eyre::Result<()> {
    if !from.exists() {
        return Ok(());
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let context = || format!("copy {} to {}", from.display(), to.display());
    let mut target = options.open(to).wrap_err_with(context)?;
    let mut source = File::open(from).wrap_err_with(context)?;
    std::io::copy(&mut source, &mut target).wrap_err_with(context)?;
    target.sync_all().wrap_err_with(context)
}
