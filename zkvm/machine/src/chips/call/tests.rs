use minster_emulator::{self as emulator, AGE_MAX, Access};
use minster_precompiles::{ADDRESS_END, Function};
use p3_field::{PrimeCharacteristicRing, PrimeField32};

use super::{Call, CallRow};
use crate::F;
use crate::access::{Word, word};
use crate::buses::CALL;
use crate::checker::{SAMPLE_PC, flatten, free_columns, report};
use crate::lookups::LookupCounts;

const CLOCK: u32 = 70_000;
const HIGHEST: u32 = ADDRESS_END - 4;

fn record(function: Function, addresses: [u32; 4]) -> emulator::Call {
    let used = function.operands().len();
    let seen = |value, stamp| Access { value, stamp };
    let mut index = 0;
    let addresses = addresses.map(|value| {
        index += 1;
        if index <= used { seen(value, 4 * CLOCK - 55_555 + index as u32) } else { seen(0, 0) }
    });
    // As long ago as an access can show.
    let number = seen(function.number(), 4 * CLOCK - AGE_MAX);
    emulator::Call { pc: SAMPLE_PC, clock: CLOCK, function, number, addresses }
}

fn row(function: Function, addresses: [u32; 4]) -> CallRow<F> {
    Call::fill(&record(function, addresses), &mut LookupCounts::default())
}

fn honest() -> Vec<CallRow<F>> {
    let addresses = [
        [0, 4, HIGHEST, 0x1_0000],
        [HIGHEST, HIGHEST, HIGHEST, HIGHEST],
        [0xfffc, 0x1_0000, 0x7654_3210, 0],
        [0x20_0000; 4],
    ];
    let rows = Function::ALL
        .into_iter()
        .flat_map(|function| addresses.into_iter().map(move |addresses| row(function, addresses)));
    rows.collect()
}

#[test]
fn honest_rows_hold() {
    for row in honest() {
        let report = report::<Call>(&flatten(row));
        assert_eq!(report.violations, Vec::<&str>::new(), "{row:?}");
        assert!(report.unanswered().is_empty(), "{row:?}");
    }
    let padding = report::<Call>(&flatten(CallRow::<F>::default()));
    assert!(padding.messages.is_empty() && padding.violations.is_empty());
}

#[test]
fn lookups_are_counted_as_they_are_sent() {
    for function in Function::ALL {
        let mut counts = LookupCounts::default();
        let row = Call::fill(&record(function, [0x100, HIGHEST, 0x55_5554, 4]), &mut counts);
        assert_eq!(report::<Call>(&flatten(row)).lookups(), counts, "{function:?}");
    }
}

#[test]
fn a_call_says_number_operands_time_and_cells() {
    let sent = |row| {
        let report = report::<Call>(&flatten(row));
        let call = report.messages.iter().find(|message| message.bus == CALL).unwrap().clone();
        assert_eq!(call.count, F::ONE);
        call.tuple
    };
    let addresses = [0x100, HIGHEST, 0x1_0004, 0x7000_0000];
    let cells = addresses.map(|address| address / 4);
    for function in Function::ALL {
        let operands = function.operands().len();
        let mut expected = vec![function.number(), operands as u32, CLOCK];
        expected.extend(&cells[..operands]);
        expected.resize(7, 0);
        assert_eq!(sent(row(function, addresses)), expected);
    }
}

#[test]
fn no_change_escapes() {
    let mut rows: Vec<Vec<F>> = honest().into_iter().map(flatten).collect();
    rows.push(flatten(CallRow::default()));
    let free = ["a1_age", "a2_age", "a3_age"].map(|age| format!("{age}.previous"));
    assert_eq!(free_columns::<Call>(&rows), free);
    // Only where the function has no such operand.
    let full = [flatten(row(Function::ModMul, [0x100, 0x200, 0x300, 0x400]))];
    assert_eq!(free_columns::<Call>(&full.map(Vec::from)), Vec::<String>::new());
}

#[test]
fn each_constraint_catches_its_forgery() {
    let one = F::ONE;
    let keccak = || row(Function::KeccakF, [0x100, 0, 0, 0]);
    let full = || row(Function::ModMul, [0x100, 0x200, 0x300, 0x400]);
    let more = |flags: [u32; 3]| flags.map(F::from_u32);
    let forgeries = [
        ("CALL-1", CallRow { real: F::TWO, ..full() }),
        ("CALL-2", CallRow { more: [F::TWO, F::NEG_ONE, F::ZERO], ..full() }),
        ("CALL-3", CallRow { more: more([1, 0, 0]), ..CallRow::default() }),
        ("CALL-4", CallRow { more: more([0, 1, 0]), ..keccak() }),
        ("CALL-5", CallRow { more: more([1, 0, 1]), ..full() }),
        ("CALL-6", CallRow { a2: word(4), ..keccak() }),
        ("CALL-7", CallRow { a3: Word { low: F::ZERO, high: one }, ..keccak() }),
    ];
    for (id, forged) in forgeries {
        let violations = report::<Call>(&flatten(forged)).violations;
        assert!(violations.contains(&id), "{id}: {violations:?}");
    }
}

/// Addresses that the emulator traps on have no row, whatever the limbs' decomposition.
#[test]
fn addresses_are_aligned_and_low() {
    let unanswered = |address: Word<F>| {
        let forged = CallRow { a0: address, ..row(Function::KeccakF, [0x100, 0, 0, 0]) };
        !report::<Call>(&flatten(forged)).unanswered().is_empty()
    };
    for address in [1, 2, 3, 0xffff, ADDRESS_END, ADDRESS_END + 4, 0x8000_0000, 0xffff_fffc] {
        assert!(unanswered(word(address)), "{address:#x}");
    }
    // The negative of an address.
    assert!(unanswered(Word { low: F::from_u32(F::ORDER_U32 - 4), high: F::ZERO }));
    assert!(!unanswered(word(HIGHEST)));
}
