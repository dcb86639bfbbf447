//! Lines 16, 19 and 20: everything that the transcript absorbs, and the low-degree test.
//!
//! | absorbed | attack |
//! | --- | --- |
//! | digest of the key | `line_19_key`, and the programs of line 18 |
//! | instances, heights, widths | `shape` |
//! | public values | `line_18_public_values` |
//! | main commitment, preprocessed commitment | `line_19_commitments`, `line_17_fixed_tables` |
//! | grinding before the buses' challenges | `line_19_grinding` |
//! | permutation commitment, terminals | `line_16_commitments_and_terminals` |
//! | quotient commitment, grinding, point | `line_19_commitments`, `line_19_grinding` |
//! | openings | `line_19_openings` |
//! | FRI: commitments, grinding, final polynomial, queries | `line_20_low_degree_test` |

use minster_machine::config::StarkProof;
use minster_machine::{EF, F};
use minster_verifier::{SegmentProof, VerifyError};
use p3_field::PrimeCharacteristicRing;

use crate::support::{Proven, Score, proven_chains, proven_doubling, shorten, table};

fn edited(edit: impl FnOnce(&mut StarkProof)) -> Result<(), VerifyError> {
    proven_doubling().edited_stark(edit)
}

/// Adds 1 to an element of a digest of a commitment.
macro_rules! bump {
    ($commitment:expr, $root:expr, $element:expr) => {{
        let mut roots = $commitment.roots().to_vec();
        roots[$root][$element] += F::ONE;
        $commitment = roots.into();
    }};
}

/// Every digest of the three commitments changed, or exchanged with another; a commitment that no
/// table has.
#[test]
fn line_19_commitments() {
    let mut score = Score::new("line 19, commitments");
    for root in 0..8 {
        let element = root % 8;
        score.refused("main", || edited(|p| bump!(p.commitments.main, root, element)));
        score.refused("quotient", || {
            edited(|p| bump!(p.commitments.quotient_chunks, root, element))
        });
        score.refused("folding", || {
            edited(|p| bump!(p.opening_proof.commit_phase_commits[0], root, element))
        });
    }
    let reversed = |p: &mut StarkProof| {
        let roots: Vec<[F; 8]> = p.commitments.main.roots().iter().rev().copied().collect();
        p.commitments.main = roots.into();
    };
    score.refused("main reversed", || edited(reversed));
    score.refused("main and quotient exchanged", || {
        edited(|p| {
            std::mem::swap(&mut p.commitments.main, &mut p.commitments.quotient_chunks);
        })
    });
    score.refused("a commitment of randomness", || {
        edited(|p| p.commitments.random = Some(p.commitments.main.clone()))
    });
    score.end();
}

/// The permutation commitment and the terminals, which the later challenges depend on: changed,
/// missing, moved, and moved such that their sum stays.
#[test]
fn line_16_commitments_and_terminals() {
    let mut score = Score::new("line 16");
    let permuted = |root: usize| {
        move |p: &mut StarkProof| {
            let mut roots = p.commitments.permutation.take().expect("buses").roots().to_vec();
            roots[root][0] += F::ONE;
            p.commitments.permutation = Some(roots.into());
        }
    };
    for root in 0..8 {
        score.refused("permutation", || edited(permuted(root)));
    }
    score.refused("no permutation", || edited(|p| p.commitments.permutation = None));
    let tables = table::COMPRESSION + 1;
    for index in 0..tables {
        let add = |index: usize, value: EF| {
            move |p: &mut StarkProof| {
                p.lookup_terminals[index].as_mut().expect("every table has buses").0 += value;
            }
        };
        score.refused("a terminal", || edited(add(index, EF::ONE)));
        score.refused("two terminals, the sum kept", || {
            edited(|p| {
                add(index, EF::ONE)(p);
                add((index + 1) % tables, EF::NEG_ONE)(p);
            })
        });
        score.refused("a terminal missing", || edited(|p| p.lookup_terminals[index] = None));
        if index > 0 {
            score.refused("terminals exchanged", || edited(|p| p.lookup_terminals.swap(0, index)));
        }
    }
    score.refused("no terminals", || edited(|p| p.lookup_terminals.clear()));
    score.refused("a terminal fewer", || edited(|p| shorten(&mut p.lookup_terminals)));
    score.refused("a terminal more", || {
        edited(|p| {
            let last = p.lookup_terminals[0];
            p.lookup_terminals.push(last);
        })
    });
    score.end();
}

