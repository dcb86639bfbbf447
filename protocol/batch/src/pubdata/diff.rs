//! The state diff: for each stem the leaves of its group that changed (PD-4, PD-5).

use alloc::{collections::BTreeMap, vec::Vec};

use alloy_primitives::{B256, U256};
use minster_state::{BasicData, Stem, Tree, TreeKey, keys};

use super::{
    PubdataError,
    head::{Form, Head, NonceStep, Place},
    magnitude::{Coded, SHORT_SIZES, Seen, Written, read_plain},
    wire::{Reader, Writer},
};

/// A leaf that changed; zero is absent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaf {
    pub(super) key: TreeKey,
    pub(super) old: B256,
    pub(super) new: B256,
}

/// A value as a form and a magnitude.
struct Change {
    form: Form,
    magnitude: U256,
    coded: Coded,
}

impl Change {
    const fn is_short(&self) -> bool {
        self.coded.size < SHORT_SIZES
    }

    /// The byte of form and size behind a general head.
    const fn value_byte(&self) -> u8 {
        self.form.code().wrapping_shl(6) | self.coded.size
    }
}

/// Both values of a leaf of basic data.
struct BasicChange {
    old: BasicData,
    new: BasicData,
}

impl BasicChange {
    /// `None` where the leaf is not basic data, before or after.
    fn of(leaf: &Leaf) -> Option<Self> {
        if leaf.key.sub_index() != keys::BASIC_DATA_SUB_INDEX {
            return None;
        }
        let old = BasicData::decode(&leaf.old).ok()?;
        let new = BasicData::decode(&leaf.new).ok()?;
        Some(Self { old, new })
    }
}

/// Writes groups of leaves.
pub(super) struct DiffWriter<'a> {
    writer: Writer,
    code_hashes: &'a [B256],
    written: Written,
}

impl<'a> DiffWriter<'a> {
    pub(super) fn new(writer: Writer, code_hashes: &'a [B256]) -> Self {
        Self { writer, code_hashes, written: Written::default() }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.writer.finish()
    }

    /// The leaves of one stem, in the order of their sub-indices.
    pub(super) fn group(&mut self, leaves: &[Leaf]) {
        let last = leaves.last().map(|leaf| leaf.key);
        let mut previous = None;
        for leaf in leaves {
            let is_last = Some(leaf.key) == last;
            match BasicChange::of(leaf) {
                Some(basic) => self.basic(&basic, is_last),
                None => self.value(leaf, previous, is_last),
            }
            previous = Some(leaf.key.sub_index());
        }
    }

    fn basic(&mut self, basic: &BasicChange, is_last: bool) {
        let change = self.change(U256::from(basic.old.balance), U256::from(basic.new.balance));
        let step = basic.new.nonce.wrapping_sub(basic.old.nonce);
        let nonce = NonceStep::of(step);
        let has_code_size = basic.new.code_size != basic.old.code_size;
        let (form, size) = (change.form, change.coded.size);
        let short = is_last && !has_code_size && change.is_short();
        match u8::try_from(step) {
            Ok(nonce_rise @ 0..=1) if short => {
                self.writer.byte(Head::ShortBasic { nonce_rise, form, size }.byte());
            }
            _ => {
                self.writer.byte(Head::Basic { is_last, has_code_size, nonce }.byte());
                if nonce == NonceStep::Given {
                    self.writer.varint(step);
                }
                if has_code_size {
                    self.writer.varint(basic.new.code_size.into());
                }
                self.writer.byte(change.value_byte());
            }
        }
        self.magnitude(&change);
    }

    fn value(&mut self, leaf: &Leaf, previous: Option<u8>, is_last: bool) {
        let sub_index = leaf.key.sub_index();
        let change = match self.code_place(leaf) {
            Some(place) => {
                let coded = Coded::plain(place);
                Change { form: Form::Code, magnitude: place, coded }
            }
            None => self.change(leaf.old.into(), leaf.new.into()),
        };
        let (form, size) = (change.form, change.coded.size);
        if is_last && change.is_short() && form != Form::Code {
            self.writer.byte(Head::ShortValue { form, size }.byte());
            self.writer.byte(sub_index);
        } else {
            let place = if sub_index == keys::CODE_HASH_SUB_INDEX {
                Place::CodeHash
            } else if previous.and_then(|before| before.checked_add(1)) == Some(sub_index) {
                Place::Next
            } else {
                Place::Given
            };
            self.writer.byte(Head::Value { is_last, place }.byte());
            if place == Place::Given {
                self.writer.byte(sub_index);
            }
            self.writer.byte(change.value_byte());
        }
        self.magnitude(&change);
    }

    /// The place in the pubdata of the code whose hash this leaf becomes.
    fn code_place(&self, leaf: &Leaf) -> Option<U256> {
        if leaf.key.sub_index() != keys::CODE_HASH_SUB_INDEX {
            return None;
        }
        self.code_hashes.binary_search(&leaf.new).ok().map(U256::from)
    }

