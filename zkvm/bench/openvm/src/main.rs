#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod process;
mod security;

use std::path::PathBuf;
use std::time::Instant;

use eyre::{Context, OptionExt, Result, bail};
use openvm_circuit::arch::ContinuationVmProof;
use openvm_sdk::config::AggregationSystemParams;
use openvm_sdk::keygen::AppVerifyingKey;
use openvm_sdk::prover::verify_app_proof_with_expected_exe_commit;
use openvm_sdk::types::ExecutableFormat;
use openvm_sdk::{CpuSdk, DefaultStarkEngine, SC, StdIn};
use openvm_stark_backend::codec::Encode;
use openvm_stark_backend::p3_field::PrimeField32;
use openvm_stark_sdk::config::{MAX_APP_LOG_STACKED_HEIGHT, app_params_with_100_bits_security};
use serde_json::{Map, Value, json};

const USAGE: &str = "usage: minster-bench-openvm --elf FILE --input FILE [--json]";

fn main() -> Result<()> {
    let started = Instant::now();
    let arguments = Arguments::parse(std::env::args().skip(1))?;
    let elf = std::fs::read(&arguments.elf).wrap_err("--elf")?;
    let input = std::fs::read(&arguments.input).wrap_err("--input")?;
    let run = prove(&elf, &input)?;
    let measured = Measured {
        seconds: started.elapsed().as_secs_f64(),
        cpu_seconds: process::cpu_seconds().ok_or_eyre("the system tells no CPU time")?,
        peak_memory: process::peak_memory_bytes().ok_or_eyre("the system tells no memory")?,
    };
    // Counting runs the program once more, so it comes when the clock has been read.
    let instructions = count(&elf, &input)?;
    let report = Report { proof_bytes: run.proof_bytes()?, run, measured, instructions };
    println!("{}", if arguments.json { report.as_json().to_string() } else { report.as_text() });
    Ok(())
}

struct Arguments {
    elf: PathBuf,
    input: PathBuf,
    json: bool,
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let (mut elf, mut input, mut json) = (None, None, false);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--elf" => elf = words.next().map(PathBuf::from),
                "--input" => input = words.next().map(PathBuf::from),
                "--json" => json = true,
                _ => bail!("{USAGE}"),
            }
        }
        let (Some(elf), Some(input)) = (elf, input) else { bail!("{USAGE}") };
        Ok(Self { elf, input, json })
    }
}

/// A proof that was verified, and what it took.
struct Run {
    proof: ContinuationVmProof<SC>,
    key: AppVerifyingKey,
    verify_seconds: f64,
}

/// The whole process, up to the end of the verification.
struct Measured {
    seconds: f64,
    cpu_seconds: f64,
    peak_memory: u64,
}

/// RV32IM with input and output, and the parameters that OpenVM's own tools take by default.
fn sdk() -> CpuSdk {
    let parameters = app_params_with_100_bits_security(MAX_APP_LOG_STACKED_HEIGHT);
    CpuSdk::riscv32(parameters, AggregationSystemParams::default())
}

fn prove(elf: &[u8], input: &[u8]) -> Result<Run> {
    let sdk = sdk();
    let key = sdk.app_vk();
    let mut prover = sdk.app_prover(ExecutableFormat::from(elf))?;
    let proof = prover.prove(StdIn::from_bytes(input))?;
    let verifying = Instant::now();
    let program = Some(prover.app_exe_commit());
    verify_app_proof_with_expected_exe_commit::<DefaultStarkEngine>(&key, &proof, program)?;
    let verify_seconds = verifying.elapsed().as_secs_f64();
    Ok(Run { proof, key, verify_seconds })
}

fn count(elf: &[u8], input: &[u8]) -> Result<u64> {
    let input = StdIn::from_bytes(input);
    let (_, segments) = sdk().execute_metered(ExecutableFormat::from(elf), input)?;
    Ok(segments.iter().map(|segment| segment.num_insns).sum())
}

impl Run {
    fn proof_bytes(&self) -> Result<usize> {
        let mut bytes = Vec::new();
        for segment in &self.proof.per_segment {
            segment.encode(&mut bytes)?;
        }
        self.proof.user_public_values.encode::<SC, _>(&mut bytes)?;
        Ok(bytes.len())
    }

    /// The public output: a byte in each public value.
    fn output_hex(&self) -> String {
        let values = &self.proof.user_public_values.public_values;
        let digits = values.iter().map(|value| format!("{:02x}", value.as_canonical_u32()));
        format!("0x{}", digits.collect::<String>())
    }
}

/// Everything to print.
struct Report {
    run: Run,
    measured: Measured,
    instructions: u64,
    proof_bytes: usize,
}

impl Report {
    fn instructions_per_cpu_second(&self) -> f64 {
        self.instructions as f64 / self.measured.cpu_seconds
    }

    /// With the names that `minster prove --json` uses, where both have the same thing.
    fn as_json(&self) -> Value {
        let (run, measured) = (&self.run, &self.measured);
        let bits = security::by_source(&run.key).into_iter();
        let bits: Map<String, Value> =
            bits.map(|(name, bits)| (name.into(), bits.into())).collect();
        json!({
            "instructions": self.instructions,
            "segments": run.proof.per_segment.len(),
            "seconds": measured.seconds,
            "cpuSeconds": measured.cpu_seconds,
            "instructionsPerCpuSecond": self.instructions_per_cpu_second(),
            "peakMemoryBytes": measured.peak_memory,
            "proofBytes": self.proof_bytes,
            "provenBits": security::proven_bits(&run.key),
            "bitsBySource": bits,
            "verifySeconds": run.verify_seconds,
            "output": {"hex": run.output_hex()},
        })
    }

    fn as_text(&self) -> String {
        let (run, measured) = (&self.run, &self.measured);
        format!(
            "{} instructions, {} segments: {:.1} s, {:.1} CPU-s, {:.0} instructions \
             per CPU-s, {} MiB at most, {} bytes of proof, {:.1} proven bits, \
             verified in {:.2} s",
            self.instructions,
            run.proof.per_segment.len(),
            measured.seconds,
            measured.cpu_seconds,
            self.instructions_per_cpu_second(),
            measured.peak_memory >> 20,
            self.proof_bytes,
            security::proven_bits(&run.key),
            run.verify_seconds,
        )
    }
}
