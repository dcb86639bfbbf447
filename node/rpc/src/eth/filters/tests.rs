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
    assert_eq!(json!(ask(&api, asker, changes, &blocks).unwrap()), json!([hash]));
    for filter in [&blocks, &logs] {
        assert_eq!(json!(ask(&api, asker, changes, filter).unwrap()), json!([]));
    }
}
