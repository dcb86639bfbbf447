//! `minster db verify`, `minster backup` and `minster restore`.

mod inspector;

use std::{
    fmt,
    fs::{self, File},
    io::IsTerminal,
    path::Path,
    sync::Arc,
};

use eyre::{WrapErr, bail, ensure};
use minster_batcher::VerifiedBatches;
use minster_params::Genesis;
use minster_sequencer::{SLICE_KEY_FILE, Verified};
use minster_storage::{
    Storage, TornTail,
    backup::{Copied, Copier},
    directory::{self, Identity},
    disk::{Disk, OverlayDisk, ReadOnlyDisk, RealDisk},
};

use crate::{
    cli::{Backup, DbVerify, Restore},
    database::inspector::{BatchInspector, Shown},
    genesis,
    logging::say,
    run::GENESIS_FILE,
};

/// `minster db verify`.
pub fn verify(arguments: DbVerify) -> eyre::Result<()> {
    let (dir, json) = (arguments.dir.clone(), arguments.json);
    told(json, &dir, || verify_all(arguments))
}

/// Runs a command; with JSON its failure is told there too.
fn told(json: bool, dir: &Path, run: impl FnOnce() -> eyre::Result<()>) -> eyre::Result<()> {
    run().inspect_err(|error| {
        if json && error.downcast_ref::<Damage>().is_none() {
            let report = serde_json::json!({
                "ok": false, "directory": dir, "error": format!("{error:#}"),
            });
            say(&report.to_string());
        }
    })
}

/// What is wrong with a directory, which was said.
#[derive(Debug)]
struct Damage(String);

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Damage {}

fn verify_all(arguments: DbVerify) -> eyre::Result<()> {
    let DbVerify { dir, genesis, signer, proofs, json } = arguments;
    let disk = read_only(&dir)?;
    let genesis = genesis_in(&dir, genesis.as_deref())?;
    let storage = Storage::open_on(Arc::new(OverlayDisk::new(disk)), &identity(&genesis))?;
    // The start that is tried cuts the log, in memory.
    let mut torn = storage.torn_tails.clone();
    torn.extend(storage.wal.torn_tail()?);
    let is_shown = !json && std::io::stderr().is_terminal();
    let shown = Shown { is_shown };
    let mut progress = |block, last| {
        if block % 1_000 == 0 || block == last {
            shown.step("block", block, last);
        }
    };
    let chain = minster_sequencer::verify(&genesis, &storage, &signer, &mut progress);
    shown.end();
    let chain = chain?;
    let mut inspector = BatchInspector::new(shown, proofs);
    let batches = minster_batcher::verify(&genesis, &storage, &chain, &mut inspector);
    shown.end();
    let batches = batches?;
    let report =
        Report { dir: &dir, torn: &torn, chain: &chain, batches: &batches, with_proofs: proofs };
    match json {
        true => say(&report.json().to_string()),
        false => report.say(),
    }
    let dir = dir.display();
    match report.findings().count() {
        0 => match batches.unverified.len() {
            0 => Ok(()),
            n => bail!(Damage(format!(
                "{dir}: nothing is wrong, but {n} of the proofs another version has to verify"
            ))),
        },
        1 => bail!(Damage(format!("{dir} is damaged, in one place; restore it from a backup"))),
        n => bail!(Damage(format!("{dir} is damaged, in {n} places; restore it from a backup"))),
    }
}

/// What was found.
struct Report<'a> {
    dir: &'a Path,
    torn: &'a [TornTail],
    chain: &'a Verified,
    batches: &'a VerifiedBatches,
    /// Whether proofs were verified again.
    with_proofs: bool,
}

