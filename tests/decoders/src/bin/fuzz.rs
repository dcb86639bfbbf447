//! libFuzzer's process for the decoder that `MINSTER_DECODER` names, with what that accepts put
//! into the folder `MINSTER_CORPUS` first, and its words into a dictionary beside it. Without a
//! name it prints all names, and ends.
#![no_main]
#![expect(clippy::print_stdout, reason = "the answer of a program")]

use std::{env, fs, path::PathBuf, process, sync::LazyLock};

use libfuzzer_sys::fuzz_target;
use minster_decoders::{DECODERS, Decoder, Examples};

static DECODER: LazyLock<(&Decoder, Examples)> = LazyLock::new(|| {
    let Ok(name) = env::var("MINSTER_DECODER") else {
        DECODERS.iter().for_each(|decoder| println!("{}", decoder.name));
        process::exit(0);
    };
    (Decoder::named(&name).expect("a decoder of this name"), Examples::new())
});

fn write_examples() {
    let (decoder, examples) = &*DECODER;
    let Some(folder) = env::var_os("MINSTER_CORPUS").map(PathBuf::from) else { return };
    let known = decoder.examples(examples).into_iter().chain(decoder.near_misses());
    for (index, bytes) in known.enumerate() {
        fs::write(folder.join(format!("example-{index}")), bytes).expect("a file in the corpus");
    }
    // libFuzzer takes no dictionary that is empty.
    let mut dictionary = "# words\n".to_owned();
    for token in decoder.tokens() {
        let bytes: String = token.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
        dictionary.push_str(&format!("\"{bytes}\"\n"));
    }
    fs::write(folder.with_extension("dict"), dictionary).expect("a dictionary");
}

fuzz_target!(init: write_examples(), |bytes: &[u8]| {
    let (decoder, examples) = &*DECODER;
    decoder.check(examples, bytes);
});
