//! Everything that readers of a chain were shown, held against what the chain shows later.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256};
use minster_primitives::{Receipt, TransactionFields};
use minster_sequencer::{Chain, Event};
use tokio::sync::broadcast::{Receiver, error::TryRecvError};

use crate::{RECEIVER, SENDERS, key};

/// Place in the chain and outcome of a transaction.
#[derive(Debug, Clone, PartialEq)]
struct Place {
    block: u64,
    index: u64,
    receipt: Receipt,
}

/// What was shown, over all lives of a chain.
#[derive(Debug, Default)]
pub struct Witness {
    receipts: BTreeMap<B256, Place>,
    /// Blocks by the hashes of their slices.
    slices: BTreeMap<B256, u64>,
    /// Hash and state root of sealed blocks.
    blocks: BTreeMap<u64, (B256, B256)>,
}

impl Witness {
    /// Takes note of everything that was published since the last time.
    pub fn hear(&mut self, chain: &Chain, events: &mut Receiver<Event>) {
        loop {
            match events.try_recv() {
                Ok(Event::Slice(sequence)) => {
                    let (slice, _) = chain.slice(sequence).expect("a recent slice");
                    let block = slice.header.block_number;
                    self.slices.insert(slice.hash, block);
                    for (index, item) in (slice.header.first_transaction_index..).zip(&slice.items)
                    {
                        let place = Place { block, index, receipt: item.receipt.clone() };
                        self.receipts.insert(item.transaction.hash(), place);
                    }
                }
                Ok(Event::Sealed(number)) => {
                    let block = chain.block(number).unwrap().expect("a sealed block");
                    let seal = (block.hash, block.header.state_root);
                    self.blocks.insert(number, seal);
                }
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
                Err(TryRecvError::Lagged(count)) => panic!("{count} events were not looked at"),
            }
        }
    }

    /// Receipts that were shown.
    pub fn receipts(&self) -> usize {
        self.receipts.len()
    }

    /// Whether the transaction's receipt was shown.
    pub fn has(&self, hash: &B256) -> bool {
        self.receipts.contains_key(hash)
    }

    /// All of it is there, where it was, but for what was pruned on purpose.
    pub fn check(&self, chain: &Chain) {
        let oldest = chain.oldest_block();
        for (hash, place) in self.receipts.iter().filter(|(_, place)| place.block >= oldest) {
            let located = chain.transaction(*hash).unwrap();
            let located = located.unwrap_or_else(|| panic!("{hash} was answered: {place:?}"));
            let receipt = located.item.receipt.clone();
            let found = Place { block: located.block_number, index: located.index, receipt };
            assert_eq!(found, *place, "{hash}");
        }
        for (hash, number) in self.slices.iter().filter(|(_, number)| **number >= oldest) {
            let block = chain.block_by_hash(*hash).unwrap();
            assert_eq!(block.map(|block| block.number()), Some(*number), "slice {hash}");
        }
        for (number, seal) in self.blocks.range(oldest..) {
            let block =
                chain.block(*number).unwrap().unwrap_or_else(|| panic!("no block {number}"));
            assert_eq!((block.hash, block.header.state_root), *seal, "block {number}");
        }
    }
}

/// Whatever is in the chain is there once, in each sender's order, and the state says the same.
/// Returns the next nonces.
pub fn check_whole(chain: &Chain) -> [u64; SENDERS] {
    let senders: Vec<Address> = (0..SENDERS).map(|sender| key(sender).address()).collect();
    let oldest = chain.oldest_block();
    // Of a sender whose first blocks were pruned, the first one left says where it begins.
    let mut nonces = [(oldest == 0).then_some(0_u64); SENDERS];
    let blocks = (oldest..=chain.latest().number()).map(|n| chain.block(n).unwrap().unwrap());
    for block in blocks.chain(chain.pending()) {
        for item in &block.items {
            let from = item.transaction.sender();
            let sender = senders.iter().position(|sender| *sender == from).unwrap();
            let nonce = item.transaction.envelope().nonce();
            assert_eq!(nonces[sender].unwrap_or(nonce), nonce, "of sender {sender}");
            nonces[sender] = Some(nonce + 1);
        }
    }
    let state = chain.state().unwrap();
    let mut all = [0; SENDERS];
    for (sender, (address, nonce)) in senders.iter().zip(nonces).enumerate() {
        all[sender] = state.account(*address).unwrap().unwrap().nonce;
        assert_eq!(nonce.unwrap_or(all[sender]), all[sender]);
    }
    let received = state.account(RECEIVER).unwrap().map_or(U256::ZERO, |account| account.balance);
    assert_eq!(received, U256::from(all.iter().sum::<u64>()));
    all
}
