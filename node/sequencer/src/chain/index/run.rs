//! A part of the index on the disk: sorted entries that never change.
//!
//! Content: the entries of transactions, then those of blocks and slices, then those of keys of the
//! state that blocks changed. An entry is 16 bytes, little-endian: the first eight bytes of the
//! hash (as a big-endian number), the block as its distance from the run's first in four, the index
//! of the transaction in four. Entries ascend by these numbers in this order. The document's number
//! is the first block; its label has the last block in eight bytes, the counts of the first part
//! and of the second in four each, and the last block's hash.

use alloy_primitives::B256;
use minster_storage::document::{Document, Documents, Draft, LABEL_BYTES};

use super::{Place, changes::Changed, table::Recent};
use crate::SequencerError;

const ENTRY_BYTES: usize = 16;

/// Entries that are read together.
const PAGE: usize = 256;

/// Bits of the filter for each entry: of hashes that are not there, one in so many is looked for.
const FILTER_BITS: u64 = 16;

/// Entries of a run beyond which it is joined with no other: as long as it takes to write them once
/// more, as much room is there twice.
const ENTRIES_MAX: u64 = 1 << 24;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Transactions,
    /// Blocks and slices.
    Blocks,
    /// What blocks changed.
    Changes,
}

impl Content {
    /// In the order in which they stand.
    const ALL: [Self; 3] = [Self::Transactions, Self::Blocks, Self::Changes];

    /// Whether most that is looked for is in no run. Keys of the state mostly are in one, and there
    /// are several for each transaction: no memory for those.
    const fn has_filter(self) -> bool {
        !matches!(self, Self::Changes)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    key: u64,
    distance: u32,
    index: u32,
}

/// A run that was found whole.
#[derive(Debug)]
pub(super) struct Run {
    document: Document,
    first: u64,
    last: u64,
    last_hash: B256,
    transactions: Part,
    blocks: Part,
    changes: Part,
}

/// One sort of entries, and what is kept of them in memory.
#[derive(Debug)]
struct Part {
    /// Which entry of the document is its first.
    start: u64,
    count: u64,
    /// The first key of each page, and the page's checksum: what is not found is trusted to be
    /// nowhere, so no bit of a page may change after the start that has checked all of it.
    fences: Vec<u64>,
    checks: Vec<u32>,
    /// A bit for each that so many equal ranges of keys have an entry in; empty where there is no
    /// filter.
    filter: Vec<u64>,
}

fn key(hash: &B256) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash[..8]);
    u64::from_be_bytes(bytes)
}

fn damaged(reason: &str) -> SequencerError {
    SequencerError::Record { what: "index", reason: reason.to_owned() }
}

impl Entry {
    fn encode(self) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        bytes[..8].copy_from_slice(&self.key.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.distance.to_le_bytes());
        bytes[12..].copy_from_slice(&self.index.to_le_bytes());
        bytes
    }

    fn decode(bytes: &[u8]) -> Self {
        let half = |at: usize| {
            let mut half = [0; 4];
            half.copy_from_slice(&bytes[at..at + 4]);
            u32::from_le_bytes(half)
        };
        let key = u64::from(half(0)) | (u64::from(half(4)) << 32);
        Self { key, distance: half(8), index: half(12) }
    }
}

impl Run {
    /// Reads a run and checks all of it; `None` when there is none.
    pub(super) fn open(documents: &Documents, first: u64) -> Result<Option<Self>, SequencerError> {
        let Some(document) = documents.get(first)? else { return Ok(None) };
        document.verify()?;
        Self::load(document, first).map(Some)
    }

