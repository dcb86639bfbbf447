//! How many bits of a segment's proof are proven, by source of error.
//!
//! The bits are those of round-by-round soundness in the list-decoding regime up to the Johnson
//! bound: nothing here rests on a conjecture about codes. Each round of the protocol is one source
//! of error, its grinding makes every try of that round cost more, and a prover that forges needs
//! to be lucky in one round: the total is the least of the sources, as `p3-security` composes them.
//! What is assumed: Fiat–Shamir with Poseidon2 in place of a random oracle, and that collisions of
//! Poseidon2 cost what they cost in general.
//!
//! Where `p3-security` models one table, a proof here has many. Their constraints, messages and
//! openings are added up and charged at the largest height. All are words over one domain, a
//! smaller table's lifted to the largest, so that one list of candidates stands for all tables. The
//! buses' challenges are drawn while that list is open, which `p3-security` leaves to the caller:
//! their error is charged once for each candidate.

mod chips;

pub use chips::ChipFacts;

use core::cmp::Ordering;
use core::fmt;

use minster_machine::config::{DIGEST_ELEMENTS, PARAMETERS, Parameters};
use minster_machine::shape::SHAPES;
use minster_machine::{EF, F};
use minster_verifier::VerifyingKey;
use p3_field::{Field, PrimeField32};
use p3_security::fri::{FriRegime, commit_phase_error_ldr_m, ldr_candidates, query_phase_error};
use p3_security::grinding::boost;
use p3_security::logup::{LogUpAir, fingerprint_error};
use p3_security::proximity::{alpha_ldr_m, list_size_ldr_m};
use p3_security::{
    CandidateSet, ErrorBits, InstanceShape, SecurityAssumption, SecurityTerm, StarkAirParams,
};
use p3_security::{air, deep};

/// The proven bits of every proof, rounded down: of the worst shape with the largest program. The
/// tests hold it against [`proven_security`].
pub const PROVEN_BITS: u32 = 101;

/// Points at which a column is opened at most: the permutation trace is opened at two.
const POINTS_MAX: usize = 2;

/// A round of the protocol at which a forger may be lucky.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The challenges of the buses: two messages with one fingerprint, or a denominator of zero.
    Buses,
    /// The challenge that combines a table's constraints.
    Composition,
    /// The out-of-domain point.
    OutOfDomain,
    /// The challenge that combines all openings.
    Batching,
    /// A folding challenge of FRI.
    Folding,
    /// The queries of FRI.
    Queries,
    /// Collisions of the hash function.
    Collision,
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Buses => "buses (LogUp)",
            Self::Composition => "constraints (ALI)",
            Self::OutOfDomain => "out-of-domain point (DEEP)",
            Self::Batching => "batching of openings",
            Self::Folding => "FRI folding",
            Self::Queries => "FRI queries",
            Self::Collision => "hash collisions",
        })
    }
}

/// The bits of one source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SourceBits {
    /// The source.
    pub source: Source,
    /// `-log2` of its error, the grinding included.
    pub bits: f64,
    /// Bits of grinding in it.
    pub grinding: usize,
}

/// The bits of a proof.
#[derive(Clone, Debug, PartialEq)]
pub struct SecurityReport {
    /// The proximity parameter of the Johnson bound at which the total is largest: agreement of
    /// `(1 + 1/2m)·√ρ` is decoded.
    pub m: usize,
    /// By source, in the order of the protocol.
    pub sources: [SourceBits; 7],
}

impl SecurityReport {
    /// The bits of a source.
    pub fn of(&self, source: Source) -> f64 {
        let bits = self.sources.iter().filter(|part| part.source == source).map(|part| part.bits);
        bits.fold(f64::INFINITY, f64::min)
    }

    /// The bits of the proof: those of its weakest source.
    pub fn bits(&self) -> f64 {
        self.sources.iter().map(|part| part.bits).fold(f64::INFINITY, f64::min)
    }

    /// Which proof is worth less: the one of fewer bits, or if they are the same, the one of more
    /// error on its buses, where shapes differ first.
    pub fn compare(&self, other: &Self) -> Ordering {
        let buses = self.of(Source::Buses).total_cmp(&other.of(Source::Buses));
        self.bits().total_cmp(&other.bits()).then(buses)
    }
}

impl fmt::Display for SecurityReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for SourceBits { source, bits, grinding } in &self.sources {
            writeln!(formatter, "{source:<28}{bits:>7.2} bits, {grinding:>2} of them grinding")?;
        }
        write!(formatter, "{:<28}{:>7.2} bits, at m = {}", "proof", self.bits(), self.m)
    }
}

/// What the proofs under a key are worth: the report of the shape with the fewest bits.
pub fn proven_security(key: &VerifyingKey) -> SecurityReport {
    let chips = ChipFacts::of(key);
    let reports = SHAPES.iter().map(|shape| security(&PARAMETERS, &chips, &key.log_heights(shape)));
    let worst = reports.min_by(SecurityReport::compare);
    worst.unwrap_or_else(SecurityReport::none)
}

