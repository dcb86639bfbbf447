use minster_emulator::{CLASSES, Counts};
use minster_machine::shape::BATCHES;
use minster_precompiles::UNITS;
use proptest::prelude::*;

use minster_verifier::VerifyingKey;

use super::super::triangle::guest;
use super::{FILE, Prices, joined, source, tight};

/// The text without what formatting adds and takes.
fn tokens(text: &str) -> String {
    text.replace(char::is_whitespace, "").replace(",)", ")").replace(",]", "]")
}

#[test]
fn the_machines_list_is_as_the_search_writes_it() {
    let file = std::fs::read_to_string(FILE).expect(FILE);
    assert_eq!(tokens(&file), tokens(&source(&BATCHES)));
}

/// Each set of tables that shapes open is one more that the key has to hold.
#[test]
fn the_machines_list_is_cheapest_first_and_opens_the_same_tables() {
    let prices = Prices::new(&VerifyingKey::new(guest()).expect("the guest's key"));
    let cells = BATCHES.each_ref().map(|shape| prices.cells(shape));
    assert!(cells.is_sorted(), "{cells:?}");
    let open = BATCHES.each_ref().map(|shape| shape.log_heights(0).map(|height| height.is_some()));
    assert!(open.iter().all(|tables| *tables == open[0]), "{open:?}");
}

prop_compose! {
    fn some_counts()(
        steps in proptest::array::uniform12(0_u32..1 << 19),
        units in proptest::array::uniform5(0_u32..3_000),
        (io, refreshes, blocks) in (0_u32..5_000, 0_u32..50_000, 0_u32..20_000),
        (leaves, nodes) in (1_u32..9_000, 1_u32..9_000),
    ) -> Counts {
        const { assert!(CLASSES == 12 && UNITS == 5) };
        Counts { steps, io, refreshes, units, blocks, leaves, nodes, commit_words: 0, clock: 1 }
    }
}

proptest! {
    #[test]
    fn shapes_have_room_for_what_they_are_made_for(a in some_counts(), b in some_counts()) {
        prop_assert!(a.fits(&tight(&a).limits()));
        let both = joined(&tight(&a), &tight(&b)).limits();
        prop_assert!(a.fits(&both) && b.fits(&both));
    }

    /// Half the heights of a table have no room for what fills more than half of it.
    #[test]
    fn no_table_could_be_lower(counts in some_counts()) {
        let shape = tight(&counts);
        for (height, count) in shape.steps.iter().zip(counts.steps) {
            prop_assert!(*height == super::LOG_HEIGHT_MIN || count > 1 << (height - 1));
        }
    }
}
