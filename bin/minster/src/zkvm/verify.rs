//! `minster verify`: whether a proof shows what it should.

use std::{fmt::Write, path::Path, time::Instant};

use eyre::{Report as Failure, eyre};
use minster_prover::security::proven_security;
use minster_prover_queue::{Checked, ProofError, check_proof, check_proof_head};
use minster_riscv::Program;
use minster_verifier::{DecodeError, VerifyError, VerifyingKey};
use serde_json::{Value, json};

use crate::{
    cli::{self, Verify},
    zkvm::{
        batch_proof::{Claim, Described, Node},
        files, program,
        text::{self, Report, grouped_size, output_lines},
    },
};

/// Checks a proof and reports what it shows.
pub fn run(arguments: Verify) -> eyre::Result<()> {
    let Verify { elf, node, trust, proof: path, output, json, quiet, .. } = arguments;
    if elf.as_deref().is_some_and(files::is_standard) && files::is_standard(&path) {
        cli::refuse("only one of --elf and the proof can be standard input");
    }
    let report = Report::new(json, quiet, output.as_deref());
    let program = match &elf {
        Some(elf) => program::load(elf)?,
        None => Program::from_elf(minster_batch_guest::ELF)?,
    };
    let (mut source, described) = match &node {
        None => (files::open("proof", &path)?, None),
        Some(url) => {
            let number = batch_number(&path);
            let node = Node::new(url, &trust)?;
            let described = node.describe(number)?;
            (node.proof(number)?, Some(described))
        }
    };
    // Before the key, which takes longer: most files that are no proofs are refused here.
    check_proof_head(&mut *source).map_err(|error| refusal(&path, error))?;
    let key = VerifyingKey::new(&program)?;
    let started = Instant::now();
    let checked = check_proof(&key, &mut *source).map_err(|error| refusal(&path, error))?;
    let claim = match elf {
        Some(_) => None,
        None => Some(Claim::of(&checked.output)?),
    };
    if let (Some(described), Some(claim)) = (&described, claim) {
        described.compare(claim)?;
    }
    report.output(&checked.output)?;
    let seconds = started.elapsed().as_secs_f64();
    let shown = Shown { checked, claim, described, key: &key, seconds };
    let lines = shown.as_text()?;
    report.print(|| shown.as_json(), || lines);
    Ok(())
}

/// The proof's argument when it is a batch of a node.
fn batch_number(text: &Path) -> u64 {
    let number = text.to_str().and_then(|text| text.parse().ok());
    number.unwrap_or_else(|| {
        let text = text.display();
        cli::refuse(&format!("with --node, the proof is the number of a batch, not {text}"))
    })
}

/// A proof that holds, and what it says.
struct Shown<'a> {
    checked: Checked,
    /// Of a proof of a batch.
    claim: Option<Claim>,
    /// When the batch is a node's.
    described: Option<Described>,
    key: &'a VerifyingKey,
    seconds: f64,
}

impl Shown<'_> {
    fn as_json(&self) -> Value {
        let Checked { segments, size, output } = &self.checked;
        let mut value = json!({
            "valid": true,
            "exitCode": 0,
            "output": text::output_json(output),
            "segments": segments,
            "proofBytes": size,
            "keyDigest": text::digest(self.key.digest()),
            "provenBits": proven_security(self.key).bits(),
            "seconds": self.seconds,
        });
        if let Some(claim) = self.claim {
            value["batch"] = claim.as_json();
        }
        if let Some(described) = &self.described {
            value["batch"]["commitment"] = serde_json::json!(described.as_json());
        }
        value
    }

    fn as_text(&self) -> eyre::Result<String> {
        let Checked { segments, size, output } = &self.checked;
        let mut lines = String::from("valid          the program ended with exit code 0\n");
        match &self.claim {
            Some(Claim { before, after }) => {
                let _ = writeln!(lines, "before         {before}");
                let _ = writeln!(lines, "after          {after}");
            }
            None => lines.push_str(&output_lines(output)),
        }
        if let Some(described) = &self.described {
            lines.push_str(&described.lines());
        }
        let size = grouped_size(*size);
        let _ = writeln!(lines, "segments       {segments}, {size} bytes of proof");
        let bits = proven_security(self.key).bits();
        let _ = writeln!(lines, "security       {bits:.1} proven bits");
        let _ = writeln!(lines, "key            {}", text::digest(self.key.digest()));
        let _ = writeln!(lines, "checked in     {:.0} ms", 1000.0 * self.seconds);
        if self.claim.is_some() {
            lines.push_str(MEANING);
        }
        Ok(lines)
    }
}

/// What a proof of a batch means to who holds it.
const MEANING: &str = "\
It means: whoever starts from the commitment `before` and follows the rules of this version with
some transactions that their senders signed ends with the commitment `after`.
It does not mean that a chain you use has these commitments (compare them with minster_getBatch),
that the batch's data is published, or that L1 has accepted anything.
";

/// Why a proof is refused, and what to do about it, in one sentence.
fn refusal(path: &Path, refusal: ProofError) -> Failure {
    let path = match files::is_standard(path) {
        true => "standard input".to_owned(),
        false => path.display().to_string(),
    };
    let error = match refusal {
        ProofError::Proof(error) => error,
        ProofError::Read(error) => return eyre!("proof: read {path}: {error}"),
    };
    match error {
        VerifyError::Decode(error) => {
            let advice = match error {
                DecodeError::NotAProof => "give the file that minster prove wrote",
                DecodeError::Version { .. } => {
                    "verify it with the minster that made it, or prove the run again"
                }
                DecodeError::Truncated => "copy it again, or prove the run again",
                _ => "it was damaged or changed: copy it again, or prove the run again",
            };
            eyre!("{path}: {error}; {advice}")
        }
        // Where the first segment starts is all that a key says about a run: it is another key.
        VerifyError::Seam { segment: 0, .. } => eyre!(
            "{path}: the proof was made for another program or another version of this machine; \
             give the ELF file that was proven"
        ),
        VerifyError::Stark { segment, .. } => eyre!(
            "{path}: segment {segment} is not proven: the file was changed, or it was made by \
             another version of this machine; copy it again, or prove the run again"
        ),
        VerifyError::Failed { exit_code } => eyre!(
            "{path}: the program ended with exit code {exit_code}, and only a run that ends with \
             0 counts; correct the program or its input and prove again"
        ),
        error => eyre!("{path}: {error}; the file was damaged or changed: copy it again"),
    }
}
