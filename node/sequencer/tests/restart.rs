//! A chain on disk goes on where it stood.

mod common;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use alloy_primitives::{Address, B256, TxKind, U256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use minster_params::{Genesis, GenesisAccount, constants::HISTORY_STORAGE_ADDRESS};
use minster_primitives::{
    Encodable2718, Envelope, TransactionFields,
    alloy_consensus::{SignableTransaction, TxEip1559, TxEip7702},
    alloy_eips::eip7702::Authorization,
};
use minster_sequencer::{
    BlockChange, Mining, Running, Sequencer, SequencerConfig, SequencerError, StartConfig,
    StateError, SubmitError, TreeAt, open_storage,
};

use common::{CHAIN_ID, genesis_with, key_of, signed, transfer_to};

fn key() -> PrivateKeySigner {
    key_of(7)
}

fn genesis() -> Genesis {
    let mut genesis = genesis_with([key().address()]);
    minster_os::install_precontracts(&mut genesis).unwrap();
    genesis
}

fn transfer(nonce: u64) -> Vec<u8> {
    transfer_from(&key(), nonce)
}

fn transfer_from(key: &PrivateKeySigner, nonce: u64) -> Vec<u8> {
    signed(key, transfer_of(nonce))
}

fn transfer_of(nonce: u64) -> TxEip1559 {
    transfer_to(Address::with_last_byte(200), nonce, nonce + 1)
}

fn config(directory: Option<&Path>, mining: Mining) -> StartConfig {
    let snapshot_blocks = if mining == Mining::Instant { 3 } else { 1_000 };
    StartConfig {
        directory: directory.map(Path::to_path_buf),
        sequencer: SequencerConfig { mining, snapshot_blocks, ..Default::default() },
        ..Default::default()
    }
}

fn start(directory: Option<&Path>, mining: Mining) -> Running {
    Running::start(&genesis(), config(directory, mining)).unwrap()
}

/// When somebody who asks for the past gives up.
fn soon() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn send(sequencer: &Sequencer, nonces: std::ops::Range<u64>) -> Vec<B256> {
    let hashes: Vec<B256> =
        nonces.map(|nonce| sequencer.submit(&transfer(nonce)).unwrap()).collect();
    let chain = sequencer.chain();
    wait_until("receipts", || {
        hashes.iter().all(|hash| chain.transaction(*hash).unwrap().is_some())
    });
    hashes
}

/// What a client could have seen of the chain.
fn sealed(sequencer: &Sequencer) -> Vec<(u64, B256, Vec<B256>)> {
    let chain = sequencer.chain();
    (0..=chain.latest().number())
        .map(|number| {
            let block = chain.block(number).unwrap().unwrap();
            let hashes = block.items.iter().map(|item| item.transaction.hash()).collect();
            (number, block.hash, hashes)
        })
        .collect()
}

#[test]
fn receipts_come_from_slices_and_blocks_are_sealed() {
    let running = start(None, Mining::Interval);
    let sequencer = running.handle().clone();
    let hashes = send(&sequencer, 0..20);
    let located = sequencer.chain().transaction(hashes[19]).unwrap().unwrap();
    assert!(located.item.receipt.success);
    wait_until("the block", || sequencer.chain().latest().number() >= 1);
    let state = sequencer.chain().state().unwrap();
    let received = state.account(Address::with_last_byte(200)).unwrap().unwrap();
    assert_eq!(received.balance, U256::from((1..=20).sum::<u64>()));
    let located = sequencer.chain().transaction(hashes[0]).unwrap().unwrap();
    assert!(located.is_sealed);
    let block = sequencer.chain().block(located.block_number).unwrap().unwrap();
    assert_eq!(block.hash, block.header.hash_slow());
    for alias in &block.slice_hashes {
        assert_eq!(sequencer.chain().block_by_hash(*alias).unwrap().unwrap().hash, block.hash);
    }
    running.stop().unwrap();
}

#[test]
fn instant_mining_gives_each_transaction_its_block() {
    let running = start(None, Mining::Instant);
    let sequencer = running.handle().clone();
    send(&sequencer, 0..5);
    wait_until("five blocks", || sequencer.chain().latest().number() == 5);
    let mut last = 0;
    for number in 1..=5 {
        let block = sequencer.chain().block(number).unwrap().unwrap();
        assert_eq!(block.items.len(), 1);
        assert!(block.header.timestamp > last);
        last = block.header.timestamp;
    }
    running.stop().unwrap();
}

/// A block for each, so that a stop by itself would come before most of them.
#[test]
fn a_drain_leaves_nothing_behind_and_takes_nothing_more() {
    let running = start(None, Mining::Instant);
    let sequencer = running.handle().clone();
    let submit = |nonce| sequencer.submit(&transfer(nonce));
    let hashes: Vec<B256> = (0..300).map(|nonce| submit(nonce).unwrap()).collect();
    // Behind a gap: nobody waits for it.
    submit(400).unwrap();
    assert_eq!(running.drain(Duration::from_secs(60)), 0);
    for hash in &hashes {
        assert!(sequencer.chain().transaction(*hash).unwrap().is_some());
    }
    assert!(matches!(submit(300), Err(SubmitError::Stopping)));
    running.stop().unwrap();
}

#[test]
fn a_drain_ends_when_its_time_is_up() {
    let running = start(None, Mining::Interval);
    // What pays less than the base fee for now.
    let cheap = TxEip1559 { max_fee_per_gas: 2_000_000, ..transfer_of(0) };
    running.handle().submit(&signed(&key(), cheap)).unwrap();
    assert_eq!(running.drain(Duration::from_millis(50)), 1);
    running.stop().unwrap();
}

#[test]
fn a_clean_restart_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let running = start(Some(directory.path()), Mining::Instant);
    send(running.handle(), 0..10);
    let handle = running.handle().clone();
    wait_until("the last seal", || handle.chain().latest().number() == 10);
    let (before, signer) = (sealed(&handle), handle.slice_signer());
    running.stop().unwrap();
    // Readers share the directory's lock.
    drop(handle);