/// Every grinding nonce changed, or left out, or set to 0.
#[test]
fn line_19_grinding() {
    let mut score = Score::new("line 19, grinding");
    score.refused("buses", || edited(|p| *p.lookup_pow_witness.as_mut().unwrap() += F::ONE));
    score.refused("no nonce", || edited(|p| p.lookup_pow_witness = None));
    score.refused("point", || edited(|p| p.ood_pow_witness += F::ONE));
    score.refused("batching", || edited(|p| p.opening_proof.batch_pow_witness += F::ONE));
    score.refused("queries", || edited(|p| p.opening_proof.query_pow_witness += F::ONE));
    let rounds = folding_rounds();
    for round in 0..rounds {
        score.refused("folding", || {
            edited(|p| p.opening_proof.commit_pow_witnesses[round] += F::ONE)
        });
    }
    score.refused("0 for the queries", || edited(|p| p.opening_proof.query_pow_witness = F::ZERO));
    score.refused("0 for the point", || edited(|p| p.ood_pow_witness = F::ZERO));
    score.refused("a nonce fewer", || {
        edited(|p| shorten(&mut p.opening_proof.commit_pow_witnesses))
    });
    score
        .refused("a nonce more", || edited(|p| p.opening_proof.commit_pow_witnesses.push(F::ZERO)));
    score.end();
}

fn folding_rounds() -> usize {
    let proof = SegmentProof::decode(&proven_doubling().parts[0]).expect("a proof");
    proof.stark.opening_proof.commit_phase_commits.len()
}

/// Every opening of every table changed: main, preprocessed, permutation, quotient.
#[test]
fn line_19_openings() {
    let mut score = Score::new("line 19, openings");
    for index in 0..=table::COMPRESSION {
        score.refused("main", || {
            edited(|p| {
                let values = &mut p.opened_values.instances[index].base_opened_values;
                *values.trace_local.last_mut().expect("columns") += EF::ONE;
            })
        });
        score.refused("permutation", || {
            edited(|p| p.opened_values.instances[index].permutation_local[0] += EF::ONE)
        });
        score.refused("next permutation", || {
            edited(|p| p.opened_values.instances[index].permutation_next[0] += EF::ONE)
        });
        score.refused("quotient", || {
            edited(|p| {
                let values = &mut p.opened_values.instances[index].base_opened_values;
                values.quotient_chunks[1][0] += EF::ONE;
            })
        });
        if index <= table::SEGMENT {
            score.refused("preprocessed", || {
                edited(|p| {
                    let values = &mut p.opened_values.instances[index].base_opened_values;
                    values.preprocessed.as_mut().expect("fixed columns").local[0] += EF::ONE;
                })
            });
        }
    }
    score.end();
}

/// The low-degree test: another final polynomial, one of too high degree, queries left out,
/// repeated, or exchanged, siblings and paths changed, cut or lengthened, rounds left out.
#[test]
fn line_20_low_degree_test() {
    let mut score = Score::new("line 20");
    score.refused("final polynomial", || edited(|p| p.opening_proof.final_poly[0] += EF::ONE));
    score.refused("a higher degree", || edited(|p| p.opening_proof.final_poly.push(EF::ONE)));
    score.refused("a leading 0", || edited(|p| p.opening_proof.final_poly.push(EF::ZERO)));
    score.refused("a lower degree", || edited(|p| shorten(&mut p.opening_proof.final_poly)));
    score.refused("no final polynomial", || edited(|p| p.opening_proof.final_poly.clear()));
    for batch in 0..4 {
        score.refused("a query fewer", || {
            edited(|p| shorten(&mut p.opening_proof.input_openings[batch].opened_values))
        });
        score.refused("a query repeated", || {
            edited(|p| {
                let queries = &mut p.opening_proof.input_openings[batch].opened_values;
                queries[1] = queries[0].clone();
            })
        });
        score.refused("a query more", || {
            edited(|p| {
                let queries = &mut p.opening_proof.input_openings[batch].opened_values;
                queries.push(queries[0].clone());
            })
        });
        score.refused("an opened value", || {
            edited(|p| {
                p.opening_proof.input_openings[batch].opened_values[7][0][0] += F::ONE;
            })
        });
        paths(&mut score, batch);
    }
    for round in 0..folding_rounds() {
        rounds(&mut score, round);
    }
    score.refused("a round fewer", || {
        edited(|p| shorten(&mut p.opening_proof.commit_phase_commits))
    });
    score.refused("a whole round fewer", || {
        edited(|p| {
            p.opening_proof.commit_phase_commits.pop();
            p.opening_proof.commit_pow_witnesses.pop();
            p.opening_proof.commit_phase_openings.pop();
        })
    });
    score.refused("a whole round more", || {
        edited(|p| {
            let opening = &mut p.opening_proof;
            opening.commit_phase_commits.push(opening.commit_phase_commits[0].clone());
            opening.commit_pow_witnesses.push(F::ZERO);
            opening.commit_phase_openings.push(opening.commit_phase_openings[0].clone());
        })
    });
    score.end();
}

