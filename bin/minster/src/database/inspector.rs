//! What `minster db verify` does beside reading: it says how far it is, and verifies proofs.

use std::io::{self, Write};

use minster_batcher::{Inspector, Judgement, KeptProof};
use minster_os::batch::RangeClaim;
use minster_prover_queue::{GuestKey, ProofError, ProofFailure, key_digest, verify_claim};
use minster_storage::document::Document;

/// A line that says how far it is, where somebody looks.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    pub is_shown: bool,
}

impl Shown {
    pub fn step(self, what: &str, number: u64, last: u64) {
        if self.is_shown {
            let _ = write!(io::stderr(), "\r\x1b[2K{what} {number} of {last}");
        }
    }

    pub fn end(self) {
        if self.is_shown {
            let _ = writeln!(io::stderr());
        }
    }
}

/// Looks on while batches are looked at.
pub struct BatchInspector {
    shown: Shown,
    /// What proofs are verified with, where they are.
    guest: Option<GuestKey>,
}

impl BatchInspector {
    pub fn new(shown: Shown, is_verifying: bool) -> Self {
        let guest = is_verifying.then(|| GuestKey::new(minster_batch_guest::ELF));
        Self { shown, guest }
    }
}

impl Inspector for BatchInspector {
    fn batch(&mut self, number: u64, last: u64) {
        self.shown.step("batch", number, last);
    }

    fn proof(&mut self, proof: &Document, claim: &RangeClaim) -> io::Result<Judgement> {
        let Some(guest) = &self.guest else { return Ok(Judgement::None) };
        // The program's own guest always has a key.
        let key = guest.get().map_err(io::Error::other)?;
        let kept = KeptProof::of(proof).record.guest_key;
        match verify_claim(key, &mut proof.reader(), claim) {
            Ok(()) => Ok(Judgement::Proven),
            Err(ProofFailure::Refused(ProofError::Read(error))) => Err(error),
            Err(_) if kept != key_digest(key) => Ok(Judgement::Unknown(format!(
                "its proof was kept for the guest of another version, with the key {kept}, which \
                 that version verifies"
            ))),
            Err(refusal) => Ok(Judgement::Refused(refusal.to_string())),
        }
    }
}