    let running = start(Some(directory.path()), Mining::Instant);
    assert_eq!(sealed(running.handle()), before);
    assert_eq!(running.handle().slice_signer(), signer);
    assert_eq!(running.report().replayed_transactions, 0, "the last snapshot covers all");
    check_past(running.handle(), 0);
    send(running.handle(), 10..12);
    wait_until("the last seal", || running.handle().chain().latest().number() == 12);
    check_past(running.handle(), 0);
    running.stop().unwrap();

    let mut config = config(Some(directory.path()), Mining::Instant);
    config.sequencer.retention.proof_blocks_max = 4;
    let running = Running::start(&genesis(), config).unwrap();
    check_past(running.handle(), 8);
    let chain = running.handle().chain();
    let old = chain.block(5).unwrap().unwrap();
    let is_pruned =
        |error: &SequencerError| matches!(error, SequencerError::State(StateError::Pruned { .. }));
    let recent = chain.block(9).unwrap().unwrap();
    let late = chain.tree_after(&recent, Instant::now());
    assert!(matches!(late, Err(SequencerError::OutOfTime)), "{late:?}");
    let received = chain.state_after(&old, soon()).unwrap().account(Address::with_last_byte(200));
    assert_eq!(received.unwrap().unwrap().balance, U256::from(1 + 2 + 3 + 4 + 5));
    assert!(chain.tree_after(&old, soon()).is_err_and(|error| is_pruned(&error)));
    running.stop().unwrap();
}

