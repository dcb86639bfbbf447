//! What would prove a lie, offered to the guest in the emulator: the run fails, and commits to
//! nothing.

use std::sync::{Arc, Mutex, OnceLock};

use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use minster_emulator::{CYCLES_MAX_DEFAULT, Io, Outcome, RunError, run};
use minster_guest::host::frame_hint;
use minster_os::batch::{BatchInput, RangeInput};
use minster_primitives::alloy_consensus::{SignableTransaction, TxEip1559};
use minster_primitives::{
    Encodable2718, Envelope, Signature, TxDeposit, alloy_consensus::Sealable,
};
use minster_secp256k1::hints;
use minster_tests::batches::triangle::{SALT, guest, io};
use minster_tests::batches::{CHAIN_ID, FEE_MAX, World, call, other, transfer};

/// The order of secp256k1 (SEC 2, 2.4.1).
const ORDER: U256 = U256::from_limbs([
    0xbfd2_5e8c_d036_4141,
    0xbaae_dce6_af48_a03b,
    0xffff_ffff_ffff_fffe,
    0xffff_ffff_ffff_ffff,
]);

/// The frame of an honest answer.
fn answer(request: &[u8]) -> Vec<u8> {
    hints::answer(request).map(|answer| frame_hint(&answer)).unwrap_or_default()
}

fn run_bytes(input: Vec<u8>) -> Result<Outcome, RunError> {
    run(guest(), io(input), CYCLES_MAX_DEFAULT)
}

/// A chain after its first batch, and the range of its second: transfers, a call with code that
/// reads an old block hash, a new contract.
struct Honest {
    range: RangeInput,
    /// The range before it, by itself.
    first: BatchInput,
    claim: Vec<u8>,
}

fn honest() -> &'static Honest {
    static HONEST: OnceLock<Honest> = OnceLock::new();
    HONEST.get_or_init(|| {
        let mut world = World::new(4, 40);
        let first = world.batch(vec![vec![transfer(0, 0, other(1), 1)], vec![]]);
        world.base = first.end.clone();
        // MSTORE8(0, 0xfe); RETURN(0, 1) of BLOCKHASH(1) kept in slot 0.
        let code = [0x60, 1, 0x40, 0x5f, 0x55, 0x60, 0xfe, 0x5f, 0x53, 0x60, 1, 0x5f, 0xf3];
        let create = call(1, 0, TxKind::Create, 0, Bytes::from(code.to_vec()), 200_000);
        let blocks =
            vec![vec![transfer(0, 1, other(2), 5), create], vec![transfer(2, 0, other(900), 7)]];
        let built = world.batch(blocks);
        let range = world.range(&built);
        let claim = [world.base.commitment.hash(), built.end.commitment.hash()].concat();
        let outcome = run_bytes(range.salted(&SALT)).expect("the honest run ends");
        assert_eq!(outcome.exit_code, 0, "{}", String::from_utf8_lossy(&outcome.text));
        assert_eq!(outcome.output, claim);
        Honest { range, first: first.input, claim }
    })
}

/// The guest ends in failure without a word of output, and says why.
fn check_refused(name: &str, input: Vec<u8>, reason: &str) {
    // A trap is no success either; but none of these lies needs one.
    let outcome = run_bytes(input).unwrap_or_else(|error| panic!("{name}: {error}"));
    let text = String::from_utf8_lossy(&outcome.text).into_owned();
    assert_eq!(outcome.exit_code, 1, "{name}: {text}");
    assert!(outcome.output.is_empty(), "{name}: an output");
    assert!(text.contains(reason), "{name}: {text}");
}

fn check_lie(name: &str, reason: &str, lie: impl FnOnce(&mut RangeInput)) {
    let mut range = honest().range.clone();
    lie(&mut range);
    check_refused(name, range.salted(&SALT), reason);
}

/// What becomes of a batch that is a lie.
fn check_batch(name: &str, reason: &str, lie: impl FnOnce(&mut BatchInput)) {
    check_lie(name, reason, |range| lie(&mut range.batches[0]));
}

