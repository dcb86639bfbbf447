use alloy_primitives::Bytes;
use alloy_rpc_types_trace::geth::{CallFrame, CallLogFrame, DefaultFrame};

use super::*;

#[test]
fn steps_fail_in_geths_words() {
    let step = |error: Option<&str>, data: &'static [u8]| StructLog {
        error: error.map(str::to_owned),
        return_data: Some(Bytes::from_static(data)),
        ..StructLog::default()
    };
    let steps = [
        step(Some("Some(OutOfGas)"), &[]),
        step(Some("Some(InvalidJump)"), &[1]),
        step(Some("StackUnderflow"), &[]),
        step(None, &[2]),
    ];
    let mut trace =
        GethTrace::Default(DefaultFrame { struct_logs: steps.to_vec(), ..Default::default() });
    reword(&mut trace);
    let GethTrace::Default(frame) = trace else { unreachable!() };
    let errors: Vec<_> = frame.struct_logs.iter().map(|step| step.error.as_deref()).collect();
    let expected =
        [Some("out of gas"), Some("invalid jump destination"), Some("stack underflow"), None];
    assert_eq!(errors, expected);
    let returned: Vec<_> = frame
        .struct_logs
        .iter()
        .map(|step| step.return_data.as_ref().map(|data| data.len()))
        .collect();
    assert_eq!(returned, [None, Some(1), None, Some(1)]);
}

#[test]
fn a_call_that_failed_has_logged_nothing() {
    for (error, count) in [(None, 1), (Some("execution reverted".to_owned()), 0)] {
        let logs = vec![CallLogFrame::default()];
        let mut trace = GethTrace::CallTracer(CallFrame { error, logs, ..Default::default() });
        reword(&mut trace);
        let GethTrace::CallTracer(frame) = trace else { unreachable!() };
        assert_eq!(frame.logs.len(), count);
    }
}