/// The state and the tree after each block from `first` on are as they were. Block `n` sent `n`
/// wei to one account, and made it.
fn check_past(sequencer: &Sequencer, first: u64) {
    let chain = sequencer.chain();
    for number in first..=chain.latest().number() {
        let block = chain.block(number).unwrap().unwrap();
        let state = chain.state_after(&block, soon()).unwrap();
        let received = state.account(Address::with_last_byte(200)).unwrap();
        let sum: u64 = (1..=number).sum();
        assert_eq!(received.map_or(U256::ZERO, |account| account.balance), U256::from(sum));
        assert_eq!(state.account(key().address()).unwrap().unwrap().nonce, number);
        let hash = number.checked_sub(1).map(U256::from);
        let parent = chain.block(number.saturating_sub(1)).unwrap().unwrap().hash;
        if let Some(slot) = hash {
            let kept = state.storage(HISTORY_STORAGE_ADDRESS, slot).unwrap();
            assert_eq!(B256::from(kept), parent);
        }
        assert_eq!(chain.tree_after(&block, soon()).unwrap().root(), block.header.state_root);
    }
}

/// The directory is copied while the node runs, which is what a power cut leaves: whatever was
/// answered before the copy began must be in it.
#[test]
fn a_crash_loses_nothing_that_was_answered() {
    let directory = tempfile::tempdir().unwrap();
    let running = start(Some(directory.path()), Mining::Interval);
    let mut seen = Vec::new();
    let copies: Vec<_> = (0..4)
        .map(|round| {
            seen.extend(send(running.handle(), round * 25..(round + 1) * 25));
            let before = sealed(running.handle());
            let copy = tempfile::tempdir().unwrap();
            copy_tree(directory.path(), copy.path());
            (copy, seen.clone(), before)
        })
        .collect();
    running.stop().unwrap();
    for (copy, hashes, before) in copies {
        let running = start(Some(copy.path()), Mining::Interval);
        let chain = running.handle().chain();
        for hash in hashes {
            assert!(chain.transaction(hash).unwrap().is_some(), "{hash} was answered");
        }
        assert_eq!(sealed(running.handle())[..before.len()], before);
        running.stop().unwrap();
    }
}

fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    let mut entries: Vec<_> = std::fs::read_dir(from).unwrap().map(Result::unwrap).collect();
    // The log last, as at a power cut: what is written after it is not newer.
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Code that no account has any more stays marked in the state tree, so a snapshot must carry it.
#[test]
fn a_snapshot_remembers_code_that_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let running = start(Some(directory.path()), Mining::Instant);
    for (nonce, target) in [(0, 1), (2, 2), (4, 0)] {
        let bytes = delegation(nonce, Address::with_last_byte(target));
        let hash = running.handle().submit(&bytes).unwrap();
        let chain = running.handle().chain();
        wait_until("the receipt", || chain.transaction(hash).unwrap().is_some());
    }
    // More snapshots while the chain goes on, and one at the end.
    send(running.handle(), 6..12);
    let before = sealed(running.handle());
    running.stop().unwrap();
    let running = start(Some(directory.path()), Mining::Instant);
    assert_eq!(sealed(running.handle())[..before.len()], before);
    let chain = running.handle().chain();
    let account = chain.state().unwrap().account(key().address()).unwrap().unwrap();
    assert_eq!((account.nonce, account.code_hash), (12, minster_primitives::KECCAK256_EMPTY));
    running.stop().unwrap();
}

/// The sender delegates itself, which uses two nonces.
fn delegation(nonce: u64, target: Address) -> Vec<u8> {
    let authorization =
        Authorization { chain_id: U256::from(CHAIN_ID), address: target, nonce: nonce + 1 };
    let signature = key().sign_hash_sync(&authorization.signature_hash()).unwrap();
    let tx = TxEip7702 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit: 100_000,
        max_fee_per_gas: 100_000_000_000,
        max_priority_fee_per_gas: 1,
        to: Address::with_last_byte(200),
        authorization_list: vec![authorization.into_signed(signature)],
        ..Default::default()
    };
    let signature = key().sign_hash_sync(&tx.signature_hash()).unwrap();
    Envelope::Eip7702(tx.into_signed(signature)).encoded_2718()
}

/// Creates a contract of one byte of code and one slot.
fn creation(nonce: u64) -> Vec<u8> {
    // Store 1 in slot 0; return one byte of empty memory as code.
    let input = alloy_primitives::hex!("600160005560016000f3").into();
    signed(
        &key(),
        TxEip1559 { to: TxKind::Create, gas_limit: 200_000, input, ..transfer_of(nonce) },
    )
}

