//! Puts the folder of `link.ld` on the search path of the linker, for every program above.
//!
//! Only a program can choose its linker script, with `-C link-arg=-Tlink.ld`; a library can only
//! say where it lies.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=link.ld");
    let guest = std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "none");
    if let (true, Ok(folder)) = (guest, std::env::var("CARGO_MANIFEST_DIR")) {
        println!("cargo::rustc-link-search=native={folder}");
    }
}
