//! The prover of the batch STARK: the library's transcript and commitments, with low-degree
//! extension for full lanes, and with the columns of the buses and the quotient computed from what
//! messages are, linear forms over one row.
//!
//! A proof is byte for byte what the library's `prove_batch` makes of the same tables, so the
//! library's verifier is untouched, and the library's prover is the oracle of the tests.

mod buses;
mod lde;
mod linear;
mod plan;
mod quotient;
mod rows;
#[cfg(test)]
mod tests;

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::vec::IntoIter;

use minster_machine::chip::Chip;
use minster_machine::config::{Challenger, Config, PARAMETERS, SharedData, StarkProof};
use minster_machine::public::PublicValues;
use minster_machine::{EF, F};
use p3_air::BaseAir;
use p3_batch_stark::config::{Commitment, PcsProverError};
use p3_batch_stark::proof::OpenedValuesWithLookups;
use p3_batch_stark::{
    BatchCommitments, BatchOpenedValues, BatchProverTranscript, BatchShape, OpenedValues,
    ProverOnlyData, ProvingError, StarkGenericConfig,
};
use p3_commit::{
    OpenedValuesForMatrix, OpenedValuesForRound, OpeningRequest, Pcs, PolynomialSpace,
    UnivariateStarkPcs,
};
use p3_field::Field;
use p3_field::coset::TwoAdicMultiplicativeCoset;
use p3_lookup::{LogUpGadget, LookupTerminal};
use p3_matrix::Matrix;
use p3_matrix::bitrev::BitReversibleMatrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_uni_stark::PreprocessedOpenedValues;
use p3_util::{log2_strict_usize, reverse_bits_len};
use rayon::prelude::*;
use tracing::{debug_span, instrument};

use self::buses::BusColumn;
use self::lde::{Columns, Order, Roots};
use self::linear::DEGREE;
pub use self::plan::{Plan, PlanError};
use self::quotient::{Points, Selectors};
use self::rows::Rows;

type Scheme = <Config as StarkGenericConfig>::Pcs;
type Committed = <Scheme as Pcs<EF, Challenger>>::ProverData;
type Transcript<'a> = BatchProverTranscript<'a, Challenger, F, EF, Commitment<Config>>;
type Domain = TwoAdicMultiplicativeCoset<F>;
type PcsError = PcsProverError<Config>;
/// The library's error.
pub type StarkError = ProvingError<PcsError>;

/// A table to prove.
pub struct Instance<'a> {
    air: &'a Chip,
    plan: &'a Plan,
    trace: RowMajorMatrix<F>,
    public: Vec<F>,
}

impl<'a> Instance<'a> {
    /// The table of a chip in a segment with these public values.
    pub fn new(
        air: &'a Chip,
        plan: &'a Plan,
        trace: RowMajorMatrix<F>,
        public: &PublicValues,
    ) -> Self {
        Self { air, plan, trace, public: air.public_values(public) }
    }
}

/// A table whose columns are committed to.
struct Table<'a> {
    air: &'a Chip,
    plan: &'a Plan,
    public: Vec<F>,
    domain: Domain,
    challenges: Vec<EF>,
    terminal: EF,
}

/// A set of tables that are proven together.
#[derive(Clone, Copy)]
pub struct Batch<'a> {
    /// The proof system.
    pub config: &'a Config,
    /// The layout of their buses and the preprocessed commitment.
    pub shared: &'a SharedData,
    /// The preprocessed columns as committed.
    pub fixed: &'a ProverOnlyData<Config>,
}

