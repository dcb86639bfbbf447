use revm::{precompile::PrecompileSpecId, precompile::Precompiles, primitives::hardfork::SpecId};

use super::*;

#[test]
fn the_precompiles_are_those_that_the_machine_has() {
    let machine = Precompiles::new(PrecompileSpecId::from_spec_id(SpecId::OSAKA));
    assert_eq!(machine.len(), PRECOMPILES.len());
    for (name, address) in PRECOMPILES {
        assert!(machine.contains(&address), "{name}");
    }
}
