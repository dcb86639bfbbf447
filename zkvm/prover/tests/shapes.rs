//! The shapes that segments choose from.

use minster_machine::shape::SHAPES;

/// No two have the same tables at the same heights: one would be there for nothing, and a segment
/// of one would pass for a segment of the other.
#[test]
fn no_two_are_alike() {
    for (index, shape) in SHAPES.iter().enumerate() {
        for other in &SHAPES[index + 1..] {
            assert_ne!(shape.log_heights(10), other.log_heights(10), "{}", shape.name);
            assert_ne!(shape.name, other.name);
        }
    }
}