impl Batch<'_> {
    /// Proves tables, in their order. Whatever is in them is proven as far as it is true.
    #[instrument(name = "prove_batch", skip_all)]
    pub fn prove(self, instances: Vec<Instance<'_>>) -> Result<StarkProof, StarkError> {
        let mut challenger = self.config.initialise_challenger();
        let shape = self.shape(&instances);
        let mut transcript = Transcript::new(&mut challenger, shape);
        let proof = self.prove_along(&mut transcript, instances);
        // The transcript asserts that it came to its end, unless it is told that it will not.
        match proof {
            Ok(_) => transcript.finish(),
            Err(_) => transcript.abort(),
        }
        proof
    }

    fn shape(self, instances: &[Instance<'_>]) -> BatchShape {
        let each = |of: fn(&Instance<'_>) -> usize| instances.iter().map(of).collect();
        BatchShape {
            trace_widths: each(|instance| instance.trace.width()),
            public_value_counts: each(|instance| instance.public.len()),
            preprocessed_widths: each(|instance| instance.air.preprocessed_width()),
            has_preprocessed_commitment: self.shared.preprocessed.is_some(),
            num_lookup_instances: instances.len(),
            lookup_pow_bits: self.config.lookup_proof_of_work_bits(),
            has_randomization_commitment: false,
            ood_pow_bits: self.config.ood_proof_of_work_bits(),
        }
    }

    fn prove_along(
        self,
        transcript: &mut Transcript<'_>,
        instances: Vec<Instance<'_>>,
    ) -> Result<StarkProof, StarkError> {
        let pcs = self.config.pcs();
        let heights = instances.iter().map(|instance| instance.trace.height());
        let degree_bits: Vec<usize> = heights.map(log2_strict_usize).collect();
        transcript.instance_bindings(&degree_bits);
        let roots = Roots::new(degree_bits.iter().copied().max().unwrap_or_default());
        let traces = instances.iter().map(|instance| &instance.trace);
        let (main, main_data) = commit(pcs, traces, &roots).map_err(failed("trace commitment"))?;
        let public: Vec<&[F]> = instances.iter().map(|instance| &*instance.public).collect();
        transcript.main_phase(main.clone(), &public);
        let preprocessed = self.shared.preprocessed.as_ref();
        transcript.preprocessed_phase(preprocessed.map(|fixed| fixed.commitment.clone()));
        let (challenges, lookup_pow_witness) =
            transcript.lookup_phase(&self.shared.lookups, &LogUpGadget::new());
        let (tables, columns) = fill_buses(pcs, instances, challenges);
        let (permutation, bus_data) =
            commit(pcs, columns, &roots).map_err(failed("permutation commitment"))?;
        let terminals: Vec<EF> = tables.iter().map(|table| table.terminal).collect();
        let alpha = transcript.permutation_phase(Some(permutation.clone()), &terminals);
        let committed = Commitments { batch: self, main: &main_data, buses: &bus_data };
        let parts = committed.quotient_parts(&tables, alpha, &roots);
        let (quotient_chunks, quotient_data) =
            commit_extended(pcs, parts).map_err(failed("quotient commitment"))?;
        transcript.quotient_phase(quotient_chunks.clone(), None);
        let (zeta, ood_pow_witness) = transcript.ood_phase();
        let rounds = committed.opening_rounds(&tables, &quotient_data, zeta);
        let open = |challenger: &mut _| Pcs::<EF, Challenger>::open(pcs, rounds, challenger);
        let (values, opening_proof) = transcript.delegate(open).map_err(failed("opening"))?;
        Ok(StarkProof {
            commitments: BatchCommitments {
                main,
                permutation: Some(permutation),
                quotient_chunks,
                random: None,
            },
            opened_values: self.opened_values(&tables, values),
            opening_proof,
            lookup_terminals: terminals.into_iter().map(LookupTerminal).map(Some).collect(),
            degree_bits,
            lookup_pow_witness,
            ood_pow_witness,
        })
    }

    /// Where the columns of a table are that the key fixes, among all such columns.
    fn preprocessed_place(self, index: usize) -> Option<usize> {
        let preprocessed = self.shared.preprocessed.as_ref()?;
        preprocessed.instances[index].as_ref().map(|place| place.matrix_index)
    }

    /// Sorts opened values by table: they come in the order of [`Commitments::opening_rounds`].
    fn opened_values(
        self,
        tables: &[Table<'_>],
        values: Vec<OpenedValuesForRound<EF>>,
    ) -> BatchOpenedValues<EF> {
        let mut rounds = values.into_iter();
        let mut round = || rounds.next().unwrap_or_default().into_iter();
        let (mut main, mut quotient) = (round(), round());
        let preprocessed = self.shared.preprocessed.as_ref().map(|_| round());
        let preprocessed: Vec<_> = preprocessed.into_iter().flatten().collect();
        let mut buses = round();
        let next = |round: &mut IntoIter<OpenedValuesForMatrix<EF>>| {
            round.next().unwrap_or_default().into_iter()
        };
        let instances = tables.iter().enumerate().map(|(index, table)| {
            let mut bus = next(&mut buses);
            let local = |place: usize| preprocessed[place][0].clone();
            let local = self.preprocessed_place(index).map(local);
            let chunks = 0..1 << table.plan.log_chunks;
            OpenedValuesWithLookups {
                base_opened_values: OpenedValues {
                    trace_local: next(&mut main).next().unwrap_or_default(),
                    trace_next: None,
                    preprocessed: local.map(|local| PreprocessedOpenedValues { local, next: None }),
                    quotient_chunks: chunks.flat_map(|_| next(&mut quotient)).collect(),
                    random: None,
                },
                permutation_local: bus.next().unwrap_or_default(),
                permutation_next: bus.next().unwrap_or_default(),
            }
        });
        BatchOpenedValues { instances: instances.collect() }
    }
}

fn failed(phase: &'static str) -> impl Fn(PcsError) -> StarkError {
    move |source| StarkError::Pcs { phase, source }
}

/// The domain of a table.
fn natural_domain(pcs: &Scheme, height: usize) -> Domain {
    Pcs::<EF, Challenger>::natural_domain_for_degree(pcs, height)
}

/// Commits to the low-degree extensions of tables. Those that are given away are freed one by one.
fn commit(
    pcs: &Scheme,
    tables: impl IntoIterator<Item: Borrow<RowMajorMatrix<F>>>,
    roots: &Roots,
) -> Result<(Commitment<Config>, Committed), PcsError> {
    let extended = tables.into_iter().map(|table| {
        let RowMajorMatrix { values, width, .. } = table.borrow();
        let table = Columns { values, width: *width, order: Order::Natural };
        table.extend(PARAMETERS.log_blowup, F::GENERATOR, roots)
    });
    commit_extended(pcs, extended.collect())
}

/// Commits to tables that are extended to the points of the commitment, in bit-reversed order.
fn commit_extended(
    pcs: &Scheme,
    tables: Vec<RowMajorMatrix<F>>,
) -> Result<(Commitment<Config>, Committed), PcsError> {
    UnivariateStarkPcs::<EF, Challenger>::commit_ldes(pcs, tables)
}

/// Fills the columns of the buses. The tables themselves are not needed after that.
fn fill_buses<'a>(
    pcs: &Scheme,
    instances: Vec<Instance<'a>>,
    challenges: Vec<Vec<EF>>,
) -> (Vec<Table<'a>>, Vec<RowMajorMatrix<F>>) {
    // By this name, reports know where the time goes.
    let _span = debug_span!("generate lookup permutation").entered();
    let parts = instances.into_par_iter().zip(challenges);
    parts
        .map(|(Instance { air, plan, trace, public }, challenges)| {
            let fixed = plan.fixed.as_ref().map_or(&[][..], |fixed| &fixed.values);
            let rows = Rows::new(&trace.values, trace.width, fixed, air.preprocessed_width());
            let buses = BusColumn::all(&plan.messages, &challenges);
            let (columns, terminal) = buses::fill(&buses, rows, &public);
            let domain = natural_domain(pcs, trace.height());
            (Table { air, plan, public, domain, challenges, terminal }, columns)
        })
        .unzip()
}

/// The domain that the quotient of a table is computed on.
fn quotient_domain(table: &Table<'_>) -> Domain {
    table.domain.create_disjoint_domain(table.domain.size() << table.plan.log_chunks)
}

/// What is committed to before the quotient.
struct Commitments<'a> {
    batch: Batch<'a>,
    main: &'a Committed,
    buses: &'a Committed,
}

