use proptest::prelude::*;

use super::*;

proptest! {
    /// Also where addresses differ late.
    #[test]
    fn words_are_in_the_order_of_addresses(bytes: [u8; 20], at in 0..20_usize, other: u8) {
        let mut changed = bytes;
        changed[at] = other;
        let (a, b) = (Address::from(bytes), Address::from(changed));
        let words = [a, b].map(AddressWords::from);
        prop_assert_eq!(words[0].cmp(&words[1]), a.cmp(&b));
        prop_assert_eq!(words.map(Address::from), [a, b]);
    }
}