    /// What is to be kept of it in memory.
    fn load(document: Document, first: u64) -> Result<Self, SequencerError> {
        let (label, entries) = (document.label(), document.size() / ENTRY_BYTES as u64);
        let half = |at: usize| {
            let mut bytes = [0; 4];
            bytes.copy_from_slice(&label[at..at + 4]);
            u64::from(u32::from_le_bytes(bytes))
        };
        let (last, counts) = (half(0) | (half(4) << 32), [half(8), half(12)]);
        let last_hash = B256::from_slice(&label[16..]);
        let named = counts[0] + counts[1];
        if !document.size().is_multiple_of(ENTRY_BYTES as u64) || named > entries || last < first {
            return Err(damaged("it is not as long as it says"));
        }
        let load = |content, start, count| Part::load(&document, content, start, count);
        let transactions = load(Content::Transactions, 0, counts[0])?;
        let blocks = load(Content::Blocks, counts[0], counts[1])?;
        let changes = load(Content::Changes, named, entries - named)?;
        Ok(Self { document, first, last, last_hash, transactions, blocks, changes })
    }

    /// Makes a run of a table, and of what its blocks changed.
    pub(super) fn write(
        documents: &Documents,
        table: &Recent,
        changed: &[Changed],
    ) -> Result<Self, SequencerError> {
        let first = table.first();
        let last = table.last().unwrap_or(first);
        let mut draft = documents.draft(first)?;
        let mut add = |places: &mut dyn Iterator<Item = (u64, Place)>| {
            let entries = places.map(|(key, place)| {
                let distance = place.block.checked_sub(first)?.try_into().ok()?;
                Some(Entry { key, distance, index: place.index.try_into().ok()? })
            });
            let entries: Option<Vec<Entry>> = entries.collect();
            let mut entries = entries.ok_or_else(|| damaged("a place is out of its range"))?;
            entries.sort_unstable();
            // Two hashes of a block that begin alike name the same candidate.
            entries.dedup();
            for entry in &entries {
                draft.append(&entry.encode())?;
            }
            Ok::<_, SequencerError>(entries.len() as u64)
        };
        let by_key = |(hash, place)| (key(&hash), place);
        let counts = [
            add(&mut table.transactions().map(by_key))?,
            add(&mut table.blocks().map(by_key))?,
            add(&mut changed.iter().map(|changed| (changed.key, changed.place())))?,
        ];
        keep(draft, first, last, counts, table.last_hash())
    }

    /// Whether the two are to become one: so a chain of any length has few, and each entry is
    /// written again only when there are twice as many.
    pub(super) fn is_to_join(&self, newer: &Self) -> bool {
        let (older_count, newer_count) = (self.entries(), newer.entries());
        older_count < newer_count.saturating_mul(2)
            && older_count + newer_count <= ENTRIES_MAX
            && newer.last - self.first <= u64::from(u32::MAX)
    }

    /// Makes one run of two, without the blocks before `oldest`.
    pub(super) fn join(
        documents: &Documents,
        older: &Self,
        newer: &Self,
        oldest: u64,
    ) -> Result<Self, SequencerError> {
        // What is wrong by now must not get a checksum that says it is right.
        older.document.verify()?;
        newer.document.verify()?;
        let mut draft = documents.draft(older.first)?;
        let mut counts = [0; Content::ALL.len()];
        for (count, content) in counts.iter_mut().zip(Content::ALL) {
            *count = join_parts(&mut draft, [older, newer], content, oldest)?;
        }
        keep(draft, older.first, newer.last, counts, newer.last_hash)
    }

    /// The first block that it is about.
    pub(super) const fn first(&self) -> u64 {
        self.first
    }

    /// The last one.
    pub(super) const fn last(&self) -> u64 {
        self.last
    }

    /// Its hash.
    pub(super) const fn last_hash(&self) -> B256 {
        self.last_hash
    }

    /// The block after the last.
    pub(super) const fn next(&self) -> u64 {
        self.last.saturating_add(1)
    }

    pub(super) const fn count(&self, content: Content) -> u64 {
        self.part(content).count
    }

    const fn entries(&self) -> u64 {
        self.transactions.count + self.blocks.count + self.changes.count
    }

    const fn part(&self, content: Content) -> &Part {
        match content {
            Content::Transactions => &self.transactions,
            Content::Blocks => &self.blocks,
            Content::Changes => &self.changes,
        }
    }

