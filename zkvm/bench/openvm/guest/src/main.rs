//! `mixed` of Minster's examples between OpenVM's input and public output.
#![cfg_attr(target_os = "zkvm", no_std, no_main)]

use minster_examples::mixed;

fn main() {
    let digest = mixed::run(&openvm::io::read_vec());
    openvm::io::reveal_bytes32(digest.try_into().expect("a digest has 32 bytes"));
}

openvm::entry!(main);
