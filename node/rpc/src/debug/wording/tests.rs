use alloy_primitives::{Address, Bytes, U256};
use alloy_rpc_types_trace::{
    geth::{CallLogFrame, StructLog},
    parity::{CallAction, TransactionTrace},
};

use super::*;

fn fault(frame: usize, instruction: Option<Instruction>, words: &str) -> Fault {
    Fault { frame, instruction, words: words.to_owned() }
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

fn flat(to: u8, call_type: CallType, trace_address: &[usize]) -> LocalizedTransactionTrace {
    let action = CallAction {
        to: Address::with_last_byte(to),
        call_type,
        value: U256::from(1),
        ..Default::default()
    };
    let trace_address = trace_address.to_vec();
    // Whatever was counted counts anew.
    let action = Action::Call(action);
    let trace = TransactionTrace { action, trace_address, subtraces: 9, ..Default::default() };
    LocalizedTransactionTrace {
        trace,
        block_hash: None,
        block_number: None,
        transaction_hash: None,
        transaction_position: None,
    }
}

/// As geth: called precompiles and what is within them, whatever is sent to them, but for the
/// outermost call; not those whose code is borrowed.
#[test]
fn calls_of_precompiles_leave_no_gaps() {
    let other = 0xaa;
    let calls = vec![
        flat(4, CallType::Call, &[]),
        flat(4, CallType::Call, &[0]),
        flat(other, CallType::Call, &[0, 0]),
        flat(other, CallType::Call, &[1]),
        flat(2, CallType::StaticCall, &[1, 0]),
        flat(2, CallType::DelegateCall, &[1, 1]),
        flat(1, CallType::StaticCall, &[2]),
        flat(other, CallType::Call, &[3]),
    ];
    let kept = without_precompiles(calls);
    let kept: Vec<_> = kept
        .iter()
        .map(|call| {
            let Action::Call(action) = &call.trace.action else { unreachable!() };
            (action.to.0[19], call.trace.trace_address.as_slice(), call.trace.subtraces)
        })
        .collect();
    let expected: [(u8, &[usize], usize); 4] =
        [(4, &[], 2), (other, &[0], 1), (2, &[0, 0], 0), (other, &[1], 0)];
    assert_eq!(kept, expected);
}