/// Sends one after the other and waits for the block of each.
fn mine(sequencer: &Sequencer, transactions: &[Vec<u8>]) {
    let chain = sequencer.chain();
    for bytes in transactions {
        let (last, hash) = (chain.latest().number(), sequencer.submit(bytes).unwrap());
        assert!(chain.wait_past(last, Duration::from_secs(20)) > last, "{hash} waited in vain");
        assert!(chain.transaction(hash).unwrap().unwrap().item.receipt.success);
    }
}

/// Snapshots at stops alone.
fn rare_snapshots(directory: &Path) -> StartConfig {
    let mut config = config(Some(directory), Mining::Instant);
    config.sequencer.snapshot_blocks = 1_000;
    config
}

/// A directory whose newest snapshot is of block 5 and whose log goes on to the last block, with
/// what a client could have seen of it.
fn directory_in_use() -> (tempfile::TempDir, Vec<(u64, B256, Vec<B256>)>) {
    let directory = tempfile::tempdir().unwrap();
    let target = Address::with_last_byte;
    let parts = [
        vec![
            transfer(0),
            creation(1),
            delegation(2, target(1)),
            delegation(4, target(2)),
            transfer(6),
        ],
        vec![delegation(7, target(0)), creation(9), delegation(10, target(3)), transfer(12)],
    ];
    let mut before = Vec::new();
    for part in parts {
        let running = Running::start(&genesis(), rare_snapshots(directory.path())).unwrap();
        mine(running.handle(), &part);
        before = sealed(running.handle());
        running.stop().unwrap();
    }
    let newest = std::fs::read_dir(directory.path().join("snapshots")).unwrap();
    let newest = newest.map(|entry| entry.unwrap().path()).max().unwrap();
    std::fs::remove_file(newest).unwrap();
    (directory, before)
}

fn start_at(directory: &Path, tree_at: TreeAt) -> Result<Running, SequencerError> {
    let storage = open_storage(&genesis(), Some(directory)).unwrap();
    let config = StartConfig { tree_at: Some(tree_at), ..rare_snapshots(directory) };
    Running::start_on(&genesis(), storage, config)
}

/// The last batch may end before the snapshot, with it, or in the log.
#[test]
fn a_start_gives_the_tree_after_any_block() {
    let (directory, before) = directory_in_use();
    assert_eq!(before.len(), 10);
    for (block, hash, _) in &before {
        let copy = tempfile::tempdir().unwrap();
        copy_tree(directory.path(), copy.path());
        let mut running = start_at(copy.path(), TreeAt { block: *block, hash: *hash }).unwrap();
        assert_eq!(running.report().snapshot_block, 5);
        assert_eq!(sealed(running.handle()), before);
        let header = running.handle().chain().block(*block).unwrap().unwrap().header.clone();
        assert_eq!(running.take_batch_tree().unwrap().root(), header.state_root, "block {block}");
        assert!(running.take_batch_tree().is_none());
        running.stop().unwrap();
    }
}

#[test]
fn a_batch_of_another_chain_or_beyond_its_end_is_refused() {
    let (directory, before) = directory_in_use();
    let hash = before[9].1;
    let error = start_at(directory.path(), TreeAt { block: 10, hash }).unwrap_err();
    let is_beyond = matches!(error, SequencerError::BatchBeyondChain { batch_block: 10, block: 9 });
    assert!(is_beyond, "{error}");
    for block in [0, 5, 8] {
        let error = start_at(directory.path(), TreeAt { block, hash }).unwrap_err().to_string();
        assert!(error.contains(&format!("block {block}, the last of the last batch")), "{error}");
    }
    // None of the refusals changed what is there.
    let running = start(Some(directory.path()), Mining::Instant);
    assert_eq!(sealed(running.handle()), before);
    running.stop().unwrap();
}

