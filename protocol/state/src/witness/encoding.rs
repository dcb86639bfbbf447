//! The bytes of a witness.

use alloc::vec::Vec;

use alloy_primitives::B256;

use super::WitnessError;
use crate::{
    group::{GROUP_HEIGHT, Group, Item, ItemKind, Place, low_bits},
    key::Stem,
};

const TAG_EMPTY: u8 = 0;
const TAG_OPAQUE: u8 = 1;
const TAG_INTERNAL: u8 = 2;
const TAG_GROUP: u8 = 3;

/// Form byte of a leaf; unrevealed subtrees have their height (0 to 8) there.
const FORM_LEAF: u8 = 0xff;

/// Bytes of an encoded group item.
const ITEM_SIZE: usize = 34;

/// The next node in pre-order.
pub(super) enum Token {
    Empty,
    Opaque(B256),
    Internal,
    Group(Group),
}

pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], WitnessError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(WitnessError::Truncated)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn byte(&mut self) -> Result<u8, WitnessError> {
        let [byte] = self.take()?;
        Ok(byte)
    }

    fn non_zero(&mut self) -> Result<B256, WitnessError> {
        let bytes = B256::new(self.take()?);
        if bytes.is_zero() { Err(WitnessError::Zero) } else { Ok(bytes) }
    }

    pub(super) fn token(&mut self) -> Result<Token, WitnessError> {
        match self.byte()? {
            TAG_EMPTY => Ok(Token::Empty),
            TAG_OPAQUE => Ok(Token::Opaque(self.non_zero()?)),
            TAG_INTERNAL => Ok(Token::Internal),
            TAG_GROUP => Ok(Token::Group(self.group()?)),
            tag => Err(WitnessError::UnknownTag { tag }),
        }
    }

    fn group(&mut self) -> Result<Group, WitnessError> {
        let stem = Stem::new(self.take()?);
        let more = usize::from(self.byte()?);
        let count = more.saturating_add(1);
        if self.rest.len() < count.saturating_mul(ITEM_SIZE) {
            return Err(WitnessError::Truncated);
        }
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            let item = self.item()?;
            if let Some(previous) = items.last() {
                check_order(previous, &item)?;
            }
            items.push(item);
        }
        Ok(Group::from_items(stem, items))
    }

    fn item(&mut self) -> Result<Item, WitnessError> {
        let start = self.byte()?;
        let form = self.byte()?;
        let bytes = self.non_zero()?;
        if form == FORM_LEAF {
            return Ok(Item::leaf(start, bytes));
        }
        if form > GROUP_HEIGHT {
            return Err(WitnessError::UnknownItemForm { form });
        }
        if start & low_bits(form) != 0 {
            return Err(WitnessError::ItemMisaligned { start });
        }
        Ok(Item::opaque(Place { start, height: form }, bytes))
    }

    pub(super) const fn finish(&self) -> Result<(), WitnessError> {
        match self.rest.len() {
            0 => Ok(()),
            count => Err(WitnessError::TrailingBytes { count }),
        }
    }
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