impl Report<'_> {
    fn findings(&self) -> impl Iterator<Item = &String> {
        self.chain.findings.iter().chain(&self.batches.findings)
    }

    fn json(&self) -> serde_json::Value {
        let Self { dir, torn, chain, batches, .. } = self;
        let torn = torn.iter().map(|tail| {
            serde_json::json!({"file": tail.path, "offset": tail.offset, "bytes": tail.bytes})
        });
        serde_json::json!({
            "ok": self.findings().next().is_none(),
            "directory": dir,
            "blocks": chain.blocks,
            "firstBlock": chain.first_block,
            "firstExecuted": chain.first_executed,
            "transactions": chain.transactions,
            "logRecords": chain.log_records,
            "slices": chain.slices,
            "signers": chain.signers,
            "snapshots": chain.snapshots,
            "batches": batches.batches,
            "pubdata": batches.remade,
            "proofs": batches.proofs,
            "proofsVerified": batches.proofs_verified,
            "proofsUnverified": batches.unverified,
            "inputs": batches.inputs,
            "tornTails": torn.collect::<Vec<_>>(),
            "findings": self.findings().collect::<Vec<_>>(),
        })
    }

    fn say(&self) {
        let Self { dir, torn, chain, batches, .. } = self;
        say(&format!("Directory     {}, nothing in it was changed", dir.display()));
        let executed = match chain.first_executed {
            0 => "executed again from genesis on".to_owned(),
            first => format!("executed again from block {first} on, from the oldest state kept"),
        };
        say(&format!(
            "Blocks        {}, with {} transactions: {executed}",
            chain.blocks, chain.transactions
        ));
        if chain.first_block > 0 {
            say(&format!("Pruned        the blocks before {}", chain.first_block));
        }
        say(&format!("Log           {} records, {} slices", chain.log_records, chain.slices));
        for (signer, slices) in &chain.signers {
            say(&format!("Signer        {signer}, of {slices} of the slices"));
        }
        say(&format!("Snapshots     {}", chain.snapshots));
        say(&format!(
            "Batches       {}, {} proofs, {} inputs",
            batches.batches, batches.proofs, batches.inputs
        ));
        say(&format!("Pubdata       of {} batches, with its blobs: made again", batches.remade));
        match self.with_proofs {
            true => say(&format!("Proofs        {} verified again", batches.proofs_verified)),
            false => say("Proofs        not verified again, which --proofs does"),
        }
        for TornTail { path, bytes, .. } in *torn {
            say(&format!(
                "Unfinished    {}: {bytes} bytes that a crash left; the next start cuts them",
                path.display()
            ));
        }
        for unverified in &batches.unverified {
            say(&format!("Not verified  {unverified}"));
        }
        match self.findings().next() {
            None if batches.unverified.is_empty() => say("Everything is as it should be."),
            None => say("Everything else is as it should be."),
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

/// Which chain a directory belongs to.
pub fn identity(genesis: &Genesis) -> Identity {
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

/// `minster backup`.
pub fn backup(arguments: Backup) -> eyre::Result<()> {
    let (dir, json) = (arguments.dir.clone(), arguments.json);
    told(json, &dir, || back_up(arguments))
}

fn back_up(arguments: Backup) -> eyre::Result<()> {
    let Backup { dir, to, without_key, json } = arguments;
    let disk = read_only(&dir)?;
    // Held to the end when no node runs, so that none starts meanwhile and repairs what is copied.
    let lock = disk.try_lock(directory::LOCK).wrap_err("look whether a node runs")?;
    let copied = copy_all(disk, &dir, &to, !without_key)?;
    let is_running = lock.is_none();
    drop(lock);
    let has_key = to.join(SLICE_KEY_FILE).exists();
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
    match has_key {
        true => {
            say("Secret        it holds the key that signs slices: keep it where nobody reads it")
        }
        false => say("Secret        it holds no key that signs slices: keep that one elsewhere"),
    }
    say("Check it      minster db verify --dir, with the backup as the directory");
    Ok(())
}

/// `minster restore`.
pub fn restore(arguments: Restore) -> eyre::Result<()> {
    let (dir, json) = (arguments.dir.clone(), arguments.json);
    told(json, &dir, || restore_all(arguments))
}

fn restore_all(arguments: Restore) -> eyre::Result<()> {
    let Restore { from, dir, json } = arguments;
    let disk = read_only(&from)?;
    let lock = disk.try_lock(directory::LOCK).wrap_err("look whether the backup is used")?;
    ensure!(lock.is_some(), "a node runs on {}; it is no backup", from.display());
    let copied = copy_all(disk, &from, &dir, true)?;
    if json {
        say(&report(&dir, &copied, false).to_string());
        return Ok(());
    }
    say(&format!("Restored      {}", dir.display()));
    say(&format!("Copied        {} files, {} bytes", copied.files, copied.bytes));
    if !dir.join(SLICE_KEY_FILE).exists() {
        say("Secret        it holds no key that signs slices: a node needs the one it had");
    }
    Ok(())
}

fn report(to: &Path, copied: &Copied, is_running: bool) -> serde_json::Value {
    serde_json::json!({
        "ok": true, "directory": to, "files": copied.files, "bytes": copied.bytes,
        "nodeRuns": is_running, "holdsKey": to.join(SLICE_KEY_FILE).exists(),
    })
}

/// Copies a directory into one that is not there or empty, which may be a link or a volume of its
/// own, and opens the copy as a start would. Until all is copied nothing takes it for a directory.
fn copy_all(disk: Arc<dyn Disk>, from: &Path, to: &Path, with_key: bool) -> eyre::Result<Copied> {
    let is_new = !to.exists();
    let target: Arc<dyn Disk> =
        Arc::new(RealDisk::open(to).wrap_err_with(|| to.display().to_string())?);
    let copier = Copier::new(disk, Arc::clone(&target))?;
    let copied = fill(copier, target, from, to, with_key);
    if copied.is_err() {
        // It was empty, and what is left of the copy helps nobody.
        let _ = clear(to, is_new);
    }
    copied
}

fn fill(
    copier: Copier,
    target: Arc<dyn Disk>,
    from: &Path,
    to: &Path,
    with_key: bool,
) -> eyre::Result<Copied> {
    let copied = copier.copy()?;
    let mut beside = vec![GENESIS_FILE];
    beside.extend(with_key.then_some(SLICE_KEY_FILE));
    for name in beside {
        copy_beside(&from.join(name), &to.join(name))?;
    }
    // Makes the names of these durable too.
    let copied = copied.and(copier.finish()?);
    if to.join(GENESIS_FILE).exists() {
        let identity = identity(&genesis_in(to, None)?);
        let opened = Storage::open_on(Arc::new(OverlayDisk::new(target)), &identity);
        opened.wrap_err("the copy is none that a node could start on; copy again")?;
    }
    Ok(copied)
}

/// Removes what a copy that failed has left in a directory that was empty.
fn clear(to: &Path, is_new: bool) -> std::io::Result<()> {
    if is_new {
        return fs::remove_dir_all(to);
    }
    for folder in directory::FOLDERS {
        let _ = fs::remove_dir_all(to.join(folder));
    }
    for file in [directory::FORMAT, directory::LOCK, GENESIS_FILE, SLICE_KEY_FILE] {
        let _ = fs::remove_file(to.join(file));
    }
    Ok(())
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