/// What looks like a torn end may have been answered: the archives, which come after it, tell.
#[test]
fn a_log_without_its_end_is_refused_and_nothing_cut() {
    let (directory, before) = directory_in_use();
    let segments = std::fs::read_dir(directory.path().join("wal")).unwrap();
    let mut segments: Vec<_> = segments.map(|entry| entry.unwrap().path()).collect();
    segments.sort();
    // The newest is one that nothing was written to.
    std::fs::remove_file(segments.pop().unwrap()).unwrap();
    let last = segments.pop().unwrap();
    let whole = std::fs::read(&last).unwrap();
    std::fs::write(&last, &whole[..whole.len() - 1]).unwrap();
    let error = Running::start(&genesis(), rare_snapshots(directory.path())).unwrap_err();
    let is_lost = matches!(error, SequencerError::LogEndLost { archived: 9, logged: 8 });
    assert!(is_lost, "{error}");
    assert_eq!(std::fs::read(&last).unwrap(), whole[..whole.len() - 1], "what is left is left");
    std::fs::write(&last, &whole).unwrap();
    let running = start(Some(directory.path()), Mining::Instant);
    assert_eq!(sealed(running.handle()), before);
    running.stop().unwrap();
}

#[test]
fn what_a_block_changed_is_counted() {
    let running = start(None, Mining::Instant);
    let target = Address::with_last_byte(1);
    let removal = delegation(3, Address::ZERO);
    let again = [delegation(5, target), creation(7)];
    mine(running.handle(), &[creation(0), delegation(1, target), removal]);
    mine(running.handle(), &again);
    let chain = running.handle().chain();
    let change = |number| chain.block_change(number).unwrap();
    let codes =
        |number| change(number).map(|BlockChange { codes, code_bytes, .. }| (codes, code_bytes));
    assert_eq!(codes(0), None, "genesis changes nothing");
    assert_eq!(codes(1), Some((1, 1)));
    assert_eq!(codes(2), Some((1, 23)), "a delegation is code too");
    assert_eq!([3, 4, 5].map(codes), [Some((0, 0)); 3], "nothing that was not there before");
    assert_eq!(codes(6), None);
    // The sender, the contract; its slot, and what every block writes itself.
    let (first, last) = (change(1).unwrap(), change(4).unwrap());
    assert!(first.accounts >= 2 && first.slots > last.slots, "{first:?}, {last:?}");
    running.stop().unwrap();
}

/// A damaged snapshot with a log that no longer reaches back is refused before anything on disk is
/// touched: once the damage is mended, the chain is there.
#[test]
fn a_refused_start_leaves_the_directory_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let running = start(Some(directory.path()), Mining::Instant);
    send(running.handle(), 0..10);
    let before = sealed(running.handle());
    running.stop().unwrap();
    let files = |folder: &str| {
        let entries = std::fs::read_dir(directory.path().join(folder)).unwrap();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    let snapshots = files("snapshots");
    // What pruning does once the log has grown.
    let segments = files("wal");
    for segment in &segments[..segments.len() - 1] {
        std::fs::remove_file(segment).unwrap();
    }
    let originals: Vec<_> = snapshots.iter().map(|path| std::fs::read(path).unwrap()).collect();
    for (path, original) in snapshots.iter().zip(&originals) {
        let mut damaged = original.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        std::fs::write(path, damaged).unwrap();
    }
    let config =
        StartConfig { directory: Some(directory.path().to_path_buf()), ..Default::default() };
    let error = Running::start(&genesis(), config).unwrap_err();
    for (path, original) in snapshots.iter().zip(&originals) {
        std::fs::write(path, original).unwrap();
    }
    let running = start(Some(directory.path()), Mining::Instant);
    assert_eq!(sealed(running.handle())[..before.len()], before, "after: {error}");
    running.stop().unwrap();
}

