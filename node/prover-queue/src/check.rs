//! Verifying a proof while it is read, a block at a time.

use std::io::{self, ErrorKind, Read};

use minster_verifier::{
    BLOCK_HEAD_SIZE, BlockKind, DecodeError, HEAD_SIZE, MAGIC, Verification, VerifyError,
    VerifyingKey, decode_block_head, decode_head,
};
use thiserror::Error;

/// What a proof came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Its segments.
    pub segments: usize,
    /// Its bytes.
    pub size: usize,
    /// What the program made public.
    pub output: Vec<u8>,
}

/// A proof is refused, or could not be read.
#[derive(Debug, Error)]
pub enum ProofError {
    /// It proves nothing.
    #[error(transparent)]
    Proof(#[from] VerifyError),
    /// Its source failed.
    #[error("read the proof: {0}")]
    Read(#[from] io::Error),
}

impl From<DecodeError> for ProofError {
    fn from(error: DecodeError) -> Self {
        Self::Proof(error.into())
    }
}

/// Reads the bytes before the first block: most files that are no proofs are refused here.
///
/// # Errors
/// When this is not the start of a proof.
pub fn check_proof_head(source: &mut dyn Read) -> Result<(), ProofError> {
    let mut head = [0; HEAD_SIZE];
    let read = fill(source, &mut head)?;
    // Of a short file, that it is something else says more than that it is short.
    if read == 0 || !MAGIC.iter().zip(head.iter().take(read)).all(|(magic, byte)| magic == byte) {
        return Err(DecodeError::NotAProof.into());
    }
    if read < HEAD_SIZE {
        return Err(DecodeError::Truncated.into());
    }
    Ok(decode_head(&head)?)
}

/// Checks the blocks of a proof, to the end of its source. One of them is in memory at a time.
///
/// # Errors
/// When the source is anything else than the rest of a proof under this key.
pub fn check_proof(key: &VerifyingKey, source: &mut dyn Read) -> Result<Checked, ProofError> {
    let mut verification = Verification::new(key);
    let mut size = HEAD_SIZE;
    loop {
        let mut head = [0; BLOCK_HEAD_SIZE];
        whole(source, &mut head)?;
        let (kind, length) = decode_block_head(&head)?;
        let mut block = vec![0; length];
        whole(source, &mut block)?;
        size = size.saturating_add(BLOCK_HEAD_SIZE).saturating_add(length);
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

fn whole(source: &mut dyn Read, buffer: &mut [u8]) -> Result<(), ProofError> {
    match fill(source, buffer)? == buffer.len() {
        true => Ok(()),
        false => Err(DecodeError::Truncated.into()),
    }
}

/// Reads until the buffer is full or the source ends. Returns how much was read.
fn fill(source: &mut dyn Read, buffer: &mut [u8]) -> Result<usize, ProofError> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match source.read(rest) {
            Ok(0) => break,
            Ok(more) => filled = filled.saturating_add(more),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(ProofError::Read(error)),
        }
    }
    Ok(filled)
}
