//! `minster verify`: whether a proof shows what it should.

use std::{
    fmt::Write,
    io::{ErrorKind, Read},
    path::Path,
    time::Instant,
};

use eyre::{Report as Failure, eyre};
use minster_prover::security::proven_security;
use minster_verifier::{
    BLOCK_HEAD_SIZE, BlockKind, DecodeError, HEAD_SIZE, MAGIC, Verification, VerifyError,
    VerifyingKey, decode_block_head, decode_head,
};
use serde_json::json;

use crate::{
    cli::{self, Verify},
    zkvm::{
        files, program,
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
    let mut source = files::open("proof", &path)?;
    // Before the key, which takes longer: most files that are no proofs are refused here.
    read_head(&mut *source).map_err(|error| refusal(&path, error))?;
    let key = VerifyingKey::new(&program)?;
    let started = Instant::now();
    let checked = check(&key, &mut *source).map_err(|error| refusal(&path, error))?;
    let Checked { segments, size, output: public } = checked;
    let public = public.as_slice();
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
            "proofBytes": size,
            "keyDigest": digest,
            "provenBits": bits,
            "seconds": seconds,
        })
    };
    let as_text = || {
        let mut lines = String::from("valid          the program ended with exit code 0\n");
        lines.push_str(&output_lines(public));
        let size = grouped_size(size);
        let _ = writeln!(lines, "segments       {segments}, {size} bytes of proof");
        let _ = writeln!(lines, "security       {bits:.1} proven bits");
        let _ = writeln!(lines, "key            {digest}");
        let _ = writeln!(lines, "checked in     {:.0} ms", 1000.0 * seconds);
        lines
    };
    report.print(as_json, as_text);
    Ok(())
}

/// What a proof came to.
struct Checked {
    segments: usize,
    size: usize,
    output: Vec<u8>,
}

/// A proof is refused, or could not be read.
#[derive(Debug)]
enum Refusal {
    Proof(VerifyError),
    Read(std::io::Error),
}

impl<E: Into<VerifyError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Proof(error.into())
    }
}

fn read_head(source: &mut dyn Read) -> Result<(), Refusal> {
    let mut head = [0; HEAD_SIZE];
    let read = fill(source, &mut head)?;
    // Of a short file, that it is something else says more than that it is short.
    let (start, magic) = (&head[..read.min(MAGIC.len())], &MAGIC[..read.min(MAGIC.len())]);
    if start != magic || read == 0 {
        return Err(DecodeError::NotAProof.into());
    }
    if read < HEAD_SIZE {
        return Err(DecodeError::Truncated.into());
    }
    Ok(decode_head(&head)?)
}

/// Checks a proof while it is read, a block at a time.
fn check(key: &VerifyingKey, source: &mut dyn Read) -> Result<Checked, Refusal> {
    let mut verification = Verification::new(key);
    let mut size = HEAD_SIZE;
    loop {
        let mut head = [0; BLOCK_HEAD_SIZE];
        whole(source, &mut head)?;
        let (kind, length) = decode_block_head(&head)?;
        let mut block = vec![0; length];
        whole(source, &mut block)?;
        size += BLOCK_HEAD_SIZE + length;
        match kind {
            BlockKind::Segment => verification.segment(&block)?,
            BlockKind::Output if fill(source, &mut [0])? == 0 => {
                let segments = verification.end(&block)?;
                return Ok(Checked { segments, size, output: block });
            }
            BlockKind::Output => return Err(DecodeError::NotCanonical.into()),
        }
    }
}

fn whole(source: &mut dyn Read, buffer: &mut [u8]) -> Result<(), Refusal> {
    match fill(source, buffer)? == buffer.len() {
        true => Ok(()),
        false => Err(DecodeError::Truncated.into()),
    }
}

/// Reads until the buffer is full or the source ends. Returns how much was read.
fn fill(source: &mut dyn Read, buffer: &mut [u8]) -> Result<usize, Refusal> {
    let mut read = 0;
    while read < buffer.len() {
        match source.read(&mut buffer[read..]) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(Refusal::Read(error)),
        }
    }
    Ok(read)
}

/// Why a proof is refused, and what to do about it, in one sentence.
fn refusal(path: &Path, refusal: Refusal) -> Failure {
    let path = match files::is_standard(path) {
        true => "standard input".to_owned(),
        false => path.display().to_string(),
    };
    let error = match refusal {
        Refusal::Proof(error) => error,
        Refusal::Read(error) => return eyre!("proof: read {path}: {error}"),
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
