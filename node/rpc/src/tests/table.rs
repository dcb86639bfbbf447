//! The method table against the specification, the tests and the README.

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use super::{harness::Node, schema};

/// Each method with the test, `file::function`, that says what it does.
const TESTS: [(&str, &str); 86] = [
    ("debug_getBadBlocks", "tracing::what_cannot_be_traced_says_why"),
    ("debug_getRawBlock", "reading::whole_blocks_add_up"),
    ("debug_getRawHeader", "reading::whole_blocks_add_up"),
    ("debug_getRawReceipts", "recomputing::headers_roots_and_prices"),
    ("debug_getRawTransaction", "sending::a_creation_names_its_contract"),
    ("debug_traceBlock", "tracing::whole_blocks_are_traced_alike_open_and_sealed"),
    ("debug_traceBlockByHash", "tracing::whole_blocks_are_traced_alike_open_and_sealed"),
    ("debug_traceBlockByNumber", "tracing::whole_blocks_are_traced_alike_open_and_sealed"),
    ("debug_traceCall", "tracing::calls_are_a_tree_with_logs_and_reasons"),
    ("debug_traceTransaction", "tracing::opcode_traces_have_their_shape_and_options"),
    ("eth_accounts", "development::the_node_signs_with_its_keys_and_no_others"),
    ("eth_baseFee", "reading::constants"),
    ("eth_blobBaseFee", "reading::constants"),
    ("eth_blockNumber", "reading::constants"),
    ("eth_call", "calls::calls_return_and_revert"),
    ("eth_capabilities", "reading::what_the_chain_and_the_node_are"),
    ("eth_chainId", "reading::constants"),
    ("eth_coinbase", "reading::constants"),
    ("eth_config", "reading::what_the_chain_and_the_node_are"),
    ("eth_createAccessList", "calls::access_lists_name_what_is_touched"),
    ("eth_estimateGas", "calls::estimates_are_enough_and_not_much_more"),
    ("eth_feeHistory", "reading::fee_history_of_real_blocks"),
    ("eth_fillTransaction", "development::transactions_are_completed_signed_and_sent"),
    ("eth_gasPrice", "reading::constants"),
    ("eth_getBalance", "reading::accounts_at_old_blocks"),
    (
        "eth_getBlockByHash",
        "sending::a_transaction_is_answered_from_its_slice_and_then_from_its_block",
    ),
    ("eth_getBlockByNumber", "reading::block_tags"),
    ("eth_getBlockReceipts", "recomputing::headers_roots_and_prices"),
    ("eth_getBlockTransactionCountByHash", "reading::whole_blocks_add_up"),
    ("eth_getBlockTransactionCountByNumber", "reading::whole_blocks_add_up"),
    ("eth_getCode", "sending::a_creation_names_its_contract"),
    ("eth_getFilterChanges", "logs::installed_filters_give_each_thing_once"),
    ("eth_getFilterLogs", "logs::installed_filters_give_each_thing_once"),
    ("eth_getHeaderByHash", "reading::headers_are_those_of_the_blocks"),
    ("eth_getHeaderByNumber", "reading::headers_are_those_of_the_blocks"),
    ("eth_getLogs", "logs::logs_by_range_hash_address_and_topic"),
    ("eth_getProof", "proofs::proofs_verify_at_every_recent_block"),
    ("eth_getRawTransactionByBlockHashAndIndex", "reading::whole_blocks_add_up"),
    ("eth_getRawTransactionByBlockNumberAndIndex", "reading::whole_blocks_add_up"),
    ("eth_getRawTransactionByHash", "recomputing::headers_roots_and_prices"),
    ("eth_getStorageAt", "reading::accounts_at_old_blocks"),
    ("eth_getStorageValues", "reading::many_slots_at_once"),
    ("eth_getTransactionByBlockHashAndIndex", "reading::whole_blocks_add_up"),
    ("eth_getTransactionByBlockNumberAndIndex", "reading::block_tags"),
    (
        "eth_getTransactionByHash",
        "sending::a_transaction_is_answered_from_its_slice_and_then_from_its_block",
    ),
    ("eth_getTransactionCount", "sending::pending_nonces_count_the_pool_and_queued_ones_do_not"),
    (
        "eth_getTransactionReceipt",
        "sending::a_transaction_is_answered_from_its_slice_and_then_from_its_block",
    ),
    ("eth_getUncleByBlockHashAndIndex", "reading::constants"),
    ("eth_getUncleByBlockNumberAndIndex", "reading::constants"),
    ("eth_getUncleCountByBlockHash", "reading::whole_blocks_add_up"),
    ("eth_getUncleCountByBlockNumber", "reading::block_tags"),
    ("eth_maxPriorityFeePerGas", "batches::users_hear_that_the_prover_is_behind"),
    ("eth_newBlockFilter", "logs::installed_filters_give_each_thing_once"),
    ("eth_newFilter", "logs::installed_filters_give_each_thing_once"),
    ("eth_newPendingTransactionFilter", "logs::installed_filters_give_each_thing_once"),
    ("eth_sendRawTransaction", "wording::transactions_that_are_refused"),
    ("eth_sendRawTransactionSync", "sending::a_sync_send_that_cannot_run_times_out_with_its_hash"),
    ("eth_sendTransaction", "development::what_is_sent_at_once_has_different_nonces"),
    ("eth_sign", "development::the_node_signs_with_its_keys_and_no_others"),
    ("eth_signTransaction", "development::transactions_are_completed_signed_and_sent"),
    ("eth_signTypedData_v4", "development::messages_and_typed_data_are_signed"),
    ("eth_simulateV1", "simulating::blocks_follow_each_other_and_calls_see_what_came_before"),
    ("eth_subscribe", "subscriptions::heads_and_logs_come_with_the_sealed_block"),
    ("eth_syncing", "reading::constants"),
    ("eth_uninstallFilter", "logs::installed_filters_give_each_thing_once"),
    ("eth_unsubscribe", "transport::a_connection_has_so_many_subscriptions"),
    ("evm_increaseTime", "development::time_moves_between_two_blocks"),
    ("evm_mine", "development::a_mined_block_has_what_was_sent_before"),
    ("evm_setNextBlockTimestamp", "development::time_moves_between_two_blocks"),
    ("minster_getBatch", "batches::a_batch_is_followed_to_its_proof"),
    ("minster_getBatchProof", "batches::a_batch_is_followed_to_its_proof"),
    ("minster_getFinality", "batches::a_batch_is_followed_to_its_proof"),
    ("minster_getProving", "batches::a_batch_is_followed_to_its_proof"),
    ("minster_subscribe", "subscriptions::slices_come_with_transactions_and_receipts"),
    ("minster_unsubscribe", "subscriptions::slices_come_with_transactions_and_receipts"),
    ("net_listening", "reading::constants"),
    ("net_peerCount", "reading::constants"),
    ("net_version", "reading::constants"),
    ("personal_sign", "development::messages_and_typed_data_are_signed"),
    ("rpc_modules", "reading::namespaces_that_are_there"),
    ("txpool_content", "sending::pending_nonces_count_the_pool_and_queued_ones_do_not"),
    ("txpool_contentFrom", "sending::pending_nonces_count_the_pool_and_queued_ones_do_not"),
    ("txpool_inspect", "sending::pending_nonces_count_the_pool_and_queued_ones_do_not"),
    ("txpool_status", "sending::pending_nonces_count_the_pool_and_queued_ones_do_not"),
    ("web3_clientVersion", "reading::constants"),
    ("web3_sha3", "reading::constants"),
];

