//! The bytes of a witness.

use alloc::vec::Vec;

use alloy_primitives::B256;

use super::WitnessError;
use crate::{
    group::{GROUP_HEIGHT, Group, Item, ItemKind, low_bits},
    key::Stem,
};

const TAG_EMPTY: u8 = 0;
const TAG_OPAQUE: u8 = 1;
const TAG_INTERNAL: u8 = 2;
const TAG_GROUP: u8 = 3;

/// Form byte of a leaf; unrevealed subtrees have their height (0 to 8) there.
const FORM_LEAF: u8 = 0xff;

/// Form byte of a leaf that is shown for its place only.
const FORM_NEIGHBOR: u8 = 0xfe;

/// Bytes of an encoded group item.
const ITEM_SIZE: usize = 34;

const TRUNCATED: WitnessError = WitnessError::Truncated;

/// Bytes of an encoded stem node before its items, without the tag.
const STEM_SIZE: usize = 32;

/// What a node is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    Empty,
    Opaque,
    Internal,
    Group,
}

pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The tag of the next node in pre-order.
    pub(super) fn tag(&mut self) -> Result<Tag, WitnessError> {
        let [tag] = self.take()?;
        match *tag {
            TAG_EMPTY => Ok(Tag::Empty),
            TAG_OPAQUE => Ok(Tag::Opaque),
            TAG_INTERNAL => Ok(Tag::Internal),
            TAG_GROUP => Ok(Tag::Group),
            tag => Err(WitnessError::UnknownTag { tag }),
        }
    }

    /// Passes over a node with this tag, looking no further than to see where it ends.
    pub(super) fn skip(&mut self, tag: Tag) -> Result<(), WitnessError> {
        let size = match tag {
            Tag::Empty | Tag::Internal => 0,
            Tag::Opaque => 32,
            Tag::Group => {
                let [.., more] = self.rest.first_chunk::<STEM_SIZE>().ok_or(TRUNCATED)?;
                items_size(*more).saturating_add(STEM_SIZE)
            }
        };
        self.rest = self.rest.get(size..).ok_or(TRUNCATED)?;
        Ok(())
    }

    fn take<const N: usize>(&mut self) -> Result<&'a [u8; N], WitnessError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(TRUNCATED)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Reads a value or hash to where it will be.
    pub(super) fn non_zero(&mut self, word: &mut B256) -> Result<(), WitnessError> {
        word.0 = *self.take()?;
        // From the end, for numbers begin with zeros.
        if word.iter().rev().all(|byte| *byte == 0) { Err(WitnessError::Zero) } else { Ok(()) }
    }

    pub(super) fn group(&mut self) -> Result<Group, WitnessError> {
        let stem = Stem::new(*self.take()?);
        let [more] = self.take()?;
        if self.rest.len() < items_size(*more) {
            return Err(TRUNCATED);
        }
        let mut items: Vec<Item> = Vec::with_capacity(usize::from(*more).saturating_add(1));
        for _ in 0..=*more {
            let item = self.item()?;
            if let Some(previous) = items.last() {
                check_order(previous, &item)?;
            }
            items.push(item);
        }
        check_places(&items)?;
        Ok(Group::from_items(stem, items))
    }

    fn item(&mut self) -> Result<Item, WitnessError> {
        let [start, form] = *self.take()?;
        let mut item = Item::leaf(start, B256::ZERO);
        self.non_zero(&mut item.bytes)?;
        match form {
            FORM_LEAF => {}
            FORM_NEIGHBOR => item.kind = ItemKind::Neighbor,
            height if height > GROUP_HEIGHT => return Err(WitnessError::UnknownItemForm { form }),
            height if start & low_bits(height) != 0 => {
                return Err(WitnessError::ItemMisaligned { start });
            }
            height => {
                item.kind = ItemKind::Opaque;
                item.height = height;
            }
        }
        Ok(item)
    }

    pub(super) const fn finish(&self) -> Result<(), WitnessError> {
        match self.rest.len() {
            0 => Ok(()),
            count => Err(WitnessError::TrailingBytes { count }),
        }
    }
}

/// Bytes of one item and this many more.
fn items_size(more: u8) -> usize {
    usize::from(more).saturating_add(1).saturating_mul(ITEM_SIZE)
}

/// Neighbours must be in order, and two unrevealed halves of one node are that node, unrevealed.
fn check_order(previous: &Item, item: &Item) -> Result<(), WitnessError> {
    if item.start <= previous.last() {
        return Err(WitnessError::ItemOutOfOrder { start: item.start });
    }
    let both_opaque = previous.kind == ItemKind::Opaque && item.kind == ItemKind::Opaque;
    let apart = previous.start ^ item.start;
    let halves = previous.height == item.height
        && apart == low_bits(item.height.saturating_add(1)) ^ low_bits(item.height);
    if both_opaque && halves {
        return Err(WitnessError::Superfluous);
    }
    Ok(())
}

/// An unrevealed leaf stands as high as it can: something is beside it, or it is all of the group.
/// Only then does the root prove where it is, and that the rest is empty. And a leaf whose place is
/// shown has nothing beside it: else its place proves nothing absent.
fn check_places(items: &[Item]) -> Result<(), WitnessError> {
    for (at, item) in items.iter().enumerate() {
        let neighbor = item.kind == ItemKind::Neighbor;
        if !neighbor && (item.height == GROUP_HEIGHT || !item.hides_leaf()) {
            continue;
        }
        let around = low_bits(item.height.saturating_add(1));
        let before = at.checked_sub(1).and_then(|before| items.get(before));
        let after = items.get(at.saturating_add(1));
        let accompanied = before.is_some_and(|before| before.last() >= item.start & !around)
            || after.is_some_and(|after| after.start <= item.start | around);
        match (neighbor, accompanied) {
            (false, false) => return Err(WitnessError::LeafTooLow { start: item.start }),
            (true, true) => return Err(WitnessError::Superfluous),
            _ => {}
        }
    }
    Ok(())
}

#[derive(Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn empty(&mut self) {
        self.bytes.push(TAG_EMPTY);
    }

    pub(super) fn opaque(&mut self, hash: &B256) {
        self.bytes.push(TAG_OPAQUE);
        self.bytes.extend_from_slice(hash.as_slice());
    }

    pub(super) fn internal(&mut self) {
        self.bytes.push(TAG_INTERNAL);
    }

    pub(super) fn group(&mut self, group: &Group) {
        self.bytes.push(TAG_GROUP);
        self.bytes.extend_from_slice(group.stem.as_bytes());
        // A group has 1 to 256 items.
        let more = group.items().len().saturating_sub(1);
        self.bytes.push(u8::try_from(more).unwrap_or(u8::MAX));
        for item in group.items() {
            let form = match item.kind {
                ItemKind::Leaf => FORM_LEAF,
                ItemKind::Neighbor => FORM_NEIGHBOR,
                ItemKind::Opaque => item.height,
            };
            self.bytes.extend_from_slice(&[item.start, form]);
            self.bytes.extend_from_slice(item.bytes.as_slice());
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}
