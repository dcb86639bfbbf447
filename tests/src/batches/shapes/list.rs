//! The list of shapes as a source of the machine.

use std::fmt::Write as _;

use minster_machine::shape::{PrecompileRoom, Shape};

/// The list's file.
pub const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../zkvm/machine/src/shape/batches.rs");

/// Its text, as it is before it is formatted.
#[must_use]
pub fn source(shapes: &[Shape]) -> String {
    let mut text = format!(
        "//! Shapes for batches of common transactions: the work of `cargo xtask bench shapes`.\n\n\
         use super::{{Shape, room, shape}};\n\n\
         /// Those that are found beside the general ones, cheapest first.\n\
         pub const BATCHES: [Shape; {}] = [\n",
        shapes.len()
    );
    for (number, shape) in (1..).zip(shapes) {
        let Shape { steps, transfer, refresh, leaf, node, compression, precompiles, .. } = shape;
        let room = precompiles.map_or_else(
            || "None".to_owned(),
            |PrecompileRoom { call, block, units }| format!("room({call}, {block}, {units:?})"),
        );
        let memory = [transfer, refresh, leaf, node, compression];
        let _ = writeln!(text, "    shape(\"batch-{number}\", {steps:?}, {memory:?}, {room}),");
    }
    text.push_str("];\n");
    text
}
