use super::{CODE_BYTES_MAX, part, parts};

#[test]
fn a_function_is_of_the_crate_of_its_type() {
    assert_eq!(part("<&mut revm_handler::frame::EthFrame as core::fmt::Debug>::fmt"), "the EVM");
    assert_eq!(part("minster_os::batch::execute_range"), "OS, state tree, batches");
    assert_eq!(part("minster_guest::start::start"), "the guest's side of the zkVM");
    assert_eq!(part("core::fmt::write"), "the standard library");
    assert!(part("memcpy").starts_with("small crates"));
}

/// Every segment of a proof pays for each line of the program.
#[test]
fn the_batch_guest_is_not_too_large() {
    let size: usize = parts().iter().map(|(_, size)| size).sum();
    assert!(size <= CODE_BYTES_MAX, "{size} bytes");
}
