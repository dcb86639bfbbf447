use alloy_rpc_types_trace::{
    geth::{GethDebugBuiltInTracerType as BuiltIn, GethDebugTracerType, NoopFrame},
    parity::{
        CallAction, CallOutput, CreateAction, CreateOutput, SelfdestructAction, TransactionTrace,
    },
};

use super::*;

const FROM: Address = Address::repeat_byte(0x11);
const TO: Address = Address::repeat_byte(0x22);

fn call(action: Action, error: Option<&str>, result: Option<TraceOutput>) -> GethTrace {
    let trace = TransactionTrace {
        action,
        error: error.map(str::to_owned),
        result,
        subtraces: 1,
        trace_address: vec![0, 2],
    };
    let call = LocalizedTransactionTrace {
        trace,
        block_hash: None,
        block_number: Some(7),
        transaction_hash: None,
        transaction_position: None,
    };
    GethTrace::FlatCallTracer(vec![call])
}

fn written(trace: GethTrace, hides_code: bool) -> String {
    serde_json::to_string(&TraceJson { trace, hides_code }).unwrap()
}

/// The text with short names for the addresses, and without what all calls here end with.
fn text(trace: GethTrace) -> String {
    const END: &str = concat!(
        r#""subtraces":1,"traceAddress":[0,2],"#,
        r#""transactionHash":null,"transactionPosition":0,"#,
    );
    let text = written(trace, false);
    assert!(text.contains(END), "{text}");
    text.replace(END, "").replace(&FROM.to_string(), "FROM").replace(&TO.to_string(), "TO")
}

fn creation() -> Action {
    Action::Create(CreateAction {
        from: FROM,
        gas: 9,
        init: Bytes::from_static(&[1]),
        value: U256::ZERO,
        creation_method: CreationMethod::Create2,
    })
}

#[test]
fn a_call_has_the_members_that_geth_gives_it() {
    let action = || {
        Action::Call(CallAction {
            from: FROM,
            call_type: CallType::DelegateCall,
            gas: 16,
            input: Bytes::new(),
            to: TO,
            value: U256::from(3),
        })
    };
    let output = TraceOutput::Call(CallOutput { gas_used: 5, output: Bytes::new() });
    let called = concat!(
        r#"[{"action":{"callType":"delegatecall","from":"FROM","gas":"0x10","input":"0x","#,
        r#""to":"TO","value":"0x3"},"blockHash":null,"blockNumber":0,"#,
    );
    let given = r#""result":{"gasUsed":"0x5","output":"0x"},"type":"call"}]"#;
    let done = call(action(), None, Some(output.clone()));
    assert_eq!(text(done), format!("{called}{given}"));
    let reverted = call(action(), Some("execution reverted"), Some(output));
    assert_eq!(text(reverted), format!(r#"{called}"error":"execution reverted",{given}"#));
    let failed = call(action(), Some("out of gas"), None);
    assert_eq!(text(failed), format!(r#"{called}"error":"out of gas","type":"call"}}]"#));
}

#[test]
fn a_creation_has_an_address_unless_it_failed() {
    let begun = concat!(
        r#"[{"action":{"creationMethod":"create2","from":"FROM","gas":"0x9","init":"0x01","#,
        r#""value":"0x0"},"blockHash":null,"blockNumber":0,"#,
    );
    let code = Bytes::from_static(&[2]);
    let output = TraceOutput::Create(CreateOutput { address: TO, code: code.clone(), gas_used: 5 });
    let given = r#""result":{"address":"TO","code":"0x02","gasUsed":"0x5"},"type":"create"}]"#;
    assert_eq!(text(call(creation(), None, Some(output))), format!("{begun}{given}"));
    let output = TraceOutput::Call(CallOutput { gas_used: 5, output: code });
    let given = r#""result":{"code":"0x02","gasUsed":"0x5"},"type":"create"}]"#;
    let reverted = call(creation(), Some("execution reverted"), Some(output));
    assert_eq!(text(reverted), format!(r#"{begun}"error":"execution reverted",{given}"#));
}

#[test]
fn an_end_has_no_result() {
    let end = SelfdestructAction { address: FROM, balance: U256::from(1), refund_address: TO };
    let expected = concat!(
        r#"[{"action":{"address":"FROM","balance":"0x1","refundAddress":"TO"},"#,
        r#""blockHash":null,"blockNumber":0,"type":"suicide"}]"#,
    );
    assert_eq!(text(call(Action::Selfdestruct(end), None, None)), expected);
}

#[test]
fn one_of_many_is_written_as_it_is_alone() {
    let tracer = |name| GethDebugTracerType::BuiltInTracer(name);
    let alone = text(call(creation(), Some("out of gas"), None));
    let many = MuxFrame(FromIterator::from_iter([(
        tracer(BuiltIn::FlatCallTracer),
        call(creation(), Some("out of gas"), None),
    )]));
    let many = text(GethTrace::MuxTracer(many));
    assert_eq!(many, format!(r#"{{"flatCallTracer":{alone}}}"#));
    let other = GethTrace::NoopTracer(NoopFrame::default());
    assert_eq!(written(other, false), "{}");
}

#[test]
fn accounts_have_the_hash_of_their_code() {
    let code = Bytes::from_static(&[0x5f]);
    let hash = keccak256(&code);
    let account = AccountState {
        balance: Some(U256::from(1)),
        code: Some(code),
        nonce: Some(2),
        storage: BTreeMap::from([(B256::ZERO, B256::with_last_byte(3))]),
    };
    let accounts = || BTreeMap::from([(TO, account.clone()), (FROM, AccountState::default())]);
    let end = format!(
        r#""codeHash":"{hash}","nonce":2,"storage":{{"{}":"{}"}}}}}}"#,
        B256::ZERO,
        B256::with_last_byte(3)
    );
    let begin = |code| format!(r#"{{"{FROM:?}":{{}},"{TO:?}":{{"balance":"0x1",{code}{end}"#);
    let (shown, hidden) = (begin(r#""code":"0x5f","#), begin(""));
    let frame = || GethTrace::PreStateTracer(PreStateFrame::Default(PreStateMode(accounts())));
    assert_eq!(written(frame(), false), shown);
    assert_eq!(written(frame(), true), hidden);
    let diff = DiffMode { post: accounts(), pre: accounts() };
    let diff = GethTrace::PreStateTracer(PreStateFrame::Diff(diff));
    assert_eq!(written(diff, true), format!(r#"{{"post":{hidden},"pre":{hidden}}}"#));
}
