//! Bytes per transaction of usual batches, held so that a change of the format is seen.

use super::*;

const ACCOUNTS: u64 = 100_000;

/// Numbers that only look random.
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 += 1;
        let [a, b, c, d, e, f, g, h, ..] = keccak256(self.0.to_be_bytes()).0;
        u64::from_be_bytes([a, b, c, d, e, f, g, h]) % sides
    }
}

const ETHER: u64 = 1_000_000_000_000_000_000;

fn account(number: u64) -> TreeKey {
    TreeKey::from(keccak256(number.to_be_bytes())).stem().with_sub_index(0)
}

/// Balance slots of a token: one leaf in each group, anywhere in it.
fn token_slot(number: u64) -> TreeKey {
    TreeKey::from(keccak256((number | 1 << 40).to_be_bytes()))
}

/// Accounts that have sent some transactions and hold some ether, and their token balances.
fn leaves(dice: &mut Dice) -> Leaves {
    let mut leaves = Leaves::new();
    for number in 0..ACCOUNTS {
        let balance = u128::from(dice.roll(10 * ETHER)) + u128::from(ETHER) * 1_000;
        leaves.insert(account(number), basic(dice.roll(100), balance));
        leaves.insert(token_slot(number), word(dice.roll(9 * ETHER) + 9 * ETHER));
    }
    leaves
}

struct Batch<'a> {
    old: &'a Leaves,
    updates: Leaves,
}

impl Batch<'_> {
    fn value(&self, key: TreeKey) -> B256 {
        *self.updates.get(&key).or_else(|| self.old.get(&key)).unwrap()
    }

    fn pay(&mut self, number: u64, nonce_rise: u64, change: i128) {
        let mut data = BasicData::decode(&self.value(account(number))).unwrap();
        data.nonce += nonce_rise;
        data.balance = data.balance.checked_add_signed(change).unwrap();
        self.updates.insert(account(number), data.encode().unwrap());
    }

    fn transfer(&mut self, from: u64, to: u64, amount: u64, fee: u64) {
        self.pay(from, 1, -i128::from(amount) - i128::from(fee));
        self.pay(to, 0, i128::from(amount));
    }

    fn transfer_token(&mut self, from: u64, to: u64, amount: u64, fee: u64) {
        self.pay(from, 1, -i128::from(fee));
        for (number, adds) in [(from, false), (to, true)] {
            let key = token_slot(number);
            let balance = U256::from_be_bytes(self.value(key).0);
            let amount = U256::from(amount);
            self.updates.insert(key, if adds { balance + amount } else { balance - amount }.into());
        }
    }
}

/// Bytes of the diff per transaction. Prints them and holds them.
fn measure(tree: &Tree, old: &Leaves, what: &str, most: f64, fill: impl Fn(&mut Batch<'_>, u64)) {
    for (count, most) in [(100, most), (10_000, f64::MAX)] {
        let mut batch = Batch { old, updates: Leaves::new() };
        for number in 0..count {
            fill(&mut batch, number);
        }
        let bytes = encode(tree, &list(&batch.updates), &[], &[], &[]).unwrap();
        assert_eq!(decode(tree, &bytes).unwrap().updates, batch.updates);
        let each = f64::from(u32::try_from(bytes.len()).unwrap())
            / f64::from(u32::try_from(count).unwrap());
        println!("{what}, {count}: {each:.2} bytes per transaction");
        assert!(each <= most, "{what}");
    }
}

#[test]
fn bytes_per_transaction() {
    let old = leaves(&mut Dice(0));
    let tree = tree_of(&old);
    let any = |dice: &mut Dice| dice.roll(ACCOUNTS);
    let fee = |dice: &mut Dice, gas: u64| gas * (1_000_000_000 + dice.roll(100_000_000));
    let dice = |number: u64| Dice(1_000_000_000 + number * 1_000);
    // Amounts of up to an ether: all digits random, or a multiple of a thousandth.
    let odd = |dice: &mut Dice| dice.roll(ETHER);
    let round = |dice: &mut Dice| (1 + dice.roll(1_000)) * (ETHER / 1_000);

    measure(&tree, &old, "transfers, odd amounts", 24.0, |batch, number| {
        let dice = &mut dice(number);
        batch.transfer(any(dice), any(dice), odd(dice), fee(dice, 21_000));
    });
    measure(&tree, &old, "transfers, round amounts", 18.0, |batch, number| {
        let dice = &mut dice(number);
        batch.transfer(any(dice), any(dice), round(dice), fee(dice, 21_000));
    });
    measure(&tree, &old, "transfers among ten accounts", 3.0, |batch, number| {
        let dice = &mut dice(number);
        batch.transfer(dice.roll(10), dice.roll(10), odd(dice), fee(dice, 21_000));
    });
    measure(&tree, &old, "token transfers, odd amounts", 28.0, |batch, number| {
        let dice = &mut dice(number);
        batch.transfer_token(any(dice), any(dice), odd(dice), fee(dice, 50_000));
    });
    measure(&tree, &old, "token transfers, round amounts", 24.0, |batch, number| {
        let dice = &mut dice(number);
        batch.transfer_token(any(dice), any(dice), round(dice), fee(dice, 50_000));
    });
}
