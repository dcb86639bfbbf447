use std::net::IpAddr;

use jsonrpsee::types::Params;
use serde_json::{Value, json};

use super::*;
use crate::{accept::ClientKey, tests::harness::Node};

fn client(address: &str) -> Asker {
    Some(ClientKey::from(address.parse::<IpAddr>().unwrap()))
}

/// Asks on behalf of a client.
fn ask<T>(
    api: &Api,
    asker: Asker,
    method: fn(&Api, &Arguments<'_>) -> Answer<T>,
    params: &Value,
) -> Answer<T> {
    let params = params.to_string();
    method(api, &Arguments::new(&Params::new(Some(&params)), 1)?.asked_by(asker))
}

fn api(node: &Node, config: RpcConfig) -> Api {
    Api::new(config, node.sequencer().clone(), None)
}

#[test]
fn one_client_has_half_of_the_filters() {
    let node = Node::start();
    let api = api(&node, RpcConfig { filters_max: 4, ..RpcConfig::default() });
    let install = |asker| ask(&api, asker, new_block_filter, &json!([]));
    let (one, two) = (client("10.0.0.1"), client("10.0.0.2"));
    let first = install(one).unwrap();
    install(one).unwrap();
    let refused = install(one).unwrap_err();
    assert!(matches!(refused, ApiError::TooManyFilters { maximum: 4 }), "{refused}");
    install(two).unwrap();
    assert!(ask(&api, one, uninstall, &json!([first])).unwrap());
    install(one).unwrap();
}

#[test]
fn filters_have_so_many_values_until_they_lapse() {
    let node = Node::start();
    let (filter_values_max, filter_lifetime_ms) = (8, 50);
    let config = RpcConfig { filter_values_max, filter_lifetime_ms, ..RpcConfig::default() };
    let api = api(&node, config);
    let topics: Vec<_> = (0..3).map(B256::with_last_byte).collect();
    let filter = json!([{"address": alloy_primitives::Address::ZERO, "topics": [null, topics]}]);
    let one = client("10.0.0.1");
    ask(&api, one, new_filter, &filter).unwrap();
    let refused = ask(&api, one, new_filter, &filter).unwrap_err();
    assert!(matches!(refused, ApiError::TooManyFilterValues { maximum: 8 }), "{refused}");
    ask(&api, one, new_filter, &json!([{}])).unwrap();
    ask(&api, client("10.0.0.2"), new_filter, &filter).unwrap();
    std::thread::sleep(Duration::from_millis(60));
    ask(&api, one, new_filter, &filter).unwrap();
    assert_eq!(api.filter_values.total(), 4);
}

/// Asks for changes, and hears the answer.
fn hear(api: &Api, filter: &Value) -> Value {
    let (changes, told) = ask(api, None, changes, filter).unwrap();
    assert!(api.filters.tell(&told).unwrap());
    json!(changes)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_answer_did_not_tell_is_told_by_the_next() {
    let node = Node::start_development();
    let mut api = api(&node, RpcConfig::default());
    let asker = None;
    let blocks = json!([ask(&api, asker, new_block_filter, &json!([])).unwrap()]);
    let logs = json!([ask(&api, asker, new_filter, &json!([{}])).unwrap()]);
    node.call("evm_mine", json!([])).await;
    api.config.call_timeout_ms = 0;
    for filter in [&blocks, &logs] {
        let refused = ask(&api, asker, changes, filter).unwrap_err();
        assert!(matches!(refused, ApiError::Timeout { .. }), "{refused}");
    }
    api.config.call_timeout_ms = 10_000;
    let hash = api.chain().latest().hash;
    // Of two who ask at once, one is told.
    let (_, first) = ask(&api, asker, changes, &blocks).unwrap();
    let (_, second) = ask(&api, asker, changes, &blocks).unwrap();
    assert_eq!([&second, &first].map(|told| api.filters.tell(told).unwrap()), [true, false]);
    for filter in [&blocks, &logs] {
        assert_eq!(hear(&api, filter), json!([]));
    }
    node.call("evm_mine", json!([])).await;
    assert_ne!(hear(&api, &blocks), json!([hash]));
}

#[test]
fn hashes_that_nobody_heard_are_kept_up_to_a_limit() {
    let node = Node::start();
    let api = api(&node, RpcConfig::default());
    let filter = json!([ask(&api, None, new_pending_filter, &json!([])).unwrap()]);
    let hash = |number: usize| B256::left_padding_from(&number.to_be_bytes());
    for number in 0..POOLED_FEED_CAPACITY {
        api.pooled_feed.send(hash(number)).unwrap();
    }
    ask(&api, None, changes, &filter).unwrap();
    api.pooled_feed.send(hash(POOLED_FEED_CAPACITY)).unwrap();
    let expected: Vec<B256> = (1..=POOLED_FEED_CAPACITY).map(hash).collect();
    assert_eq!(hear(&api, &filter), json!(expected));
    assert_eq!(hear(&api, &filter), json!([]));
}

/// The only thread is taken when the request comes, so its answer is made when nobody waits for it.
#[test]
fn changes_of_an_answer_that_came_too_late_are_in_the_next() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let node = Node::start();
    let config = RpcConfig { call_timeout_ms: 1_000, ..RpcConfig::default() };
    let api = Arc::new(api(&node, config));
    let module = crate::methods::register(Arc::clone(&api)).unwrap();
    let id = ask(&api, None, new_pending_filter, &json!([])).unwrap();
    api.pooled_feed.send(B256::ZERO).unwrap();
    let request = json!({
        "jsonrpc": "2.0", "id": 1, "method": "eth_getFilterChanges", "params": [id],
    });
    let request = request.to_string();
    let answer = || async {
        let (answer, _) = module.raw_json_request(&request, 1).await.unwrap();
        serde_json::from_str::<Value>(answer.get()).unwrap()
    };
    runtime.block_on(async {
        let busy = tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_secs(2)));
        let late = answer().await;
        assert!(late["error"].is_object(), "{late}");
        busy.await.unwrap();
        // What runs now runs after it.
        tokio::task::spawn_blocking(|| ()).await.unwrap();
        assert_eq!(answer().await["result"], json!([B256::ZERO]));
        assert_eq!(answer().await["result"], json!([]));
    });
}
