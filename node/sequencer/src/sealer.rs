//! Seals blocks: keeps the state tree, and joins the slices of a block under one header.

use std::{collections::VecDeque, sync::Arc};

use alloy_primitives::B256;
use minster_evm::BlockContext;
use minster_os::tree_updates;
use minster_primitives::StateDiff;
use minster_state::{SoftwareBlake3, Tree, keys::published_code_key};

use crate::{
    SequencerError,
    block::{Block, Item, seal_items},
    codec::{ChangeSet, PublishedCode},
    producer::ExecutedSlice,
    state::StateStore,
};

/// Trees of sealed blocks that the sealer holds: as many as may be sealed but not yet published.
const TREES_KEPT: usize = 3;

/// The state tree and the block in the making.
pub(crate) struct Sealer {
    store: Arc<StateStore>,
    tree: Tree,
    items: Vec<Arc<Item>>,
    slice_hashes: Vec<B256>,
    diff: StateDiff,
    published: Vec<PublishedCode>,
    /// Version of the state before the block in the making.
    version_before: u64,
    version: u64,
    /// The trees that readers may hold, newest last.
    kept: VecDeque<Tree>,
}

/// A sealed block that is not durable yet.
#[derive(Debug)]
pub(crate) struct SealedBlock {
    pub(crate) block: Arc<Block>,
    pub(crate) changes: ChangeSet,
    /// The state tree after the block.
    pub(crate) tree: Tree,
}

impl Sealer {
    /// A sealer over the tree of a whole state.
    pub(crate) fn new(
        store: Arc<StateStore>,
        state: &StateDiff,
        version: u64,
    ) -> Result<Self, SequencerError> {
        store.need(version);
        Ok(Self {
            store,
            tree: tree_of(state)?,
            items: Vec::new(),
            slice_hashes: Vec::new(),
            diff: StateDiff::default(),
            published: Vec::new(),
            version_before: version,
            version,
            kept: VecDeque::new(),
        })
    }

    /// Root of the state so far.
    pub(crate) const fn root(&self) -> B256 {
        self.tree.root()
    }

    /// The tree of the state so far.
    pub(crate) const fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Takes in a slice of the block in the making.
    pub(crate) fn add_slice(&mut self, slice: &ExecutedSlice) -> Result<(), SequencerError> {
        // Before the tree marks them: a diff also has codes that were set long ago.
        for (hash, code) in &slice.diff.codes {
            let mark = self.tree.get(&published_code_key::<SoftwareBlake3>(*hash));
            if mark.map_err(tree_error)?.is_none() {
                self.published.push(PublishedCode { hash: *hash, size: code.len() as u64 });
            }
        }
        update_tree(&mut self.tree, &slice.diff)?;
        self.diff.extend((*slice.diff).clone());
        self.items.extend(slice.items.iter().cloned());
        self.slice_hashes.push(slice.hash);
        self.version = slice.header.sequence;
        Ok(())
    }

    /// Seals the block in the making.
    pub(crate) fn seal(&mut self, context: &BlockContext) -> Result<SealedBlock, SequencerError> {
        let items = std::mem::take(&mut self.items);
        let header = seal_items(context, &items, self.tree.root());
        let before = self.store.view(self.version_before)?;
        let published = std::mem::take(&mut self.published);
        let changes = ChangeSet::collect(&std::mem::take(&mut self.diff), published, &before)?;
        self.version_before = self.version;
        self.store.need(self.version_before);
        let block = Arc::new(Block {
            hash: header.hash_slow(),
            header,
            is_open: false,
            items,
            slice_hashes: std::mem::take(&mut self.slice_hashes),
            state_version: self.version,
        });
        self.kept.push_back(self.tree.clone());
        Ok(SealedBlock { block, changes, tree: self.tree.clone() })
    }

    /// Lets go of trees that readers have let go of. To free what a full block replaced takes tens
    /// of milliseconds: for nobody to wait for, and not for the journal, which drops them first.
    pub(crate) fn forget_old_trees(&mut self) {
        while self.kept.len() > TREES_KEPT {
            self.kept.pop_front();
        }
    }
}

/// Root of the tree over a whole state.
pub(crate) fn state_root(state: &StateDiff) -> Result<B256, SequencerError> {
    Ok(tree_of(state)?.root())
}

fn tree_of(state: &StateDiff) -> Result<Tree, SequencerError> {
    let mut tree = Tree::new();
    update_tree(&mut tree, state)?;
    Ok(tree)
}

fn update_tree(tree: &mut Tree, diff: &StateDiff) -> Result<(), SequencerError> {
    let updates = tree_updates(diff, tree).map_err(tree_error)?;
    tree.update(&updates).map_err(tree_error)
}

pub(crate) fn tree_error(error: impl ToString) -> SequencerError {
    SequencerError::Tree { reason: error.to_string() }
}
