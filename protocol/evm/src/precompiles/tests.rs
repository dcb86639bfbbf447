use revm::precompile::Precompiles;

use super::*;

#[test]
fn the_set_is_osakas() {
    let osaka = Precompiles::osaka();
    assert_eq!(MachinePrecompiles::new().addresses, osaka.addresses_set());
    let inputs = [0_usize, 31, 64, 128, 213, 256, 384].map(|size| vec![0_u8; size]);
    for number in 0..=u16::MAX {
        let mut address = Address::ZERO;
        address[18..].copy_from_slice(&number.to_be_bytes());
        assert_eq!(short_number(address), Some(number));
        let (ours, theirs) = (precompile(number), osaka.get(&address));
        let (Some(ours), Some(theirs)) = (&ours, theirs) else {
            assert!(ours.is_none() && theirs.is_none(), "{number:#x}");
            continue;
        };
        assert_eq!((ours.id(), ours.address()), (theirs.id(), theirs.address()));
        // Forks share names, and differ in gas.
        for input in &inputs {
            let run = |precompile: &Precompile| precompile.execute(input, 1_000_000, 0);
            assert_eq!(run(ours), run(theirs), "{number:#x}, {} bytes", input.len());
        }
    }
}

#[test]
fn other_addresses_have_no_number() {
    for place in 0..18 {
        let mut address = Address::with_last_byte(1);
        address[place] = 1;
        assert_eq!(short_number(address), None);
    }
}