#[test]
fn bytes_that_are_no_input() {
    let bytes = honest().range.salted(&SALT);
    check_refused("nothing", Vec::new(), "Input(");
    check_refused("one byte over", [&bytes[..], &[0]].concat(), "Input(UnexpectedLength)");
    check_refused("another input behind it", [&bytes[..], &bytes[..]].concat(), "Input(");
    for cut in [1, 2, 31, bytes.len() / 2, bytes.len() - 33, bytes.len() - 32, bytes.len() - 1] {
        check_refused("cut", bytes[..bytes.len() - cut].to_vec(), "Input(");
    }
    // Lists and strings that say they are longer than all memory.
    for head in [&[0xfb, 0xff, 0xff, 0xff, 0xff][..], &[0xff; 9], &[0xbf, 0x7f, 0xff, 0xff, 0xff]] {
        check_refused("a length", [&SALT, head, &bytes[..]].concat(), "Input(");
    }
}

/// Ranges of another chain, version or batch, and forged ancestors.
#[test]
fn another_chain_or_parent() {
    let not_the_parents = "NotTheParents";
    check_lie("version", not_the_parents, |range| range.parent.version = 2);
    check_lie("chain id", not_the_parents, |range| range.parent.chain_id += 1);
    check_lie("config", not_the_parents, |range| range.config.block_gas_limit += 1);
    check_lie("both chain ids", not_the_parents, |range| {
        range.parent.chain_id += 1;
        range.config.chain_id += 1;
    });
    check_lie("a config that no chain has", "Config(", |range| {
        range.config.base_fee_denominator = 0;
        range.parent.config_hash = range.config.hash();
    });
    check_lie("base fee", not_the_parents, |range| {
        range.parent_header.base_fee_per_gas = Some(1);
    });
    check_lie("gas used", not_the_parents, |range| range.parent_header.gas_used += 1);
    check_lie("number", not_the_parents, |range| range.parent_header.number += 1);
    check_lie("root", not_the_parents, |range| range.parent_header.state_root = B256::ZERO);
    check_lie("ancestor", not_the_parents, |range| {
        range.parent_header.parent_hash = B256::repeat_byte(1);
    });
    check_lie("last block", not_the_parents, |range| {
        range.parent.last_block_hash = B256::repeat_byte(1);
    });
    check_lie("state", "RootMismatch", |range| {
        range.parent.new_state_root = B256::repeat_byte(1);
    });
}

/// What the output says of a lie in the parent that nothing contradicts: another parent.
#[test]
fn a_forged_parent_is_another_claim() {
    let honest = honest();
    let mut range = honest.range.clone();
    range.parent.number += 5;
    let outcome = run_bytes(range.salted(&SALT)).expect("a run that ends");
    assert_eq!(outcome.exit_code, 0);
    assert_eq!(outcome.output[..32], range.parent.hash()[..]);
    assert_ne!(outcome.output[..32], honest.claim[..32]);
    assert_ne!(outcome.output[32..], honest.claim[32..]);
}

#[test]
fn batches_that_do_not_follow() {
    let first = honest().first.clone();
    check_lie("none", "EmptyRange", |range| range.batches.clear());
    check_lie("the one before", "RootMismatch", |range| range.batches[0] = first.clone());
    check_lie("twice", "RootMismatch", |range| range.batches.push(range.batches[0].clone()));
    check_lie("in the wrong order", "RootMismatch", |range| range.batches.push(first));
    check_batch("without blocks", "BlockCount", |batch| batch.blocks.clear());
    check_batch("with too many", "BlockCount", |batch| {
        batch.blocks.resize(minster_os::batch::BATCH_BLOCKS_MAX + 1, batch.blocks[0].clone());
    });
}

#[test]
fn blocks_that_may_not_be() {
    let time = honest().range.parent_header.timestamp;
    check_batch("no time", "Timestamp", |batch| batch.blocks[0].timestamp = time);
    check_batch("in the past", "Timestamp", |batch| batch.blocks[0].timestamp = 0);
    check_batch("the last second", "Timestamp", |batch| batch.blocks[0].timestamp = u64::MAX);
    let deposit = TxDeposit { mint: 1 << 90, gas_limit: 50_000, ..TxDeposit::default() };
    let deposit = Envelope::Deposit(deposit.seal_slow()).encoded_2718();
    check_batch("money from nowhere", "Deposit", |batch| {
        batch.blocks[1].transactions.push(deposit.into());
    });
    check_batch("twice", "Invalid(NonceTooLow", |batch| {
        let sent = batch.blocks[0].transactions[0].clone();
        batch.blocks[1].transactions.push(sent);
    });
    check_batch("before its nonce", "Invalid(NonceTooHigh", |batch| {
        batch.blocks[0].transactions[0] = transfer(0, 9, other(2), 5);
    });
    check_batch("a sender not shown", "Missing", |batch| {
        batch.blocks[0].transactions[0] = transfer(3, 0, other(2), 5);
    });
    check_batch("a recipient not shown", "Missing", |batch| {
        batch.blocks[0].transactions[0] = transfer(0, 1, other(3), 5);
    });
    check_batch("an order of its own", "Invalid(", |batch| {
        batch.blocks[1].transactions.push(transfer(0, 3, other(2), 5));
        batch.blocks[1].transactions.push(transfer(0, 2, other(2), 5));
    });
}

