//! The pool against a naive model: a list of transactions, searched through for everything.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use minster_primitives::{Address, B256, Transaction, U256};

use crate::{
    Admission, EVICTIONS_PER_ADD_MAX, EXPIRY_STEPS_MAX, FeeContext, PoolConfig, PoolError,
    SenderAccount, SenderContent,
    entry::{Entry, Rank},
    pool::Pool,
    testing::{Draft, address},
};

const SEEDS_MIN: u64 = 300;
const TIME_MAX: Duration = Duration::from_secs(4);
const STEPS: usize = 400;
const SENDERS: u64 = 6;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> Option<T> {
        let index = self.below(items.len().max(1) as u64) as usize;
        items.get(index).copied()
    }
}

#[derive(Clone)]
struct Model {
    config: PoolConfig,
    entries: Vec<Entry>,
    settling: BTreeSet<B256>,
    /// Account nonces as the pool knows them, of senders with transactions.
    nonces: BTreeMap<Address, u64>,
    /// The same of senders who had some.
    past_nonces: BTreeMap<Address, u64>,
    arrivals: u64,
    tails_base_fee: u64,
    additions: usize,
}

fn sender_of(entry: &Entry) -> Address {
    entry.transaction.sender()
}

impl Model {
    fn new(config: PoolConfig) -> Self {
        Self {
            config,
            entries: Vec::new(),
            settling: BTreeSet::new(),
            nonces: BTreeMap::new(),
            past_nonces: BTreeMap::new(),
            arrivals: 0,
            tails_base_fee: 0,
            additions: 0,
        }
    }