fn paths(score: &mut Score, batch: usize) {
    macro_rules! hashes {
        ($p:expr) => {
            $p.opening_proof.input_openings[batch].opening_proof.sibling_hashes
        };
    }
    score.refused("a sibling", || edited(|p| hashes!(p)[0][0] += F::ONE));
    score.refused("a path cut", || edited(|p| shorten(&mut hashes!(p))));
    score.refused("a path longer", || edited(|p| hashes!(p).push([F::ZERO; 8])));
    score.refused("a path without siblings", || edited(|p| hashes!(p).clear()));
    score.refused("two siblings exchanged", || edited(|p| hashes!(p).swap(0, 1)));
}

fn rounds(score: &mut Score, round: usize) {
    macro_rules! opening {
        ($p:expr) => {
            $p.opening_proof.commit_phase_openings[round]
        };
    }
    score.refused("a sibling value", || edited(|p| opening!(p).sibling_values[0][0] += EF::ONE));
    score.refused("a query fewer", || edited(|p| shorten(&mut opening!(p).sibling_values)));
    score.refused("a smaller arity", || edited(|p| shorten(&mut opening!(p).sibling_values[0])));
    score.refused("a larger arity", || {
        edited(|p| opening!(p).sibling_values.iter_mut().for_each(|v| v.push(EF::ONE)))
    });
    score.refused("no siblings", || {
        edited(|p| opening!(p).sibling_values.iter_mut().for_each(Vec::clear))
    });
    // Where the queries cover the whole tree, there is nothing to cut.
    let honest = SegmentProof::decode(&proven_doubling().parts[0]).expect("a proof").stark;
    if !opening!(honest).opening_proof.sibling_hashes.is_empty() {
        score.refused("a path cut", || {
            edited(|p| shorten(&mut opening!(p).opening_proof.sibling_hashes))
        });
    }
    score.refused("a path longer", || {
        edited(|p| opening!(p).opening_proof.sibling_hashes.push([F::ONE; 8]))
    });
}

/// Every part of a proof taken from that of another segment with the same key and shape.
#[test]
fn line_22_parts_of_another_proof() {
    let mut score = Score::new("line 22");
    let [first, second]: &[Proven; 2] = proven_chains();
    for other in [&first.parts[1], &first.parts[2], &second.parts[0]] {
        let other = || SegmentProof::decode(other).expect("a proof").stark;
        score.refused("openings", || {
            first.edited_stark(|p| p.opened_values = other().opened_values)
        });
        score
            .refused("commitments", || first.edited_stark(|p| p.commitments = other().commitments));
        score.refused("low-degree test", || {
            first.edited_stark(|p| p.opening_proof = other().opening_proof)
        });
        score.refused("terminals", || {
            first.edited_stark(|p| p.lookup_terminals = other().lookup_terminals)
        });
        score.refused("all of the proof", || first.edited_stark(|p| *p = other()));
        score.refused("one table's openings", || {
            first.edited_stark(|p| {
                p.opened_values.instances.swap(0, 1);
                p.opened_values.instances[0] = other().opened_values.instances.swap_remove(0);
            })
        });
    }
    score.end();
}

/// A proof whose transcript began with another digest than the key's, or with none.
#[test]
fn line_19_key() {
    let mut score = Score::new("line 19, key");
    let run = &proven_doubling().run;
    let mut digest = *run.key().digest();
    digest[7] += F::ONE;
    for seed in [&digest[..], &[], &run.key().digest()[..7]] {
        let proof = run.prove_under(seed, run.key().chips());
        score.refused("on its own", || run.key().verify_segment(0, &proof));
        let part = proof.encode().expect("an encoding");
        score.refused("as a run", || run.verify(&run.output, &[part]));
    }
    let honest = run.prove_under(run.key().digest(), run.key().chips());
    run.key().verify_segment(0, &honest).expect("the key's own digest");
    score.end();
}
