//! `minster verify`: whether a proof shows what it should.

use std::{fmt::Write, path::Path, time::Instant};

use eyre::{Report as Failure, eyre};
use minster_prover::security::proven_security;
use minster_verifier::{DecodeError, EncodedProof, VerifyError, VerifyingKey};
use serde_json::json;

use crate::{
    cli::{self, Verify},
    zkvm::{
        files::{self, PROOF_SIZE_MAX, Wanted},
        program,
        text::{self, Report, grouped_size, output_lines},
    },
};

/// Checks a proof and reports what it shows.
pub fn run(arguments: Verify) -> eyre::Result<()> {
    let Verify { elf, proof: path, output, json, quiet } = arguments;
    if files::is_standard(&elf) && files::is_standard(&path) {
        cli::refuse("only one of --elf and the proof can be standard input");
    }
    let report = Report::new(json, quiet, output.as_deref());
    let program = program::load(&elf)?;
    let bytes = files::read(Wanted { what: "proof", path: &path, size_max: PROOF_SIZE_MAX })?;
    // Before the key, which takes longer: most files that are no proofs are refused here.
    let segments = EncodedProof::parse(&bytes).map_err(|error| refusal(&path, error.into()))?;
    let segments = segments.segments.len();
    let key = VerifyingKey::new(&program)?;
    let started = Instant::now();
    let public = key.verify(&bytes).map_err(|error| refusal(&path, error))?;
    let seconds = started.elapsed().as_secs_f64();
    report.output(public)?;
    let digest = text::digest(key.digest());
    let bits = proven_security(&key).bits();
    let as_json = || {
        json!({
            "valid": true,
            "exitCode": 0,
            "output": text::output_json(public),
            "segments": segments,
            "proofBytes": bytes.len(),
            "keyDigest": digest,
            "provenBits": bits,
            "seconds": seconds,
        })
    };
    let as_text = || {
        let mut lines = String::from("valid          the program ended with exit code 0\n");
        lines.push_str(&output_lines(public));
        let size = grouped_size(bytes.len());
        let _ = writeln!(lines, "segments       {segments}, {size} bytes of proof");
        let _ = writeln!(lines, "security       {bits:.1} proven bits");
        let _ = writeln!(lines, "key            {digest}");
        let _ = writeln!(lines, "checked in     {:.0} ms", 1000.0 * seconds);
        lines
    };
    report.print(as_json, as_text);
    Ok(())
}

/// Why a proof is refused, and what to do about it, in one sentence.
fn refusal(path: &Path, error: VerifyError) -> Failure {
    let path = match files::is_standard(path) {
        true => "standard input".to_owned(),
        false => path.display().to_string(),
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