    /// Whether the disk must be read to know that a hash is not here.
    pub(super) fn may_hold(&self, content: Content, hash: &B256) -> bool {
        self.part(content).may_hold(key(hash))
    }

    /// All places of hashes that begin as this one does.
    pub(super) fn find(&self, content: Content, hash: &B256) -> Result<Vec<Place>, SequencerError> {
        let (part, key, mut found) = (self.part(content), key(hash), Vec::new());
        if !part.may_hold(key) {
            return Ok(found);
        }
        // Entries of this key may begin in the page before the first that begins with it.
        let mut page = part.fences.partition_point(|first| *first < key).saturating_sub(1);
        while page < part.fences.len() {
            for entry in part.read(&self.document, page)? {
                if entry.key > key {
                    return Ok(found);
                }
                if entry.key == key {
                    found.push(self.place(entry));
                }
            }
            page += 1;
        }
        Ok(found)
    }

    /// The first block after this one that changed what has this key, or has one that begins alike.
    pub(super) fn next_change(&self, key: u64, after: u64) -> Result<Option<u64>, SequencerError> {
        // How far from the first block it is at least.
        let Ok(distance) = u32::try_from(after.saturating_add(1).saturating_sub(self.first)) else {
            return Ok(None);
        };
        let wanted = Entry { key, distance, index: 0 };
        let next = self.changes.first_from(&self.document, wanted)?;
        Ok(next.filter(|entry| entry.key == key).map(|entry| self.place(entry).block))
    }

    fn place(&self, entry: Entry) -> Place {
        let block = self.first.saturating_add(entry.distance.into());
        Place { block, index: entry.index.into() }
    }
}

impl Part {
    fn load(
        document: &Document,
        content: Content,
        start: u64,
        count: u64,
    ) -> Result<Self, SequencerError> {
        let words = match content.has_filter() {
            true => (count * FILTER_BITS).div_ceil(64).max(1) as usize,
            false => 0,
        };
        let (fences, checks) = (Vec::new(), Vec::new());
        let mut part = Self { start, count, fences, checks, filter: vec![0; words] };
        let mut last = None;
        for page in 0..count.div_ceil(PAGE as u64) as usize {
            let (check, entries) = part.read_page(document, page)?;
            part.checks.push(check);
            part.fences.extend(entries.first().map(|entry| entry.key));
            for entry in entries {
                if last >= Some(entry) {
                    return Err(damaged("its entries are out of order"));
                }
                last = Some(entry);
                if content.has_filter() {
                    let (word, bit) = part.filter_bit(entry.key);
                    part.filter[word] |= bit;
                }
            }
        }
        Ok(part)
    }

    /// The range of keys that this one is in.
    fn filter_bit(&self, key: u64) -> (usize, u64) {
        let ranges = self.filter.len() as u128 * 64;
        let range = ((u128::from(key) * ranges) >> 64) as usize;
        (range / 64, 1 << (range % 64))
    }

    fn may_hold(&self, key: u64) -> bool {
        let (word, bit) = self.filter_bit(key);
        self.filter.get(word).is_none_or(|bits| bits & bit != 0)
    }

    /// The first entry that is not before this one.
    fn first_from(
        &self,
        document: &Document,
        wanted: Entry,
    ) -> Result<Option<Entry>, SequencerError> {
        // By what is in memory, then by the first entries of pages: a key may fill thousands.
        let mut low = self.fences.partition_point(|first| *first < wanted.key).saturating_sub(1);
        let mut high = self.fences.partition_point(|first| *first <= wanted.key);
        while high.saturating_sub(low) > 1 {
            let middle = low.midpoint(high);
            match self.read(document, middle)?.first() <= Some(&wanted) {
                true => low = middle,
                false => high = middle,
            }
        }
        for page in [low, low + 1] {
            let entries = self.read(document, page)?;
            let at = entries.partition_point(|entry| *entry < wanted);
            if let Some(entry) = entries.get(at) {
                return Ok(Some(*entry));
            }
        }
        Ok(None)
    }

