use super::{LAYERS, Tier};

#[test]
fn arrows_point_to_earlier_rows_only() {
    for (index, layer) in LAYERS.iter().enumerate() {
        for later in LAYERS.iter().skip(index) {
            assert!(!layer.may_need(later.folder), "{} needs {}", layer.folder, later.folder);
        }
    }
}

#[test]
fn the_protocol_stands_on_nothing_but_itself() {
    for layer in LAYERS.iter().filter(|layer| layer.folder.starts_with("protocol/")) {
        assert_eq!(layer.tier, Tier::Proved);
        assert!(layer.below.iter().all(|folder| folder.starts_with("protocol/")));
    }
}

#[test]
fn nothing_stands_on_tests_or_tools() {
    for layer in LAYERS {
        assert!(!layer.may_need("tests") && !layer.may_need("xtask"), "{}", layer.folder);
    }
}

#[test]
fn a_star_stands_for_the_rest_of_the_path() {
    let binary = super::find("bin/minster");
    assert!(binary.is_some_and(|binary| binary.may_need("node/rpc")));
    assert!(binary.is_some_and(|binary| !binary.may_need("tests")));
}
