//! Line 21: the shape of a proof.

use minster_machine::F;
use minster_machine::config::StarkProof;
use minster_machine::shape::SHAPES;
use minster_verifier::VerifyError;
use p3_field::PrimeCharacteristicRing;

use crate::support::{Score, proven_doubling, shorten, table};

fn edited(edit: impl FnOnce(&mut StarkProof)) -> Result<(), VerifyError> {
    proven_doubling().edited_stark(edit)
}

/// Heights of 0, of 1, beyond every limit, of other shapes, in another order; more or fewer tables.
#[test]
fn line_21_heights() {
    let mut score = Score::new("line 21, heights");
    let shape = |error: &VerifyError| matches!(error, VerifyError::Shape { segment: 0 });
    let values =
        [0, 1, 2, 3, 4, 20, 24, 25, 26, 27, 31, 32, 63, 64, 65, 1 << 20, 1 << 32, usize::MAX];
    for index in 0..=table::COMPRESSION {
        for value in values {
            let proven = proven_doubling();
            let honest = proven.run.key().log_heights(&SHAPES[0])[index].expect("open");
            if value != usize::from(honest) {
                let edit = || edited(|p| p.degree_bits[index] = value);
                score.refused_because("a height", shape, edit);
            }
        }
    }
    score.refused_because("no heights", shape, || edited(|p| p.degree_bits.clear()));
    score.refused_because("a height fewer", shape, || edited(|p| shorten(&mut p.degree_bits)));
    score.refused_because("a height more", shape, || edited(|p| p.degree_bits.push(4)));
    score.refused_because("heights reversed", shape, || edited(|p| p.degree_bits.reverse()));
    score.end();
}

/// Another shape's number, with its heights or without; a number that is no shape's.
#[test]
fn line_21_shapes() {
    let mut score = Score::new("line 21, shapes");
    let is_shape = |error: &VerifyError| matches!(error, VerifyError::Shape { segment: 0 });
    let proven = proven_doubling();
    for shape in 1..=u8::MAX {
        let renamed = || proven.edited(|proof| proof.shape = shape);
        score.refused_because("another number", is_shape, renamed);
        let Some(heights) = SHAPES.get(usize::from(shape)) else { continue };
        let heights = proven.run.key().log_heights(heights).into_iter().flatten();
        let heights: Vec<usize> = heights.map(usize::from).collect();
        score.refused("with its heights", || {
            proven.edited(|proof| {
                proof.shape = shape;
                proof.stark.degree_bits = heights.clone();
            })
        });
        score.refused_because("its heights alone", is_shape, || {
            proven.edited(|proof| proof.stark.degree_bits = heights.clone())
        });
    }
    score.end();
}

/// Openings missing, superfluous, or of another table, at every level of the structure.
#[test]
fn line_21_openings() {
    let mut score = Score::new("line 21, openings");
    score.refused("no tables", || edited(|p| p.opened_values.instances.clear()));
    score.refused("a table fewer", || edited(|p| shorten(&mut p.opened_values.instances)));
    score.refused("a table fewer at the start", || {
        edited(|p| drop(p.opened_values.instances.remove(0)))
    });
    score.refused("a table more", || {
        edited(|p| {
            let twin = proven_twin();
            p.opened_values
                .instances
                .push(twin.opened_values.instances.into_iter().next().unwrap());
        })
    });
    score.refused("tables exchanged", || edited(|p| p.opened_values.instances.swap(0, 18)));
    for index in 0..=table::COMPRESSION {
        macro_rules! shaped {
            ($score:expr, $name:expr, |$values:ident| $edit:expr) => {
                $score.refused($name, || {
                    edited(|p| {
                        let $values = &mut p.opened_values.instances[index];
                        $edit;
                    })
                })
            };
        }
        shaped!(score, "a column fewer", |v| shorten(&mut v.base_opened_values.trace_local));
        shaped!(score, "a column more", |v| {
            let twin = v.base_opened_values.trace_local[0];
            v.base_opened_values.trace_local.push(twin);
        });
        shaped!(score, "no columns", |v| v.base_opened_values.trace_local.clear());
        shaped!(score, "a next row", |v| {
            v.base_opened_values.trace_next = Some(v.base_opened_values.trace_local.clone());
        });
        shaped!(score, "an empty next row", |v| v.base_opened_values.trace_next = Some(vec![]));
        shaped!(score, "randomness", |v| {
            v.base_opened_values.random = Some(v.base_opened_values.trace_local.clone());
        });
        shaped!(score, "no permutation", |v| v.permutation_local.clear());
        shaped!(score, "no next permutation", |v| v.permutation_next.clear());
        shaped!(score, "less permutation", |v| shorten(&mut v.permutation_local));
        shaped!(score, "no quotient", |v| v.base_opened_values.quotient_chunks.clear());
        shaped!(score, "an empty chunk", |v| v.base_opened_values.quotient_chunks[0].clear());
        shaped!(score, "a chunk fewer", |v| shorten(&mut v.base_opened_values.quotient_chunks));
        shaped!(score, "a chunk more", |v| {
            let twin = v.base_opened_values.quotient_chunks[0].clone();
            v.base_opened_values.quotient_chunks.push(twin);
        });
        shaped!(score, "preprocessed or not", |v| {
            let other = proven_twin().opened_values.instances.into_iter();
            let mut others = other.map(|values| values.base_opened_values.preprocessed);
            let values = &mut v.base_opened_values;
            values.preprocessed = match values.preprocessed {
                Some(_) => None,
                None => others.next().flatten(),
            };
        });
    }
    score.end();
}