    /// The entries of a page; none of one beyond the last.
    fn read(&self, document: &Document, page: usize) -> Result<Vec<Entry>, SequencerError> {
        let Some(expected) = self.checks.get(page) else { return Ok(Vec::new()) };
        let (check, entries) = self.read_page(document, page)?;
        if check == *expected { Ok(entries) } else { Err(damaged("a page has changed")) }
    }

    fn read_page(
        &self,
        document: &Document,
        page: usize,
    ) -> Result<(u32, Vec<Entry>), SequencerError> {
        let before = (page * PAGE) as u64;
        let count = self.count.saturating_sub(before).min(PAGE as u64) as usize;
        let mut bytes = [0; PAGE * ENTRY_BYTES];
        let bytes = &mut bytes[..count * ENTRY_BYTES];
        document.read_at((self.start + before) * ENTRY_BYTES as u64, bytes)?;
        let entries = bytes.chunks_exact(ENTRY_BYTES).map(Entry::decode).collect();
        Ok((crc32fast::hash(bytes), entries))
    }
}

/// The entries of two runs in their order, as those of one that begins where the older does.
fn join_parts(
    draft: &mut Draft,
    [older, newer]: [&Run; 2],
    content: Content,
    oldest: u64,
) -> Result<u64, SequencerError> {
    let moved = u32::try_from(newer.first - older.first)
        .map_err(|_| damaged("two parts are too far from each other"))?;
    let mut left = Cursor::new(older, content, 0);
    let mut right = Cursor::new(newer, content, moved);
    let mut count = 0;
    while let Some(entry) = match (left.peek()?, right.peek()?) {
        (Some(a), Some(b)) if a <= b => left.take(),
        (Some(_), None) => left.take(),
        _ => right.take(),
    } {
        if older.place(entry).block >= oldest {
            draft.append(&entry.encode())?;
            count += 1;
        }
    }
    Ok(count)
}

/// Goes through the entries of a run.
struct Cursor<'a> {
    run: &'a Run,
    content: Content,
    /// What is added to the distance of each.
    moved: u32,
    page: usize,
    entries: std::vec::IntoIter<Entry>,
    next: Option<Entry>,
}

impl<'a> Cursor<'a> {
    fn new(run: &'a Run, content: Content, moved: u32) -> Self {
        Self { run, content, moved, page: 0, entries: Vec::new().into_iter(), next: None }
    }

    fn peek(&mut self) -> Result<Option<Entry>, SequencerError> {
        if self.next.is_none() {
            let part = self.run.part(self.content);
            if self.entries.len() == 0 && self.page < part.fences.len() {
                self.entries = part.read(&self.run.document, self.page)?.into_iter();
                self.page += 1;
            }
            if let Some(entry) = self.entries.next() {
                let distance = entry.distance.checked_add(self.moved);
                let distance = distance.ok_or_else(|| damaged("a place is out of its range"))?;
                self.next = Some(Entry { distance, ..entry });
            }
        }
        Ok(self.next)
    }

    fn take(&mut self) -> Option<Entry> {
        self.next.take()
    }
}

/// Makes the draft a run.
fn keep(
    draft: Draft,
    first: u64,
    last: u64,
    counts: [u64; Content::ALL.len()],
    last_hash: B256,
) -> Result<Run, SequencerError> {
    let mut label = [0; LABEL_BYTES];
    label[..8].copy_from_slice(&last.to_le_bytes());
    for (half, count) in label[8..16].chunks_exact_mut(4).zip(counts) {
        let count = u32::try_from(count).map_err(|_| damaged("it has too many entries"))?;
        half.copy_from_slice(&count.to_le_bytes());
    }
    label[16..].copy_from_slice(last_hash.as_slice());
    Run::load(draft.keep_labelled(label)?, first)
}
