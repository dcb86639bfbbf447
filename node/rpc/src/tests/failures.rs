//! Frames that fail, as every tracer words them: geth's words, and Parity's where they are asked
//! for.

use alloy_primitives::{Address, Bytes, hex};
use serde_json::{Value, json};

use super::harness::{NOBODY, Node};

/// What fails.
const FAILING: Address = Address::repeat_byte(0x41);
/// What ends itself.
const ENDING: Address = Address::repeat_byte(0x42);

/// Calls a precompile that does its work and one that fails, a contract that ends itself, and then
/// what fails, by this instruction and with this much gas.
fn calling(opcode: u8, gas: u16) -> Bytes {
    let call = |address: Address, opcode: u8, gas: u16| {
        // Of `CALL` it is the value that comes before what others end with.
        let mut code = hex!("5f5f5f5f").to_vec();
        code.extend(if opcode == 0xf1 { &[0x5f][..] } else { &[] });
        code.push(0x73);
        code.extend(address);
        code.push(0x61);
        code.extend(gas.to_be_bytes());
        code.extend([opcode, 0x50]);
        code
    };
    let (identity, blake) = (Address::with_last_byte(4), Address::with_last_byte(9));
    let mut code = call(identity, 0xfa, 0xff);
    code.extend(call(blake, 0xf1, 0xff));
    code.extend(call(ENDING, 0xf1, 0xffff));
    code.extend(call(FAILING, opcode, gas));
    code.into()
}

/// A failure: the code, what calls it, geth's words, Parity's, and whether a step has failed.
struct Case {
    code: Vec<u8>,
    opcode: u8,
    gas: u16,
    words: &'static str,
    parity: &'static str,
    fails_step: bool,
}

fn case(code: &[u8], words: &'static str, parity: &'static str, fails_step: bool) -> Case {
    Case { code: code.to_vec(), opcode: 0xf1, gas: 0xffff, words, parity, fails_step }
}

fn cases() -> Vec<Case> {
    let wide = [&[0x7f][..], &[0xff; 32], &[0x51]].concat();
    let protected = "out of gas: write protection";
    vec![
        case(&[0x01], "stack underflow (0 <=> 2)", "Stack underflow", true),
        case(&[0x5f; 1_025], "stack limit reached 1024 (1023)", "Out of stack", true),
        case(&hex!("5b5f56"), "out of gas", "Out of gas", true),
        case(&[0x0c], "invalid opcode: opcode 0xc not defined", "Bad instruction", false),
        case(&[0xfe], "invalid opcode: INVALID", "Bad instruction", false),
        case(&hex!("600156"), "invalid jump destination", "Bad jump destination", false),
        case(&hex!("60015f5f3e"), "return data out of bounds", "Out of bounds", false),
        case(&hex!("5f5ffd"), "execution reverted", "Reverted", false),
        // Further than 64 bits, and further than there is a price for.
        case(&wide, "gas uint64 overflow", "Out of gas", true),
        case(&hex!("6501000000000051"), "out of gas: gas uint64 overflow", "Out of gas", true),
        case(
            &hex!("62ffffff5f5ff0"),
            "out of gas: max initcode size exceeded: code size 16777215 limit 49152",
            "Out of gas",
            true,
        ),
        Case { opcode: 0xfa, ..case(&hex!("5f5f55"), protected, "Out of gas", true) },
        Case {
            opcode: 0xfa,
            ..case(&hex!("5f5fa0"), "write protection", "write protection", false)
        },
        Case {
            gas: 2_000,
            ..case(
                &hex!("5f5f55"),
                "out of gas: not enough gas for reentrancy sentry",
                "Out of gas",
                true,
            )
        },
    ]
}

async fn trace(node: &Node, case: &Case, options: Value) -> Value {
    let mut options = options;
    options["stateOverrides"] = json!({
        NOBODY.to_string(): {"code": calling(case.opcode, case.gas)},
        FAILING.to_string(): {"code": Bytes::from(case.code.clone())},
        ENDING.to_string(): {"code": "0x5fff"},
    });
    let params = json!([{"to": NOBODY, "gas": "0xfffff"}, "latest", options]);
    node.call("debug_traceCall", params).await
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_fail_in_geths_words_in_a_tree() {
    let node = Node::start();
    for case in cases() {
        let tree = trace(&node, &case, json!({"tracer": "callTracer"})).await;
        assert_eq!(tree.get("error"), None, "{tree}");
        let calls = tree["calls"].as_array().unwrap();
        let errors: Vec<_> = calls.iter().map(|call| call["error"].as_str()).collect();
        assert_eq!(errors, [None, Some("precompiled failed"), None, Some(case.words)], "{tree}");
        let ended = &calls[2]["calls"][0];
        assert_eq!((&ended["type"], ended.get("error")), (&json!("SELFDESTRUCT"), None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn flat_calls_fail_in_geths_words_or_paritys() {
    let node = Node::start();
    for case in cases() {
        for (config, errors) in [
            (json!({}), vec![None, None, None, Some(case.words)]),
            (json!({"convertParityErrors": true}), vec![None, None, None, Some(case.parity)]),
            (
                json!({"includePrecompiles": true, "convertParityErrors": true}),
                vec![None, None, Some("Built-in failed"), None, None, Some(case.parity)],
            ),
        ] {
            let options = json!({"tracer": "flatCallTracer", "tracerConfig": config});
            let flat = trace(&node, &case, options).await;
            let calls = flat.as_array().unwrap();
            let found: Vec<_> = calls.iter().map(|call| call["error"].as_str()).collect();
            assert_eq!(found, errors, "{config} {flat}");
            let result = calls.last().unwrap().get("result");
            assert_eq!(result.is_some(), case.words == "execution reverted", "{flat}");
        }
    }
}

/// Also what comes from a transaction of a block.
#[tokio::test(flavor = "multi_thread")]
async fn steps_fail_that_do_not_begin() {
    let node = Node::start();
    for case in cases() {
        let steps = trace(&node, &case, json!({})).await;
        let failed: Vec<_> = steps["structLogs"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|step| Some((step["depth"].as_u64()?, step["error"].as_str()?)))
            .collect();
        let expected = case.fails_step.then_some((2, case.words));
        assert_eq!(failed, expected.into_iter().collect::<Vec<_>>());
    }
    let unknown = case(&[0x0c], "", "", false);
    let steps = trace(&node, &unknown, json!({})).await;
    let steps = steps["structLogs"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["op"] == "opcode 0xc not defined"), "{steps:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tracers_say_what_each_says_alone() {
    let node = Node::start();
    let configs = json!({
        "callTracer": {"withLog": true},
        "flatCallTracer": {"convertParityErrors": true},
        "prestateTracer": null,
        "4byteTracer": null,
        "noopTracer": {},
    });
    for case in cases() {
        let options = json!({"tracer": "muxTracer", "tracerConfig": configs});
        let all = trace(&node, &case, options).await;
        assert_eq!(all.as_object().unwrap().len(), 5, "{all}");
        for (tracer, config) in configs.as_object().unwrap() {
            let options = json!({"tracer": tracer, "tracerConfig": config});
            assert_eq!(trace(&node, &case, options).await, all[tracer], "{tracer}");
        }
    }
}
