//! Prints what the code of the batch guest consists of. For `cargo xtask guests --sizes`.
#![expect(clippy::print_stdout, reason = "the answer of a program")]

use minster_tests::batches::sizes::parts;

fn main() {
    println!("| part of the batch guest's code | KiB |\n| --- | ---: |");
    let mut total = 0_usize;
    for (part, size) in parts() {
        println!("| {part} | {} |", size.div_ceil(1 << 10));
        total += size;
    }
    println!("| all | {} |", total.div_ceil(1 << 10));
}
