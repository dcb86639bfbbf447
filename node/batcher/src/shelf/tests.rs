use super::*;

#[test]
fn the_oldest_proofs_go_first_and_the_last_one_stays() {
    let mut shelf = Shelf::new(0, 10);
    shelf.add(1, 4);
    shelf.add(2, 4);
    assert_eq!(shelf.surplus(3), None);
    shelf.add(4, 4);
    assert_eq!(shelf.surplus(3), Some(1));
    shelf.remove(1);
    assert_eq!((shelf.removed_through(), shelf.surplus(3)), (1, None));
    shelf.add(4, 100);
    assert_eq!(shelf.surplus(3), Some(2));
    shelf.remove(2);
    assert_eq!(shelf.surplus(3), None);
    // Batch 3 has no proof, so what is known of batch 4 is its file.
    shelf.add(5, 1);
    assert_eq!(shelf.surplus(3), None);
    assert_eq!(shelf.surplus(6), Some(4));
}