/// A transfer with this signature, by whoever it may be.
fn forged(r: U256, s: U256, y_is_odd: bool) -> Bytes {
    let tx = TxEip1559 {
        chain_id: CHAIN_ID,
        nonce: 1,
        gas_limit: 21_000,
        max_fee_per_gas: FEE_MAX,
        max_priority_fee_per_gas: 1,
        to: TxKind::Call(other(2)),
        value: U256::from(5),
        ..TxEip1559::default()
    };
    Envelope::Eip1559(tx.into_signed(Signature::new(r, s, y_is_odd))).encoded_2718().into()
}

/// Signatures that no key makes, at every edge.
#[test]
fn nobodys_signatures() {
    let half = ORDER >> 1;
    let one = U256::from(1);
    let numbers = [
        (U256::ZERO, one),
        (one, U256::ZERO),
        (U256::ZERO, U256::ZERO),
        (ORDER, one),
        (ORDER + one, one),
        (one, ORDER),
        (one, half + one),
        (one, ORDER - one),
        (U256::MAX, one),
        (one, U256::MAX),
        // No point of the curve has this x.
        (U256::from(5), one),
    ];
    for (index, (r, s)) in numbers.into_iter().enumerate() {
        for y_is_odd in [false, true] {
            check_batch(&format!("numbers {index}"), "Transaction {", |batch| {
                batch.blocks[0].transactions[0] = forged(r, s, y_is_odd);
            });
        }
    }
    // These are somebody's, who has sent nothing before.
    for (r, s) in [(one, one), (one, half), (U256::from(2), one)] {
        check_batch("somebody's", "Block {", |batch| {
            batch.blocks[0].transactions[0] = forged(r, s, false);
        });
    }
    let signed = honest().range.batches[0].blocks[0].transactions[0].clone();
    for (name, at) in [("value", signed.len() - 70), ("signature", signed.len() - 1)] {
        let mut bytes = signed.to_vec();
        bytes[at] ^= 1;
        let mut range = honest().range.clone();
        range.batches[0].blocks[0].transactions[0] = bytes.into();
        let outcome = run_bytes(range.salted(&SALT)).expect("a run that ends");
        assert_ne!(outcome.exit_code, 0, "{name}");
        assert!(outcome.output.is_empty(), "{name}");
    }
}

/// Leaves, nodes and codes that are wrong, missing, too many or doubled.
#[test]
fn witnesses_that_lie() {
    let witness = honest().range.batches[0].witness.clone();
    let edited = |edit: Vec<u8>| move |batch: &mut BatchInput| batch.witness = edit.into();
    let bytes = witness.to_vec();
    check_batch("empty", "Witness(Truncated)", edited(Vec::new()));
    check_batch("an empty tree", "RootMismatch", edited(vec![0]));
    check_batch("more behind it", "TrailingBytes", edited([&bytes[..], &[0]].concat()));
    let root = honest().range.parent.new_state_root;
    let unrevealed = [&[1], root.as_slice()].concat();
    check_batch("the root alone", "Missing", edited(unrevealed));
    for at in (0..bytes.len()).step_by(bytes.len() / 12) {
        let mut altered = bytes.clone();
        altered[at] ^= 0x10;
        check_batch("altered", "Witness(", edited(altered));
        let missing = [&bytes[..at], &bytes[at + 1..]].concat();
        check_batch("a byte missing", "Witness(", edited(missing));
        let doubled = [&bytes[..at], &bytes[at / 2..at], &bytes[at..]].concat();
        if doubled != bytes {
            check_batch("doubled", "Witness(", edited(doubled));
        }
    }
    // A tower of nodes, deeper than any stem has bits.
    check_batch("a tower", "Witness(", edited(vec![2; 100_000]));

    let codes = &honest().range.batches[0].codes;
    assert!(!codes.is_empty());
    for index in 0..codes.len() {
        check_batch("a code missing", "CodeMissing", |batch| drop(batch.codes.remove(index)));
        check_batch("another code", "CodeMissing", |batch| {
            batch.codes[index] = [&batch.codes[index][..], &[0]].concat().into();
        });
        check_batch("a code twice", "Superfluous", |batch| {
            batch.codes.push(batch.codes[index].clone());
        });
    }
    check_batch("a code too many", "Superfluous", |batch| {
        batch.codes.push(Bytes::from_static(b"never run"));
    });
}

