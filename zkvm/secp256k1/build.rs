//! Writes the table of multiples of the generator: 32 KiB that nobody should have to read. A test
//! of the crate holds it against libsecp256k1.

use std::{env, error::Error, fmt::Write, fs, path::Path};

use minster_precompiles::{Block, Refusal, secp256k1};

type Point = [Block; 2];

/// The generator of SEC 2 with y replaced by p - y, lowest word first.
const MINUS_GENERATOR: Point = [
    [
        0x16f8_1798,
        0x59f2_815b,
        0x2dce_28d9,
        0x029b_fcdb,
        0xce87_0b07,
        0x55a0_6295,
        0xf9dc_bbac,
        0x79be_667e,
    ],
    [
        0x04ef_2777,
        0x63b8_2f6f,
        0x597a_abe6,
        0x02e8_4bb7,
        0xf1ee_f757,
        0xa25b_0403,
        0xd95c_3b9a,
        0xb7c5_2588,
    ],
];

fn add(p: &Point, q: &Point) -> Result<Point, Refusal> {
    secp256k1::add([&p[0], &p[1]], [&q[0], &q[1]])
}

fn double(p: &Point) -> Result<Point, Refusal> {
    secp256k1::double([&p[0], &p[1]])
}

/// The multiples by 0 to 255. There is no affine point for the first, and nobody asks for it.
fn multiples(base: &Point) -> Result<Vec<Point>, Refusal> {
    let mut multiples = vec![Point::default(), *base, double(base)?];
    while let (Some(last), true) = (multiples.last(), multiples.len() < 256) {
        multiples.push(add(last, base)?);
    }
    Ok(multiples)
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let mut high = MINUS_GENERATOR;
    for _ in 0..128 {
        high = double(&high)?;
    }
    let tables = [multiples(&MINUS_GENERATOR)?, multiples(&high)?];
    let mut text = String::new();
    writeln!(text, "{tables:?}")?;
    let folder = env::var_os("OUT_DIR").ok_or("no OUT_DIR")?;
    fs::write(Path::new(&folder).join("multiples.rs"), text)?;
    Ok(())
}
