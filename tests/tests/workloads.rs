//! What the benchmarks measure is what it is named.

use minster_tests::batches::scenarios::workloads::{Workload, workload};
use minster_tests::batches::triangle::{check_range, range_of};

/// The last batch has these transactions and nothing else, and the guest agrees with the OS.
#[test]
fn the_last_batch_is_the_workload() {
    use Workload::{Deployment, Erc20, Hot, NewAccount, Swap, Transfer};
    for kind in [Transfer, Hot, NewAccount, Erc20, Swap, Deployment] {
        let chain = workload(kind, 3, 50);
        let last = chain.ended() - 1;
        let emulated = check_range(range_of(chain, last));
        assert_eq!(emulated.transactions, 3, "{kind:?}");
    }
}

/// A batch of more than a block has several.
#[test]
fn blocks_are_full_at_a_hundred() {
    let chain = workload(Workload::Erc20, 150, 10);
    let last = chain.ended() - 1;
    let batches = chain.batches();
    assert_eq!(batches[last].inputs.len(), 2);
}