/// One leaf more than is read or written, of an account that the state has.
#[test]
fn a_witness_of_too_much() {
    let mut world = World::new(4, 40);
    let built = world.batch(vec![vec![transfer(0, 0, other(1), 1)]]);
    let more = world.batch(vec![vec![transfer(0, 0, other(1), 1), transfer(1, 0, other(2), 1)]]);
    let mut range = world.range(&built);
    assert_eq!(run_bytes(range.salted(&SALT)).map(|outcome| outcome.exit_code), Ok(0));
    range.batches[0].witness = more.input.witness;
    check_refused("two more accounts", range.salted(&SALT), "Superfluous");
}

/// Hashes of blobs: too few, too many, and another, which is another commitment.
#[test]
fn openings_that_lie() {
    check_batch("no hash", "WrongCount", |batch| batch.versioned_hashes.clear());
    check_batch("two hashes", "WrongCount", |batch| {
        batch.versioned_hashes.push(batch.versioned_hashes[0]);
    });
    check_batch("seven hashes", "WrongCount", |batch| {
        batch.versioned_hashes = vec![B256::ZERO; 7];
    });
    let honest = honest();
    let lies: [fn(&mut BatchInput); 2] = [
        |batch| batch.versioned_hashes[0] = B256::ZERO,
        |batch| batch.fee_recipient = Address::repeat_byte(1),
    ];
    for lie in lies {
        let mut range = honest.range.clone();
        lie(&mut range.batches[0]);
        let outcome = run_bytes(range.salted(&SALT)).expect("a run that ends");
        assert_eq!(outcome.exit_code, 0);
        assert_eq!(outcome.output[..32], honest.claim[..32]);
        assert_ne!(outcome.output[32..], honest.claim[32..]);
    }
}

/// Answers to the requests of the honest run, in order.
fn honest_answers() -> Vec<Vec<u8>> {
    let answers = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&answers);
    let handler = move |request: &[u8]| {
        let frame = answer(request);
        kept.lock().unwrap().push(frame.clone());
        frame
    };
    let input = honest().range.salted(&SALT);
    let io = Io { input, hint_handler: Some(Box::new(handler)), ..Io::default() };
    run(guest(), io, CYCLES_MAX_DEFAULT).expect("the honest run");
    std::mem::take(&mut *answers.lock().unwrap())
}

/// Advice that lies: no claim, or the honest one where advice is not needed to be right.
#[test]
fn advice_that_lies() {
    let honest_frames = honest_answers();
    assert!(honest_frames.len() >= 3, "one for each signature");
    let frame = honest_frames[1].clone();
    let body = frame[4..].to_vec();
    let mut lies = vec![
        Vec::new(),
        frame[..frame.len() - 4].to_vec(),
        [&frame[..], &frame[..]].concat(),
        u32::MAX.to_le_bytes().to_vec(),
        [&u32::MAX.to_le_bytes()[..], &body].concat(),
        frame_hint(&[]),
        frame_hint(&vec![0; body.len()]),
        frame_hint(&vec![0xff; body.len()]),
        frame_hint(&[&body[..], &body[..]].concat()),
        frame_hint(&body[..body.len() - 1]),
        honest_frames[0].clone(),
    ];
    for at in 0..body.len() {
        let mut lie = frame.clone();
        lie[4 + at] ^= 1 << (at % 8);
        lies.push(lie);
    }
    let (mut refused, count) = (0, lies.len());
    for lie in lies {
        let mut lie = Some(lie);
        let mut requests = 0;
        let handler = move |request: &[u8]| {
            requests += 1;
            // Only the second answer is a lie.
            if requests == 2 { lie.take().unwrap_or_default() } else { answer(request) }
        };
        let input = honest().range.salted(&SALT);
        let io = Io { input, hint_handler: Some(Box::new(handler)), ..Io::default() };
        match run(guest(), io, CYCLES_MAX_DEFAULT) {
            Ok(Outcome { exit_code: 0, output, .. }) => assert_eq!(output, honest().claim),
            Ok(Outcome { output, .. }) => {
                assert!(output.is_empty());
                refused += 1;
            }
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 0, "of {count} lies none was noticed");
}
