//! The proven bits of a verifying key.
//!
//! OpenVM's library bounds every round of its protocol from the key: the widths, constraints and
//! interactions of the circuits, at the largest heights that the verifier lets pass. It takes no
//! conjecture about codes; a query counts up to the radius of unique decoding, `(1 + rho) / 2`.
//! What it leaves out is the hash, which is added here.

use openvm_sdk::SC;
use openvm_sdk::keygen::AppVerifyingKey;
use openvm_stark_backend::StarkProtocolConfig;
use openvm_stark_backend::p3_field::PrimeField64;
use openvm_stark_backend::soundness::SoundnessCalculator;

type Field = <SC as StarkProtocolConfig>::F;
type Digest = <SC as StarkProtocolConfig>::Digest;

/// The sources of error and the bits of each. The proof has the bits of the weakest.
pub fn by_source(key: &AppVerifyingKey) -> Vec<(&'static str, f64)> {
    let bits = SoundnessCalculator::calculate_from_vk(&key.vk);
    let whir = &bits.whir_details;
    vec![
        ("buses (LogUp)", bits.logup_bits),
        ("GKR sumcheck", bits.gkr_sumcheck_bits.min(bits.gkr_batching_bits)),
        ("zerocheck", bits.zerocheck_sumcheck_bits),
        ("constraint batching", bits.constraint_batching_bits),
        ("stacking", bits.stacked_reduction_bits),
        ("WHIR batching", whir.mu_batching_bits),
        ("WHIR folding", whir.fold_rbr_bits),
        ("WHIR out of domain", whir.ood_rbr_bits),
        ("WHIR queries", whir.shift_rbr_bits),
        ("hash collisions", collision_bits()),
    ]
}

/// The bits of the weakest source.
pub fn proven_bits(key: &AppVerifyingKey) -> f64 {
    by_source(key).into_iter().map(|(_, bits)| bits).fold(f64::INFINITY, f64::min)
}

/// By the birthday bound on a digest of field elements.
fn collision_bits() -> f64 {
    let elements = size_of::<Digest>() / size_of::<Field>();
    elements as f64 * (Field::ORDER_U64 as f64).log2() / 2.0
}
