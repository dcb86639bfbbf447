//! `minster prove-batch`: the process in which a node proves one batch. What it reads and writes
//! stands in the README of `node/prover-queue`.

use std::io::{Read, Write};

use eyre::{WrapErr, bail, ensure};
use minster_prover::{Progress as Step, Prover, RunOptions};
use minster_prover_queue::Progress;
use minster_riscv::Program;

use crate::{
    cli::ProveBatch,
    zkvm::{INPUT_SIZE_MAX, io_of},
};

/// Exit code when the node is gone.
const ORPHANED: i32 = 75;

/// Priority of the process, of those that there are the lowest.
#[cfg(unix)]
const NICE: i32 = 19;

/// Proves the batch on standard input, with the proof on standard output.
pub fn run(arguments: ProveBatch) -> eyre::Result<()> {
    // Before any other thread is there: each has its own priority on Linux.
    #[cfg(unix)]
    rustix::process::nice(NICE).wrap_err("lower the priority")?;
    offer_to_the_oom_killer();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(arguments.threads.get());
    pool.build_global().wrap_err("start the threads of the prover")?;
    let input = read_input(&mut std::io::stdin()).wrap_err("read the input")?;
    std::thread::Builder::new().name("lifeline".into()).spawn(hold_lifeline)?;

    let program = Program::from_elf(minster_batch_guest::ELF)?;
    let mut cycles_executed = Vec::new();
    let cycles_total = rehearse(&program, &input)?;
    report(0, cycles_total);
    let prover = Prover::new(program)?;
    // The node verifies the proof before it counts.
    let options = RunOptions { cycles_max: cycles_total, verify: false, ..RunOptions::default() };
    let mut proof = std::io::stdout();
    prover.prove_into(io_of(input, None), options, &mut proof, |step| match step {
        Step::Executed { cycles, .. } => cycles_executed.push(cycles),
        Step::Proven { segment, .. } => {
            let segment = usize::try_from(segment).unwrap_or(usize::MAX);
            report(cycles_executed.get(segment).copied().unwrap_or_default(), cycles_total);
        }
    })?;
    proof.flush().wrap_err("write the proof")
}

/// When memory ends, it is this process that goes, and not the node.
fn offer_to_the_oom_killer() {
    // Only Linux has it; elsewhere there is nothing to ask for.
    #[cfg(target_os = "linux")]
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
}

fn read_input(source: &mut impl Read) -> eyre::Result<Vec<u8>> {
    let mut length = [0; 8];
    source.read_exact(&mut length)?;
    let length = usize::try_from(u64::from_le_bytes(length)).unwrap_or(usize::MAX);
    ensure!(length <= INPUT_SIZE_MAX, "{length} bytes are more than {INPUT_SIZE_MAX}");
    let mut input = vec![0; length];
    source.read_exact(&mut input)?;
    Ok(input)
}

/// Standard input says nothing more; when it ends, the node has ended.
fn hold_lifeline() {
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    std::process::exit(ORPHANED);
}

/// Runs the guest without a proof: refusals show at once, and the length of the run is known. There
/// is no limit: the node has run the batch natively, so the guest ends.
fn rehearse(program: &Program, input: &[u8]) -> eyre::Result<u64> {
    let io = io_of(input.to_vec(), None);
    let outcome = minster_emulator::run(program, io, u64::MAX)?;
    if outcome.exit_code != 0 {
        let text = String::from_utf8_lossy(&outcome.text);
        let said = text.lines().last().unwrap_or_default();
        bail!("the guest refuses the batch with exit code {}: {said}", outcome.exit_code);
    }
    Ok(outcome.cycles)
}

fn report(cycles: u64, cycles_total: u64) {
    if let Ok(line) = serde_json::to_string(&Progress { cycles, cycles_total }) {
        // Who does not listen learns it from the proof.
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}
