//! The proof system of a segment: types and parameters, in one place.

use p3_batch_stark::{BatchProof, CommonData, ProverData};
use p3_challenger::{CanObserve, DuplexChallenger};
use p3_commit::ExtensionMmcs;
use p3_dft::Radix2DitParallel;
use p3_field::Field;
use p3_fri::{FriParameters, TwoAdicFriPcs};
use p3_koala_bear::{Poseidon2KoalaBear, default_koalabear_poseidon2_16};
use p3_merkle_tree::MerkleTreeMmcs;
use p3_symmetric::{PaddingFreeSponge, TruncatedPermutation};
use p3_uni_stark::StarkConfig;

use crate::{EF, F};

/// Elements of a digest: 8 × 31 bits, 124 bits against collisions.
pub const DIGEST_ELEMENTS: usize = 8;
/// A digest of Poseidon2.
pub type Digest = [F; DIGEST_ELEMENTS];

/// Poseidon2 of width 16.
pub type Permutation = Poseidon2KoalaBear<16>;
type Sponge = PaddingFreeSponge<Permutation, 16, 8, DIGEST_ELEMENTS>;
type Compression = TruncatedPermutation<Permutation, 2, DIGEST_ELEMENTS, 16>;
type Packed = <F as Field>::Packing;
type ValueTree = MerkleTreeMmcs<Packed, Packed, Sponge, Compression, 2, DIGEST_ELEMENTS>;
type ChallengeTree = ExtensionMmcs<F, EF, ValueTree>;
type Pcs = TwoAdicFriPcs<F, Radix2DitParallel<F>, ValueTree, ChallengeTree>;
/// The transcript: a duplex sponge of Poseidon2.
pub type Challenger = DuplexChallenger<F, Permutation, 16, 8>;
/// The proof system.
pub type Config = StarkConfig<Pcs, EF, Challenger>;
/// A proof of one segment, as the library makes it.
pub type StarkProof = BatchProof<Config>;
/// What prover and verifier share about the tables.
pub type SharedData = CommonData<Config>;
/// What the prover alone keeps about the tables.
pub type ProverTables = ProverData<Config>;

/// Every number that the soundness of a segment's proof rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Base-2 logarithm of the blowup factor.
    pub log_blowup: usize,
    /// Base-2 logarithm of the length of FRI's last polynomial.
    pub log_final_length: usize,
    /// Base-2 logarithm of the largest folding arity.
    pub log_arity_max: usize,
    /// Queries of FRI.
    pub queries: usize,
    /// Bits of grinding before the queries.
    pub query_grinding: usize,
    /// Bits of grinding before each folding challenge.
    pub folding_grinding: usize,
    /// Bits of grinding before the challenge that batches all openings.
    pub batching_grinding: usize,
    /// Bits of grinding before the challenges of the buses.
    pub bus_grinding: usize,
    /// Bits of grinding before the out-of-domain point.
    pub out_of_domain_grinding: usize,
    /// Levels cut off at the top of every Merkle tree: a commitment has `2^cap_height` digests.
    pub cap_height: usize,
}

/// The parameters of every segment's proof. At least 100 proven bits: see the prover's
/// `security` module, which computes them.
pub const PARAMETERS: Parameters = Parameters {
    log_blowup: 1,
    log_final_length: 3,
    log_arity_max: 3,
    queries: 164,
    query_grinding: 20,
    folding_grinding: 8,
    batching_grinding: 8,
    bus_grinding: 8,
    out_of_domain_grinding: 8,
    cap_height: 3,
};

/// The permutation that every hash of this crate uses.
pub fn permutation() -> Permutation {
    default_koalabear_poseidon2_16()
}

/// The proof system whose transcript begins with these elements: the digest of a verifying key,
/// so that no challenge is the same under two keys.
pub fn config(key_digest: &[F]) -> Config {
    let permutation = permutation();
    let sponge = Sponge::new(permutation.clone());
    let compression = Compression::new(permutation.clone());
    let parameters = PARAMETERS;
    let values = ValueTree::new(sponge, compression, parameters.cap_height);
    let fri = FriParameters {
        log_blowup: parameters.log_blowup,
        log_final_poly_len: parameters.log_final_length,
        max_log_arity: parameters.log_arity_max,
        num_queries: parameters.queries,
        batch_proof_of_work_bits: parameters.batching_grinding,
        commit_proof_of_work_bits: parameters.folding_grinding,
        query_proof_of_work_bits: parameters.query_grinding,
        mmcs: ChallengeTree::new(values.clone()),
    };
    let mut challenger = Challenger::new(permutation);
    challenger.observe_slice(key_digest);
    Config::new(Pcs::new(Radix2DitParallel::default(), values, fri), challenger)
        .with_lookup_proof_of_work_bits(parameters.bus_grinding)
        .with_ood_proof_of_work_bits(parameters.out_of_domain_grinding)
}