fn proven_twin() -> StarkProof {
    minster_verifier::SegmentProof::decode(&proven_doubling().parts[0]).expect("a proof").stark
}

/// Commitments with another number of digests, in every place.
#[test]
fn line_21_caps() {
    let mut score = Score::new("line 21, caps");
    for height in [0, 1, 2, 4, 10] {
        let cap = || vec![[F::ONE; 8]; 1 << height];
        score.refused("main", || edited(|p| p.commitments.main = cap().into()));
        score.refused("quotient", || edited(|p| p.commitments.quotient_chunks = cap().into()));
        score.refused("permutation", || edited(|p| p.commitments.permutation = Some(cap().into())));
        score.refused("random", || edited(|p| p.commitments.random = Some(cap().into())));
        score.refused("folding", || {
            edited(|p| p.opening_proof.commit_phase_commits[0] = cap().into())
        });
        score.refused("last folding", || {
            edited(|p| *p.opening_proof.commit_phase_commits.last_mut().unwrap() = cap().into())
        });
    }
    score.end();
}

/// Empty lists, and lists of other lengths, in every place of the low-degree test.
#[test]
fn line_21_queries() {
    let mut score = Score::new("line 21, queries");
    macro_rules! opening {
        ($name:expr, |$opening:ident| $edit:expr) => {
            score.refused($name, || {
                edited(|p| {
                    let $opening = &mut p.opening_proof;
                    $edit;
                })
            })
        };
    }
    opening!("no inputs", |o| o.input_openings.clear());
    opening!("an input fewer", |o| shorten(&mut o.input_openings));
    opening!("an input more", |o| o.input_openings.push(o.input_openings[0].clone()));
    opening!("inputs exchanged", |o| o.input_openings.swap(0, 1));
    opening!("no foldings", |o| o.commit_phase_openings.clear());
    opening!("a folding fewer", |o| shorten(&mut o.commit_phase_openings));
    opening!("foldings exchanged", |o| o.commit_phase_openings.swap(0, 1));
    opening!("no nonces", |o| o.commit_pow_witnesses.clear());
    opening!("no commitments", |o| o.commit_phase_commits.clear());
    opening!("nothing folded", |o| {
        o.commit_phase_commits.clear();
        o.commit_phase_openings.clear();
        o.commit_pow_witnesses.clear();
    });
    opening!("a long final polynomial", |o| o.final_poly.resize(1 << 16, o.final_poly[0]));
    for batch in 0..4 {
        opening!("no queries", |o| o.input_openings[batch].opened_values.clear());
        opening!("an empty query", |o| o.input_openings[batch].opened_values[0].clear());
        opening!("empty queries", |o| {
            o.input_openings[batch].opened_values.iter_mut().for_each(Vec::clear);
        });
        opening!("a matrix fewer", |o| {
            shorten(&mut o.input_openings[batch].opened_values[3]);
        });
        opening!("a matrix fewer in all", |o| {
            for query in &mut o.input_openings[batch].opened_values {
                query.pop();
            }
        });
        opening!("a matrix more", |o| {
            o.input_openings[batch].opened_values[3].push(vec![F::ONE]);
        });
        opening!("an empty row", |o| o.input_openings[batch].opened_values[3][0].clear());
        opening!("a cell fewer", |o| {
            shorten(&mut o.input_openings[batch].opened_values[3][0]);
        });
        opening!("a cell more", |o| {
            o.input_openings[batch].opened_values[3][0].push(F::ZERO);
        });
        opening!("queries reversed", |o| o.input_openings[batch].opened_values.reverse());
    }
    opening!("no siblings", |o| o.commit_phase_openings[0].sibling_values.clear());
    opening!("empty siblings", |o| {
        o.commit_phase_openings[0].sibling_values.iter_mut().for_each(Vec::clear);
    });
    opening!("siblings reversed", |o| o.commit_phase_openings[0].sibling_values.reverse());
    score.end();
}
