//! minster
fn main() {}