    fn of(&self, sender: Address) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| sender_of(entry) == sender)
    }

    fn find(&self, sender: Address, nonce: u64) -> Option<&Entry> {
        self.of(sender).find(|entry| entry.nonce == nonce)
    }

    fn next_nonce(&self, sender: Address, from: u64) -> u64 {
        (from..).find(|nonce| self.find(sender, *nonce).is_none()).unwrap()
    }

    fn is_pending(&self, entry: &Entry) -> bool {
        let sender = sender_of(entry);
        (self.nonces[&sender]..entry.nonce).all(|nonce| self.find(sender, nonce).is_some())
            && entry.nonce >= self.nonces[&sender]
    }

    fn forget_empty_senders(&mut self) {
        let (entries, past) = (&self.entries, &mut self.past_nonces);
        self.nonces.retain(|sender, nonce| {
            let stays = entries.iter().any(|entry| sender_of(entry) == *sender);
            if !stays {
                past.insert(*sender, *nonce);
            }
            stays
        });
    }

    fn remove(&mut self, hash: B256) {
        self.entries.retain(|entry| entry.hash != hash);
        self.forget_empty_senders();
    }

    fn set_nonce(&mut self, sender: Address, nonce: u64) {
        let Some(known) = self.nonces.get_mut(&sender) else {
            self.past_nonces.entry(sender).and_modify(|past| *past = nonce);
            return;
        };
        *known = nonce;
        let is_below = |entry: &Entry| sender_of(entry) == sender && entry.nonce < nonce;
        let below = self.entries.iter().filter(|entry| is_below(entry));
        self.settling.extend(below.filter(|entry| entry.in_flight).map(|entry| entry.hash));
        self.entries.retain(|entry| !is_below(entry));
        self.forget_empty_senders();
    }

    fn executed(&mut self, hash: B256) {
        if let Some(entry) = self.entries.iter().find(|entry| entry.hash == hash).cloned() {
            self.set_nonce(sender_of(&entry), entry.nonce + 1);
        }
        self.settling.remove(&hash);
    }

    fn add(
        &mut self,
        mut entry: Entry,
        account: SenderAccount,
        fees: FeeContext,
    ) -> Result<Admission, PoolError> {
        let sender = sender_of(&entry);
        if self.settling.contains(&entry.hash)
            || self.entries.iter().any(|other| other.hash == entry.hash)
        {
            return Err(PoolError::AlreadyKnown);
        }
        self.additions += 1;
        if fees.base_fee != self.tails_base_fee && self.additions >= self.nonces.len() / 4 {
            (self.tails_base_fee, self.additions) = (fees.base_fee, 0);
        }
        if self.nonces.get(&sender).is_some_and(|nonce| *nonce < account.nonce) {
            self.set_nonce(sender, account.nonce);
        }
        let past = self.past_nonces.get(&sender).copied().unwrap_or_default();
        let nonce = self.nonces.get(&sender).copied().unwrap_or(account.nonce.max(past));
        self.check(&entry, nonce, account.balance)?;
        let old = self.find(sender, entry.nonce).map(|old| old.hash);
        let is_pending = entry.nonce <= self.next_nonce(sender, nonce);
        let mut after = self.clone();
        after.make_room(&entry, is_pending)?;
        *self = after;
        self.entries.retain(|entry| Some(entry.hash) != old);
        entry.arrival = self.arrivals;
        self.arrivals += 1;
        self.entries.push(entry);
        self.nonces.insert(sender, nonce);
        self.forget_empty_senders();
        Ok(Admission { is_pending, replaced: old })
    }

    fn check(&self, entry: &Entry, account_nonce: u64, balance: U256) -> Result<(), PoolError> {
        let (sender, nonce) = (sender_of(entry), entry.nonce);
        if nonce < account_nonce {
            return Err(PoolError::NonceTooLow { next: account_nonce, nonce });
        }
        let old = self.find(sender, nonce);
        if old.is_some_and(|old| old.in_flight) {
            return Err(PoolError::NonceTooLow { next: nonce + 1, nonce });
        }
        let cost = entry.cost;
        if cost > balance {
            return Err(PoolError::InsufficientFunds { balance, cost });
        }
        let queued = self.of(sender).map(|entry| entry.cost).sum::<U256>();
        let needed = queued + cost - old.map_or(U256::ZERO, |old| old.cost);
        if needed > balance {
            return Err(match old {
                None => PoolError::InsufficientFundsQueued { balance, queued, cost },
                Some(_) => PoolError::InsufficientFundsBumped { balance, queued, needed },
            });
        }
        if let Some(old) = old {
            let raised = |old: u128, new: u128| new > old && new >= old * 110 / 100;
            let is_enough =
                raised(old.fee_cap, entry.fee_cap) && raised(old.tip_cap, entry.tip_cap);
            return if is_enough { Ok(()) } else { Err(PoolError::ReplacementUnderpriced) };
        }
        let pooled = self.of(sender).count();
        if pooled >= self.config.per_sender_max {
            return Err(PoolError::AccountLimitExceeded { pooled });
        }
        let gapped = self.next_nonce(sender, account_nonce);
        if nonce > gapped + self.config.gap_max {
            return Err(PoolError::NonceTooHigh { nonce, gapped });
        }
        Ok(())
    }

    fn bytes(&self) -> usize {
        self.entries.iter().map(|entry| entry.size).sum()
    }

    fn is_tail(&self, entry: &Entry) -> bool {
        self.of(sender_of(entry)).all(|other| other.nonce <= entry.nonce)
    }

    fn make_room(&mut self, newcomer: &Entry, is_pending: bool) -> Result<(), PoolError> {
        let base_fee = self.tails_base_fee;
        let rank = |entry: &Entry, in_run| -> (bool, i128) {
            let Rank { executable, .. } = entry.rank(in_run, base_fee);
            let room = entry.fee_cap as i128 - i128::from(base_fee);
            assert_eq!(executable, in_run && room >= 0);
            (executable, room.min(if room < 0 { room } else { entry.tip_cap as i128 }))
        };
        let newcomer_rank = rank(newcomer, is_pending);
        for evictions in 0.. {
            let old = self.find(sender_of(newcomer), newcomer.nonce);
            let (count, size) = old.map_or((0, 0), |old| (1, old.size));
            let fits = self.entries.len() - count < self.config.transactions_max
                && self.bytes() - size + newcomer.size <= self.config.bytes_max;
            if fits {
                return Ok(());
            }
            let worst = self
                .entries
                .iter()
                .filter(|entry| self.is_tail(entry) && !entry.in_flight)
                .filter(|entry| {
                    sender_of(entry) != sender_of(newcomer) || entry.nonce > newcomer.nonce
                })
                .map(|entry| (rank(entry, self.is_pending(entry)), entry))
                .min_by_key(|(rank, entry)| (*rank, Reverse(entry.arrival)));
            match worst {
                Some((rank, entry))
                    if rank < newcomer_rank && evictions < EVICTIONS_PER_ADD_MAX =>
                {
                    let hash = entry.hash;
                    self.entries.retain(|entry| entry.hash != hash);
                }
                _ => return Err(PoolError::PoolFull),
            }
        }
        unreachable!()
    }

    fn take_batch(&mut self, base_fee: u64, limit: usize) -> Vec<B256> {
        let mut batch = Vec::new();
        while batch.len() < limit {
            let best = self
                .entries
                .iter()
                .filter(|entry| !entry.in_flight && self.is_pending(entry))
                .filter(|entry| {
                    self.of(sender_of(entry))
                        .all(|other| other.in_flight || other.nonce >= entry.nonce)
                })
                .filter(|entry| entry.fee_cap >= u128::from(base_fee))
                .max_by_key(|entry| {
                    let tip = entry.tip_cap.min(entry.fee_cap - u128::from(base_fee));
                    (tip, Reverse(entry.arrival))
                });
            let Some(hash) = best.map(|entry| entry.hash) else { break };
            self.set_in_flight(hash, true);
            batch.push(hash);
        }
        batch
    }

    fn set_in_flight(&mut self, hash: B256, in_flight: bool) {
        let entry = self.entries.iter_mut().find(|entry| entry.hash == hash);
        entry.into_iter().for_each(|entry| entry.in_flight = in_flight);
    }

    fn expire(&mut self, now_ms: u64) -> usize {
        let before = self.entries.len();
        assert!(before <= EXPIRY_STEPS_MAX);
        let mut by_arrival: Vec<_> = self.entries.iter().collect();
        by_arrival.sort_by_key(|entry| entry.arrival);
        let old: Vec<B256> = by_arrival
            .into_iter()
            .take_while(|entry| now_ms - entry.added_ms >= self.config.lifetime_ms)
            .filter(|entry| !entry.in_flight)
            .map(|entry| entry.hash)
            .collect();
        old.iter().for_each(|hash| self.remove(*hash));
        old.len()
    }

    fn content(&self) -> BTreeMap<Address, SenderContent> {
        let mut sorted: Vec<_> = self.entries.iter().collect();
        sorted.sort_by_key(|entry| entry.nonce);
        let mut content: BTreeMap<Address, SenderContent> = BTreeMap::new();
        for entry in sorted {
            let place = content.entry(sender_of(entry)).or_default();
            let side = if self.is_pending(entry) { &mut place.pending } else { &mut place.queued };
            side.push(Arc::clone(&entry.transaction));
        }
        content
    }
}