    /// The shorter of delta and full value; the delta when they are as long.
    fn change(&self, old: U256, new: U256) -> Change {
        let (form, magnitude) = if new < old {
            (Form::Subtract, old.wrapping_sub(new))
        } else {
            (Form::Add, new.wrapping_sub(old))
        };
        let delta = Change { form, magnitude, coded: self.written.code(magnitude) };
        // Nothing is shorter than this delta: the full value of zero alone has no byte.
        if old.is_zero() || (delta.coded.length <= 1 && !new.is_zero()) {
            return delta;
        }
        let full = Change { form: Form::Full, magnitude: new, coded: self.written.code(new) };
        if full.coded.length < delta.coded.length { full } else { delta }
    }

    fn magnitude(&mut self, change: &Change) {
        change.coded.write(&mut self.writer);
        if change.form != Form::Code {
            self.written.note(change.magnitude, &change.coded);
        }
    }
}

/// Reads groups of leaves.
pub(super) struct DiffReader<'a> {
    reader: Reader<'a>,
    code_hashes: &'a [B256],
    seen: Seen,
}

impl<'a> DiffReader<'a> {
    pub(super) fn new(reader: Reader<'a>, code_hashes: &'a [B256]) -> Self {
        Self { reader, code_hashes, seen: Seen::default() }
    }

    /// Reads the leaves of a stem. What is read wrongly, because no writer makes it, is refused
    /// when all of it is written again.
    pub(super) fn group<H>(
        &mut self,
        old: &Tree<H>,
        stem: Stem,
        updates: &mut BTreeMap<TreeKey, B256>,
    ) -> Result<(), PubdataError> {
        let mut previous = None;
        loop {
            let head = Head::of(self.reader.byte()?).ok_or(PubdataError::NotCanonical)?;
            let sub_index = self.sub_index(head, previous)?;
            let key = stem.with_sub_index(sub_index);
            let before = old.get(&key)?.unwrap_or_default();
            updates.insert(key, self.leaf(head, before)?);
            previous = Some(sub_index);
            match head {
                Head::ShortBasic { .. } | Head::ShortValue { .. } => return Ok(()),
                Head::Value { is_last, .. } | Head::Basic { is_last, .. } if is_last => {
                    return Ok(());
                }
                _ => {}
            }
        }
    }

    fn sub_index(&mut self, head: Head, previous: Option<u8>) -> Result<u8, PubdataError> {
        match head {
            Head::ShortBasic { .. } | Head::Basic { .. } => Ok(keys::BASIC_DATA_SUB_INDEX),
            Head::ShortValue { .. } | Head::Value { place: Place::Given, .. } => self.reader.byte(),
            Head::Value { place: Place::CodeHash, .. } => Ok(keys::CODE_HASH_SUB_INDEX),
            Head::Value { place: Place::Next, .. } => {
                previous.and_then(|before| before.checked_add(1)).ok_or(PubdataError::NotCanonical)
            }
        }
    }

    fn leaf(&mut self, head: Head, before: B256) -> Result<B256, PubdataError> {
        match head {
            Head::ShortValue { form, size } => {
                Ok(self.magnitude(form, size, before.into())?.into())
            }
            Head::Value { .. } => {
                let (form, size) = self.value_byte()?;
                Ok(self.magnitude(form, size, before.into())?.into())
            }
            Head::ShortBasic { nonce_rise, form, size } => {
                let mut data = basic_data(&before)?;
                data.nonce = data.nonce.wrapping_add(nonce_rise.into());
                self.balance(form, size, data)
            }
            Head::Basic { has_code_size, nonce, .. } => {
                let mut data = basic_data(&before)?;
                let step = match nonce {
                    NonceStep::Same => 0,
                    NonceStep::One => 1,
                    NonceStep::Given => self.reader.varint()?,
                };
                data.nonce = data.nonce.wrapping_add(step);
                if has_code_size {
                    let code_size = self.reader.varint()?;
                    data.code_size =
                        u32::try_from(code_size).map_err(|_| PubdataError::NotCanonical)?;
                }
                let (form, size) = self.value_byte()?;
                self.balance(form, size, data)
            }
        }
    }

    fn value_byte(&mut self) -> Result<(Form, u8), PubdataError> {
        let byte = self.reader.byte()?;
        Ok((Form::of(byte.wrapping_shr(6)), byte & 0x3f))
    }

    fn balance(&mut self, form: Form, size: u8, mut data: BasicData) -> Result<B256, PubdataError> {
        let balance = self.magnitude(form, size, U256::from(data.balance))?;
        data.balance = u128::try_from(balance).map_err(|_| PubdataError::NotCanonical)?;
        data.encode().map_err(|_| PubdataError::NotCanonical)
    }

    fn magnitude(&mut self, form: Form, size: u8, before: U256) -> Result<U256, PubdataError> {
        let after = match form {
            Form::Add => before.checked_add(self.seen.read(size, &mut self.reader)?),
            Form::Subtract => before.checked_sub(self.seen.read(size, &mut self.reader)?),
            Form::Full => Some(self.seen.read(size, &mut self.reader)?),
            Form::Code => {
                let place = read_plain(size, &mut self.reader)?;
                let place = usize::try_from(place).ok();
                place.and_then(|at| self.code_hashes.get(at)).map(|hash| (*hash).into())
            }
        };
        after.ok_or(PubdataError::NotCanonical)
    }
}

fn basic_data(value: &B256) -> Result<BasicData, PubdataError> {
    BasicData::decode(value).map_err(|_| PubdataError::NotCanonical)
}
