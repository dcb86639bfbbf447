//! Traces as geth words them, where the library that makes them does not.

use alloy_rpc_types_trace::geth::{GethTrace, StructLog};

use crate::halt;

/// Puts it right.
pub(super) fn reword(trace: &mut GethTrace) {
    match trace {
        GethTrace::Default(frame) => frame.struct_logs.iter_mut().for_each(reword_step),
        // What failed has logged nothing; for inner calls that is known.
        GethTrace::CallTracer(frame) if frame.error.is_some() => frame.logs.clear(),
        _ => {}
    }
}

fn reword_step(step: &mut StructLog) {
    if let Some(error) = step.error.take() {
        // The library prints an optional result.
        let reason = error.strip_prefix("Some(").and_then(|error| error.strip_suffix(')'));
        step.error = Some(halt::message(reason.unwrap_or(&error), None));
    }
    step.return_data = step.return_data.take().filter(|data| !data.is_empty());
}

#[cfg(test)]
mod tests;