/// A fee cap below the base fee waits, and the chain moves on until the base fee has fallen; one
/// below the lowest base fee would wait for ever and is refused.
#[test]
fn what_waits_for_a_lower_base_fee_gets_it() {
    let running = start(None, Mining::Instant);
    let sequencer = running.handle();
    let cheap = |nonce, max_fee_per_gas| {
        signed(&key(), TxEip1559 { max_fee_per_gas, ..transfer_of(nonce) })
    };
    let base_fee = genesis().config.base_fee_initial;
    let hash = sequencer.submit(&cheap(0, u128::from(base_fee) * 97 / 100)).unwrap();
    wait_until("a lower base fee", || sequencer.chain().transaction(hash).unwrap().is_some());
    assert!(sequencer.chain().latest().number() >= 3);
    let minimum = u128::from(genesis().config.base_fee_min);
    let error = sequencer.submit(&cheap(1, minimum - 1)).unwrap_err();
    assert!(error.to_string().contains("less than block base fee"), "{error}");
    running.stop().unwrap();
}

/// Many senders at once: every transaction is in exactly one place, in its sender's order, and the
/// balances add up.
#[test]
fn a_flood_is_ordered_and_complete() {
    const SENDERS: u8 = 8;
    const EACH: u64 = 250;
    let keys: Vec<_> = (1..=SENDERS).map(key_of).collect();
    let mut genesis = genesis();
    let balance = U256::from(10).pow(U256::from(20));
    for key in &keys {
        let funded = GenesisAccount { balance, ..Default::default() };
        genesis.accounts.insert(key.address(), funded);
    }
    let running = Running::start(&genesis, StartConfig::default()).unwrap();
    let sequencer = running.handle();
    std::thread::scope(|scope| {
        for key in &keys {
            // Backwards, so that all but the last wait for a gap to close.
            scope.spawn(move || {
                for nonce in (0..EACH).rev() {
                    sequencer.submit(&transfer_from(key, nonce)).unwrap();
                }
            });
        }
    });
    wait_until("the flood", || sequencer.pool().status().pending == 0);
    wait_until("its seal", || sequencer.chain().pending().is_none());
    let mut next = std::collections::BTreeMap::new();
    let mut received = U256::ZERO;
    for number in 1..=sequencer.chain().latest().number() {
        for item in &sequencer.chain().block(number).unwrap().unwrap().items {
            let nonce = next.entry(item.transaction.sender()).or_insert(0u64);
            assert_eq!(item.transaction.envelope().nonce(), *nonce);
            assert!(item.receipt.success);
            *nonce += 1;
            received += item.transaction.envelope().value();
        }
    }
    assert_eq!(next.values().sum::<u64>(), u64::from(SENDERS) * EACH);
    let state = sequencer.chain().state().unwrap();
    let target = state.account(Address::with_last_byte(200)).unwrap().unwrap();
    assert_eq!(target.balance, received);
    running.stop().unwrap();
}

#[test]
fn a_directory_belongs_to_one_node_and_one_chain() {
    let directory = tempfile::tempdir().unwrap();
    let running = start(Some(directory.path()), Mining::Interval);
    let config =
        || StartConfig { directory: Some(directory.path().to_path_buf()), ..Default::default() };
    let second = Running::start(&genesis(), config()).unwrap_err();
    assert!(second.to_string().contains("lock") || second.to_string().contains("another process"));
    running.stop().unwrap();
    let mut other = genesis();
    other.config.chain_id += 1;
    assert!(Running::start(&other, config()).is_err());
}

/// Clients hold the node to its slice key: a lost one is not replaced, unless somebody says so.
#[test]
fn a_lost_slice_key_is_not_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let running = start(Some(directory.path()), Mining::Instant);
    send(running.handle(), 0..1);
    let signer = running.handle().slice_signer();
    running.stop().unwrap();
    let path = directory.path().join(minster_sequencer::SLICE_KEY_FILE);
    std::fs::remove_file(&path).unwrap();
    let refused = Running::start(&genesis(), config(Some(directory.path()), Mining::Instant));
    let error = refused.unwrap_err();
    assert!(matches!(error, SequencerError::SliceKeyLost { .. }), "{error}");
    assert!(!path.exists());
    std::fs::write(&path, "22".repeat(32)).unwrap();
    let running = start(Some(directory.path()), Mining::Instant);
    assert_ne!(running.handle().slice_signer(), signer);
    running.stop().unwrap();
}