/// What the specification has and this chain cannot: `spec/differences.md` says why.
fn is_excepted(name: &str) -> bool {
    name.starts_with("engine_")
        || name.starts_with("testing_")
        || ["eth_getBlockAccessList", "debug_getRawBlockAccessList"].contains(&name)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_method_of_the_specification_is_there() {
    let node = Node::start();
    let table: BTreeSet<&str> = node.module.method_names().collect();
    let missing: Vec<_> = schema::method_names()
        .into_iter()
        .filter(|name| !is_excepted(name) && !table.contains(name))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    let needless: Vec<_> = table.iter().filter(|name| is_excepted(name)).collect();
    assert!(needless.is_empty(), "{needless:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_method_has_a_test_that_names_it() {
    let node = Node::start();
    let table: BTreeSet<&str> = node.module.method_names().collect();
    let tested: BTreeSet<&str> = TESTS.iter().map(|(method, _)| *method).collect();
    let missing: Vec<_> = table.difference(&tested).collect();
    let unknown: Vec<_> = tested.difference(&table).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "missing {missing:?}, unknown {unknown:?}");
    assert!(TESTS.is_sorted_by_key(|(method, _)| *method), "the rows are in order");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests");
    for (method, test) in TESTS {
        let (file, function) = test.split_once("::").unwrap();
        let source = std::fs::read_to_string(folder.join(file).with_extension("rs")).unwrap();
        let heads = [format!("]\nasync fn {function}()"), format!("]\nfn {function}()")];
        assert!(heads.iter().any(|head| source.contains(head)), "{test} is no test");
        assert!(source.contains(&format!("\"{method}\"")), "{test} does not name {method}");
    }
}

/// With `MINSTER_WRITE_README=1` the table is written instead.
#[test]
fn the_readme_has_the_table() {
    let mut table = String::from("| method | test in `src/tests` |\n| --- | --- |\n");
    for (method, test) in TESTS {
        writeln!(table, "| `{method}` | `{test}` |").unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (head, rest) = readme.split_once("\n## Methods\n").unwrap();
    let begin = rest.find("| method |").unwrap();
    let length = rest[begin..].find("\n\n").unwrap() + 1;
    let written = &rest[begin..begin + length];
    if std::env::var_os("MINSTER_WRITE_README").is_some_and(|value| value == "1") {
        let rest = rest.replacen(written, &table, 1);
        std::fs::write(path, format!("{head}\n## Methods\n{rest}")).unwrap();
        return;
    }
    assert_eq!(written, table, "run this test with MINSTER_WRITE_README=1");
}
