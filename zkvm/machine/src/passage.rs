//! What a segment does to the state of a run, without its tables: for who proves other segments.

use minster_emulator::{IoKind, SegmentRecord};

use crate::public::PublicValues;
use crate::trace::{RunState, public};

/// Moves the run's state on as [`segment_traces`](crate::trace::segment_traces) does, and gives
/// the public values that the segment's proof has.
pub fn pass_segment(record: &SegmentRecord, state: &mut RunState) -> PublicValues {
    let output_before = state.output.digest();
    for step in record.io.iter().filter(|step| step.kind == IoKind::Commit) {
        state.output.absorb(step.value, step.remaining.min(4));
    }
    let update = state.memory.update(&record.leaves);
    public(record, &update, [output_before, state.output.digest()])
}
