use super::*;

#[test]
fn text_and_record_are_one() {
    let programs = [("sort", b"".to_vec()), ("json", b"abc".to_vec())];
    let programs = programs.map(|(name, bytes)| (name.to_owned(), bytes)).into();
    let record = Record::new(["rustc 1 (x = y)".to_owned(), "LLD 2".to_owned()], &programs);
    let text = "\
        # Made by `cargo xtask guests`.\n\
        compiler = \"rustc 1 (x = y)\"\n\
        linker = \"LLD 2\"\n\
        \n\
        [sha256]\n\
        json = \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"\n\
        sort = \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"\n";
    assert_eq!(record.text(), text);
    assert_eq!(Record::parse(text).unwrap(), record);
}

#[test]
fn other_lines_are_refused() {
    assert!(Record::parse("compiler\n").is_err());
    assert!(Record::parse("assembler = \"3\"\n").is_err());
}
