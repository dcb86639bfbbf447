//! Batches that do not follow each other.

use super::*;

/// Three batches, and one of a fork after the first.
fn four() -> (Chain, [BatchInput; 4]) {
    let start = Chain::new();
    let mut chain = start.clone();
    let first = chain.extend(story(&chain));
    let fork =
        chain.clone().extend(vec![chain.block(0, vec![Written::pay(4, 0, rich(6)).signed()])]);
    let second = chain.extend(vec![chain.block(0, vec![Written::pay(5, 0, rich(6)).signed()])]);
    let third = chain.extend(vec![chain.block(0, vec![Written::pay(4, 0, rich(6)).signed()])]);
    (start, [first, second, third, fork])
}

/// Of all lists of up to three, the ones that follow each other, and no other.
#[test]
fn only_what_follows_is_a_range() {
    let (start, batches) = four();
    let follow: [&[usize]; 4] = [&[0], &[0, 1], &[0, 1, 2], &[0, 3]];
    let mut claims = Vec::new();
    let lists = (0..4_usize.pow(3) + 4_usize.pow(2) + 4).map(|number| match number {
        0..4 => vec![number],
        4..20 => vec![(number - 4) / 4, number % 4],
        _ => vec![(number - 20) / 16, (number - 20) / 4 % 4, number % 4],
    });
    for list in lists {
        let input = start.input(list.iter().map(|index| batches[*index].clone()).collect());
        match run(&input) {
            Ok(claim) => {
                assert!(follow.contains(&&list[..]), "{list:?}");
                claims.push(claim.after);
            }
            Err(BatchError::Witness(WitnessError::RootMismatch { .. })) => {
                assert!(!follow.contains(&&list[..]), "{list:?}");
            }
            Err(error) => panic!("{list:?}: {error:?}"),
        }
    }
    claims.sort();
    claims.dedup();
    assert_eq!(claims.len(), follow.len());
}

/// The claim of a part is no claim of the whole, and a seam is a commitment.
#[test]
fn a_part_is_not_the_whole() {
    let (start, [first, second, ..]) = four();
    let whole = run(&start.input(vec![first.clone(), second.clone()])).unwrap();
    let part = run(&start.input(vec![first])).unwrap();
    assert_eq!(part.before, whole.before);
    assert_ne!(part.after, whole.after);
    // The second batch from the first's parent.
    assert!(matches!(
        refused(&start.input(vec![second])),
        BatchError::Witness(WitnessError::RootMismatch { .. })
    ));
}

/// Two batches between equal states: the same block can follow both, but the claims differ, because
/// the block before it does.
#[test]
fn equal_states_are_not_equal_parents() {
    let start = Chain::new();
    let mut chain = start.clone();
    let first = chain.extend(vec![chain.block(0, vec![])]);
    let witness = first.witness.clone();
    let mut again = chain.clone();
    let second = again.extend(vec![chain.block(0, vec![])]);
    assert_ne!(witness, second.witness);
    assert!(run(&start.input(vec![first.clone(), second.clone()])).is_ok());
    assert!(run(&start.input(vec![second])).is_err());
    assert!(run(&chain.input(vec![first])).is_err());
}
