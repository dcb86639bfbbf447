//! See the module of the same name.
#![cfg_attr(target_os = "none", no_std, no_main)]

fn main() {
    minster_guest::commit(&minster_examples::keccak_precompile::run(&minster_guest::input()));
}

minster_guest::entry!(main);
