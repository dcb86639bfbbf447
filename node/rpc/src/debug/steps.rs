//! The option `limit` of a trace of steps: so many bytes of what is written of them, as in geth.

use alloy_rpc_types_trace::geth::GethTrace;

use crate::methods::Answer;

/// No step is written shorter.
const SHORTEST: &str = r#"{"pc":0,"op":"OR","gas":0,"gasCost":0,"depth":1}"#;

/// How many steps there is room for at most: so many are recorded, because their lengths are known
/// only when they are written.
pub(super) const fn steps_max(bytes_max: u64) -> u64 {
    bytes_max / SHORTEST.len() as u64 + 1
}

/// Leaves out what comes after the step that passes the limit, which is shown itself.
pub(super) fn cut(trace: &mut GethTrace, bytes_max: u64) -> Answer<()> {
    let GethTrace::Default(frame) = trace else { return Ok(()) };
    let (mut bytes, mut count) = (0, 0);
    for step in &frame.struct_logs {
        if bytes > bytes_max {
            break;
        }
        bytes += serde_json::to_string(step)?.len() as u64;
        count += 1;
    }
    frame.struct_logs.truncate(count);
    Ok(())
}
