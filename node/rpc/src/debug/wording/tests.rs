use alloy_primitives::Bytes;
use alloy_rpc_types_trace::geth::{CallLogFrame, StructLog};

use super::*;

fn fault(frame: usize, instruction: Option<Instruction>, words: &str) -> Fault {
    Fault { frame, visible: Some(frame), instruction, words: words.to_owned() }
}

fn reworded(mut trace: GethTrace, faults: &[Fault]) -> GethTrace {
    Wording::new(faults, FlatCallConfig::default()).reword(&mut trace);
    trace
}

#[test]
fn steps_fail_where_geths_do() {
    let step = |error: Option<&str>, op: &'static str, data: &'static [u8]| StructLog {
        error: error.map(str::to_owned),
        op: op.into(),
        return_data: Some(Bytes::from_static(data)),
        memory: Some(data.iter().map(|byte| byte.to_string()).collect()),
        refund_counter: Some(data.len() as u64),
        stack: Some(Vec::new()),
        ..StructLog::default()
    };
    let struct_logs = vec![
        step(Some("Some(StackUnderflow)"), "ADD", &[]),
        step(None, "PUSH0", &[2]),
        step(Some("Some(OpcodeNotFound)"), "Unknown", &[1]),
    ];
    let at = |opcode, is_refused| Some(Instruction { opcode, is_refused });
    let faults = [
        fault(2, at(0x01, true), "stack underflow (0 <=> 2)"),
        fault(1, None, "contract creation code storage out of gas"),
        fault(0, at(0x0c, false), "invalid opcode: opcode 0xc not defined"),
    ];
    let trace = GethTrace::Default(DefaultFrame { struct_logs, ..Default::default() });
    let GethTrace::Default(frame) = reworded(trace, &faults) else { unreachable!() };
    let found: Vec<_> = frame
        .struct_logs
        .iter()
        .map(|step| {
            assert_eq!(step.stack, Some(Vec::new()));
            let data = step.return_data.as_ref().map(|data| data.len());
            assert_eq!(step.memory.as_ref().map(Vec::len), data);
            assert_eq!(step.refund_counter, data.map(|length| length as u64));
            (step.op.as_ref(), step.error.as_deref(), data)
        })
        .collect();
    let expected = [
        ("ADD", Some("stack underflow (0 <=> 2)"), None),
        ("PUSH0", None, Some(1)),
        ("opcode 0xc not defined", None, Some(1)),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_call_that_failed_has_logged_nothing() {
    for (error, count) in [(None, 1), (Some("execution reverted".to_owned()), 0)] {
        let logs = vec![CallLogFrame::default()];
        let trace = GethTrace::CallTracer(CallFrame { error, logs, ..Default::default() });
        let GethTrace::CallTracer(frame) = reworded(trace, &[]) else { unreachable!() };
        assert_eq!(frame.logs.len(), count);
    }
}

#[test]
fn parity_has_words_for_what_geth_maps() {
    for (words, expected) in [
        ("out of gas: gas uint64 overflow", "Out of gas"),
        ("gas uint64 overflow", "Out of gas"),
        ("invalid opcode: INVALID", "Bad instruction"),
        ("stack underflow (0 <=> 2)", "Stack underflow"),
        ("stack limit reached 1024 (1023)", "Out of stack"),
        ("execution reverted", "Reverted"),
        ("write protection", "write protection"),
    ] {
        assert_eq!(parity(words), expected);
    }
}