/// The pool, the model, and the chain around them.
struct World {
    pool: Pool,
    model: Model,
    random: Random,
    now_ms: u64,
    base_fee: u64,
    chain: BTreeMap<u8, u64>,
    in_flight: Vec<(B256, u8, u64)>,
    seen: Vec<B256>,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let config = PoolConfig {
            transactions_max: 4 + random.below(24) as usize,
            bytes_max: 800 + random.below(4_000) as usize,
            per_sender_max: 2 + random.below(10) as usize,
            gap_max: random.below(6),
            lifetime_ms: 20 + random.below(300),
            ..PoolConfig::default()
        };
        Self {
            pool: Pool::new(config.clone()),
            model: Model::new(config),
            random,
            now_ms: 0,
            base_fee: 10,
            chain: BTreeMap::new(),
            in_flight: Vec::new(),
            seen: Vec::new(),
        }
    }

    fn step(&mut self) {
        self.now_ms += self.random.below(4);
        match self.random.below(100) {
            0..=54 => self.add(),
            55..=66 => self.take(),
            67..=78 => self.execute(),
            79..=82 => self.reject(),
            83..=86 => self.give_back(),
            87..=90 => self.change_state(),
            91..=94 => self.base_fee = self.random.below(40),
            _ => assert_eq!(self.pool.expire(self.now_ms), self.model.expire(self.now_ms)),
        }
        self.check();
    }

    fn add(&mut self) {
        let sender = self.random.below(SENDERS) as u8;
        let account_nonce = *self.chain.entry(sender).or_default();
        // Mostly near the account's nonce, sometimes below it.
        let nonce = (account_nonce + self.random.below(9)).saturating_sub(1);
        let tip = u128::from(self.random.below(30));
        let fee = tip + u128::from(self.random.below(30));
        let data_size = if self.random.below(8) == 0 { self.random.below(900) } else { 0 };
        let draft = Draft::new(sender, nonce, tip).fee(fee).data_size(data_size as usize);
        let balance = U256::from(21_000 * (50 + self.random.below(500)));
        // Now and then the caller read the account before the last executions.
        let age = if self.random.below(4) == 0 { self.random.below(3) } else { 0 };
        let account = SenderAccount { nonce: account_nonce.saturating_sub(age), balance };
        let fees = FeeContext { base_fee: self.base_fee, block_gas_limit: 30_000 };
        let entry = Entry::new(draft.build(), self.now_ms);
        self.seen.push(entry.hash);
        let before = self.model.clone();
        let expected = self.model.add(entry.clone(), account, fees);
        assert_eq!(self.pool.add(entry, account, fees), expected);
        self.check_eviction(&before, sender, nonce);
    }

    /// Nothing that stayed lost its predecessor.
    fn check_eviction(&self, before: &Model, sender: u8, nonce: u64) {
        for entry in &self.model.entries {
            let stayed = before.entries.iter().any(|other| other.hash == entry.hash);
            let is_pending = self.model.is_pending(entry);
            assert!(!stayed || is_pending || !before.is_pending(entry), "{sender} {nonce}");
        }
    }

    fn take(&mut self) {
        let limit = self.random.below(6) as usize;
        let batch = self.pool.take_batch(self.base_fee, limit);
        let taken: Vec<B256> = batch.iter().map(|transaction| transaction.hash()).collect();
        assert_eq!(taken, self.model.take_batch(self.base_fee, limit));
        for transaction in &batch {
            let item = in_flight_item(transaction);
            // Every nonce between the account's and this one is in flight already.
            let mut before = self.model.nonces[&address(item.1)]..item.2;
            let taken =
                |nonce| self.in_flight.iter().any(|other| other.1 == item.1 && other.2 == nonce);
            assert!(before.all(taken));
            self.in_flight.push(item);
        }
    }

    /// The executor executes the oldest transaction in flight whose nonce is next, and reports it,
    /// or leaves that to a later step.
    fn execute(&mut self) {
        let next = |(_, sender, nonce): &(B256, u8, u64)| {
            self.chain.get(sender).copied().unwrap_or_default() >= *nonce
        };
        let Some(index) = self.in_flight.iter().position(next) else { return };
        let (hash, sender, nonce) = self.in_flight[index];
        let account_nonce = self.chain.entry(sender).or_default();
        *account_nonce = (*account_nonce).max(nonce + 1);
        if self.random.below(3) > 0 {
            self.in_flight.remove(index);
            self.pool.executed(hash);
            self.model.executed(hash);
        }
    }

    fn reject(&mut self) {
        if let Some(item) = self.random.pick(&self.in_flight) {
            self.in_flight.retain(|other| *other != item);
            self.pool.rejected(item.0, "no");
            self.model.settling.remove(&item.0);
            self.model.remove(item.0);
        }
    }

    fn give_back(&mut self) {
        if let Some(item) = self.random.pick(&self.in_flight) {
            self.in_flight.retain(|other| *other != item);
            self.pool.give_back(item.0);
            if !self.model.settling.remove(&item.0) {
                self.model.set_in_flight(item.0, false);
            }
        }
    }

    fn change_state(&mut self) {
        let sender = self.random.below(SENDERS) as u8;
        let nonce = self.chain.entry(sender).or_default();
        *nonce = (*nonce + self.random.below(4)).saturating_sub(1);
        self.pool.set_nonce(address(sender), *nonce);
        self.model.set_nonce(address(sender), *nonce);
    }

    fn check(&mut self) {
        let (pool, model) = (&self.pool, &self.model);
        let content = model.content();
        assert_eq!(super::content(pool), content);
        let status = pool.status();
        assert_eq!(status.pending, content.values().map(|one| one.pending.len()).sum::<usize>());
        assert_eq!(status.queued, content.values().map(|one| one.queued.len()).sum::<usize>());
        assert_eq!(status.bytes, model.bytes());
        assert!(status.pending + status.queued <= model.config.transactions_max);
        assert!(status.bytes <= model.config.bytes_max);
        assert!(pool.ledger.by_arrival.len() == pool.ledger.by_hash.len());
        for (sender, one) in content {
            let nonces: BTreeSet<u64> =
                one.pending.iter().chain(&one.queued).map(|tx| in_flight_item(tx).2).collect();
            assert_eq!(nonces.len(), one.pending.len() + one.queued.len());
            assert!(nonces.len() <= model.config.per_sender_max);
            let from = model.nonces[&sender] + self.random.below(4);
            let next = model.next_nonce(sender, from.max(model.nonces[&sender]));
            let known = model.next_nonce(sender, model.nonces[&sender]);
            assert_eq!(pool.pending_nonce(sender, from), next.max(known));
        }
        if let Some(hash) = self.random.pick(&self.seen) {
            let is_known = model.settling.contains(&hash)
                || model.entries.iter().any(|entry| entry.hash == hash);
            assert_eq!(pool.get(hash).is_some(), is_known);
            assert!(!is_known || pool.removal(hash).is_none());
        }
        let runnable = model.clone().take_batch(0, 1).len();
        assert_eq!(pool.has_runnable(), runnable > 0);
    }
}

fn in_flight_item(transaction: &Transaction) -> (B256, u8, u64) {
    let nonce = minster_primitives::TransactionFields::nonce(transaction.envelope());
    (transaction.hash(), transaction.sender().0[0], nonce)
}

#[test]
fn the_pool_is_the_model() {
    let started = Instant::now();
    let mut seed = 0;
    while seed < SEEDS_MIN || started.elapsed() < TIME_MAX {
        let run = std::panic::catch_unwind(|| {
            let mut world = World::new(seed);
            (0..STEPS).for_each(|_| world.step());
        });
        assert!(run.is_ok(), "seed {seed}");
        seed += 1;
    }
}
