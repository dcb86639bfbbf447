//! A proof as a file of blocks, and its edits.

use minster_verifier::{
    BLOCK_HEAD_SIZE, EncodedProof, HEAD_SIZE, OUTPUT_SIZE_MAX, SEGMENT_SIZE_MAX,
};

use crate::engine::{Random, edit_blindly, splice};
use crate::honest::{Honest, Proof};

/// A block with the length that it states.
#[derive(Clone)]
pub struct Block {
    kind: u8,
    stated: u32,
    /// What follows its head.
    pub content: Vec<u8>,
}

/// A proof in pieces.
#[derive(Clone)]
pub struct File {
    head: Vec<u8>,
    /// The segments, then the output.
    pub blocks: Vec<Block>,
}

impl Block {
    fn new(kind: u8, content: Vec<u8>) -> Self {
        Self { kind, stated: content.len() as u32, content }
    }

    /// Sets the content, and its length.
    pub fn set(&mut self, content: Vec<u8>) {
        *self = Self::new(self.kind, content);
    }
}

impl File {
    /// The pieces of a proof.
    pub fn new(proof: &Proof) -> Self {
        let encoded = EncodedProof::parse(&proof.bytes).expect("a proof");
        let segments = encoded.segments.iter().map(|part| Block::new(0, part.to_vec()));
        let blocks = segments.chain([Block::new(1, encoded.output.to_vec())]).collect();
        Self { head: proof.bytes[..HEAD_SIZE].to_vec(), blocks }
    }

    /// The proof in one piece.
    pub fn to_bytes(&self) -> Vec<u8> {
        let contents: usize =
            self.blocks.iter().map(|block| BLOCK_HEAD_SIZE + block.content.len()).sum();
        let mut bytes = Vec::with_capacity(self.head.len() + contents);
        bytes.extend(&self.head);
        for Block { kind, stated, content } in &self.blocks {
            bytes.push(*kind);
            bytes.extend(stated.to_le_bytes());
            bytes.extend(content);
        }
        bytes
    }

    /// Edits the order, the number, the heads or the borders of blocks.
    pub fn edit(&mut self, random: &mut Random, honest: &Honest) {
        let other = &honest.proofs[random.below(honest.proofs.len())];
        let (at, to) = (random.below(self.blocks.len()), random.below(self.blocks.len()));
        match random.below(12) {
            0 => self.head[random.below(HEAD_SIZE)] ^= 1 << random.below(8),
            1 => drop(self.blocks.remove(at)),
            2 => self.blocks.insert(to, self.blocks[at].clone()),
            3 => self.blocks.swap(at, to),
            4 => {
                let theirs = File::new(other).blocks;
                self.blocks[at] = random.choose(&theirs);
            }
            5 => {
                let theirs = File::new(other).blocks;
                self.blocks.insert(at, random.choose(&theirs));
            }
            6 => self.blocks[at].kind = random.choose(&[0, 1, 2, 0x7f, 0x80, 0xff]),
            7 => self.blocks[at].stated = other_size(random, self.blocks[at].stated),
            8 if to != at => {
                // Bytes move over a border, and both lengths stay true.
                let mut from = self.blocks[at].content.clone();
                let moved = from.split_off(from.len() - random.below(64).min(from.len()));
                self.blocks[at].set(from);
                let into = [moved, self.blocks[to].content.clone()].concat();
                self.blocks[to].set(into);
            }
            9 => {
                let count = random.choose(&[1, 100, 10_000]);
                let empty = Block::new(random.choose(&[0, 1]), Vec::new());
                self.blocks.splice(at..at, std::iter::repeat_n(empty, count));
            }
            10 => {
                let mut content = self.blocks[at].content.clone();
                edit_blindly(random, &mut content);
                self.blocks[at].set(content);
            }
            _ => {
                let donor = random.choose(&other.parts);
                let spliced = splice(random, &self.blocks[at].content, &donor);
                self.blocks[at].set(spliced);
            }
        }
    }
}

fn other_size(random: &mut Random, size: u32) -> u32 {
    let near = random.choose(&[1, 2, 4, 5, u32::MAX, u32::MAX - 4]);
    let any = random.word();
    random.choose(&[
        size.wrapping_add(near),
        size ^ 1 << (any % 32),
        0,
        SEGMENT_SIZE_MAX as u32,
        SEGMENT_SIZE_MAX as u32 + 1,
        OUTPUT_SIZE_MAX as u32,
        OUTPUT_SIZE_MAX as u32 + 1,
        0x7fff_ffff,
        0x8000_0000,
        u32::MAX,
        any,
    ])
}