/// What a proof of these tables is worth under some parameters.
pub fn security(
    parameters: &Parameters,
    chips: &[ChipFacts],
    log_heights: &[Option<u8>],
) -> SecurityReport {
    let model = Model::new(parameters, chips, log_heights);
    let candidates = ldr_candidates(&model.fri, &model.air, &model.shape);
    let reports = candidates.into_iter().map(|(m, _)| model.report(m));
    let best = reports.max_by(SecurityReport::compare);
    best.unwrap_or_else(SecurityReport::none)
}

/// A proof in the terms of `p3-security`.
struct Model {
    parameters: Parameters,
    fri: FriRegime,
    air: StarkAirParams,
    shape: InstanceShape,
    buses: LogUpAir,
}

impl Model {
    fn new(parameters: &Parameters, chips: &[ChipFacts], log_heights: &[Option<u8>]) -> Self {
        let opened =
            chips.iter().zip(log_heights).filter_map(|(chip, height)| Some((chip, (*height)?)));
        let opened: Vec<(&ChipFacts, u8)> = opened.collect();
        let heights = opened.iter().map(|(_, height)| usize::from(*height));
        let log_trace_length = heights.max().unwrap_or_default();
        let messages: usize = opened.iter().map(|(chip, height)| chip.messages << height).sum();
        let part = |part: fn(&ChipFacts) -> usize| opened.iter().map(move |(chip, _)| part(chip));
        let largest = |facts| part(facts).max();
        Self {
            parameters: *parameters,
            fri: FriRegime {
                log_blowup: parameters.log_blowup,
                num_queries: parameters.queries,
                log_final_poly_len: parameters.log_final_length,
                max_log_arity: parameters.log_arity_max,
                commit_pow_bits: parameters.folding_grinding,
                query_pow_bits: parameters.query_grinding,
            },
            air: StarkAirParams {
                num_constraints: part(|chip| chip.constraints).sum(),
                max_constraint_degree: largest(|chip| chip.degree).unwrap_or_default(),
                num_quotient_chunks: largest(|chip| chip.quotient_chunks).unwrap_or_default(),
                max_combo: POINTS_MAX,
            },
            shape: InstanceShape {
                log_trace_length,
                // The field has at least this many bits, and less than one more.
                modulus_bits: EF::bits() - 1,
                collision_resistance: collision_bits() as usize,
                num_batched_functions: part(|chip| chip.openings).sum(),
            },
            buses: LogUpAir {
                // Per row of the largest table, rounded up.
                num_interactions: messages.div_ceil(1 << log_trace_length),
                max_message_width: largest(|chip| chip.message_width).unwrap_or_default(),
            },
        }
    }

    /// The bits when agreement is decoded up to the Johnson bound's parameter `m`.
    fn report(&self, m: usize) -> SecurityReport {
        let Self { parameters, fri, air, shape, buses } = self;
        let list = list_size_ldr_m(fri.log_blowup, m);
        let grind = |source, error, grinding| SourceBits {
            source,
            bits: boost(error, grinding).bits(),
            grinding,
        };
        let batching = SecurityAssumption::prox_gaps_error_jb_at_m(
            shape.log_trace_length,
            fri.log_blowup,
            shape.modulus_bits,
            shape.num_batched_functions.max(2),
            m,
        );
        let batching = ErrorBits::from_log2(batching);
        let folding = commit_phase_error_ldr_m(fri, shape, m);
        let queries = query_phase_error(alpha_ldr_m(fri.log_blowup, m), fri.num_queries, 0);
        let fingerprints = SecurityTerm::new("", fingerprint_error(buses, shape));
        let fingerprints = match CandidateSet::from_log2(list.log2()) {
            Some(candidates) => fingerprints.over_candidates(candidates).bits,
            None => ErrorBits::from_log2(0.0),
        };
        let composition = air::composition_error(air.num_constraints, list, shape.modulus_bits);
        let point = deep::deep_ali_error(air, shape, list);
        let collision = ErrorBits::from_log2(collision_bits());
        SecurityReport {
            m,
            sources: [
                grind(Source::Buses, fingerprints, parameters.bus_grinding),
                grind(Source::Composition, composition, 0),
                grind(Source::OutOfDomain, point, parameters.out_of_domain_grinding),
                grind(Source::Batching, batching, parameters.batching_grinding),
                SourceBits {
                    source: Source::Folding,
                    // Without a fold there is no such round.
                    bits: folding.map_or(f64::INFINITY, ErrorBits::bits),
                    grinding: parameters.folding_grinding,
                },
                grind(Source::Queries, queries, parameters.query_grinding),
                grind(Source::Collision, collision, 0),
            ],
        }
    }
}

impl SecurityReport {
    /// Nothing is proven.
    fn none() -> Self {
        let none = SourceBits { source: Source::Queries, bits: 0.0, grinding: 0 };
        Self { m: 0, sources: [none; 7] }
    }
}

/// Half the bits of a digest: the birthday bound.
fn collision_bits() -> f64 {
    DIGEST_ELEMENTS as f64 * f64::from(F::ORDER_U32).log2() / 2.0
}