impl<'a> Commitments<'a> {
    /// The low-degree extensions of all parts of all quotients.
    fn quotient_parts(
        &self,
        tables: &[Table<'_>],
        alpha: EF,
        roots: &Roots,
    ) -> Vec<RowMajorMatrix<F>> {
        let sizes = |table: &Table<'_>| (table.domain.log_size(), table.plan.log_chunks);
        let domains =
            tables.iter().map(|table| (sizes(table), (table.domain, quotient_domain(table))));
        let selectors: BTreeMap<_, _> = domains
            .collect::<BTreeMap<_, _>>()
            .into_par_iter()
            .map(|(sizes, (domain, points))| (sizes, Selectors::new(domain, points)))
            .collect();
        let parts: Vec<Vec<_>> = tables
            .par_iter()
            .enumerate()
            .map(|(index, table)| {
                let values = self.quotient_values(index, table, &selectors[&sizes(table)], alpha);
                let log_chunks = table.plan.log_chunks;
                let len = DEGREE << table.domain.log_size();
                let domains = quotient_domain(table).split_domains(1 << log_chunks);
                // A part is the points of one residue, which lie together in bit-reversed order.
                let parts = domains.into_iter().enumerate().map(|(part, domain)| {
                    let values = &values[len * reverse_bits_len(part, log_chunks)..][..len];
                    let part = Columns { values, width: DEGREE, order: Order::BitReversed };
                    part.extend(PARAMETERS.log_blowup, F::GENERATOR / domain.shift(), roots)
                });
                parts.collect()
            })
            .collect();
        parts.into_iter().flatten().collect()
    }

    /// The values of a table's quotient, in coordinates, in bit-reversed order.
    fn quotient_values(
        &self,
        index: usize,
        table: &Table<'_>,
        selectors: &Selectors,
        alpha: EF,
    ) -> Vec<F> {
        let points = quotient_domain(table);
        let on_points = |data, index| {
            let on_points = UnivariateStarkPcs::<EF, Challenger>::get_evaluations_on_domain;
            on_points(self.batch.config.pcs(), data, index, points).bit_reverse_rows()
        };
        let main = on_points(self.main, index);
        let buses = on_points(self.buses, index);
        let place = self.batch.preprocessed_place(index);
        let data = self.batch.fixed.preprocessed_prover_data.as_ref();
        let fixed = place.zip(data).map(|(place, data)| on_points(data, place));
        let fixed = fixed.as_ref().map(|fixed| (&*fixed.values, fixed.width));
        let (fixed, fixed_width) = fixed.unwrap_or_default();
        let columns = BusColumn::all(&table.plan.messages, &table.challenges);
        let points = Points {
            air: table.air,
            rows: Rows::new(&main.values, main.width, fixed, fixed_width),
            width: main.width,
            buses: &buses.values,
            columns: &columns,
            terminal: table.terminal,
            public: &table.public,
            selectors,
        };
        points.quotient(&table.plan.layout, alpha)
    }

    /// What is opened where. No constraint sees the next row, but for the running sums of buses.
    fn opening_rounds<'b>(
        &self,
        tables: &[Table<'_>],
        quotient: &'b Committed,
        zeta: EF,
    ) -> Vec<OpeningRequest<'b, Committed, EF>>
    where
        'a: 'b,
    {
        let once = |matrices: usize| vec![vec![zeta]; matrices];
        let chunks = tables.iter().map(|table| 1 << table.plan.log_chunks).sum();
        let mut rounds = vec![(self.main, once(tables.len())), (quotient, once(chunks))];
        let Batch { shared, fixed, .. } = self.batch;
        let preprocessed = shared.preprocessed.as_ref();
        let preprocessed = preprocessed.map(|fixed| once(fixed.matrix_to_instance.len()));
        rounds.extend(fixed.preprocessed_prover_data.as_ref().zip(preprocessed));
        let next = |table: &Table<'_>| zeta * table.domain.subgroup_generator();
        let with_next = |table: &Table<'_>| vec![zeta, next(table)];
        rounds.push((self.buses, tables.iter().map(with_next).collect()));
        rounds.into_iter().map(Into::into).collect()
    }
}
