//! Honest proofs that attacks edit, each made once.

use std::sync::OnceLock;

use minster_emulator::Io;
use minster_machine::config::StarkProof;
use minster_verifier::{SegmentProof, VerifyError};

use super::{Run, chain, doubling, prove};

/// A run and the proofs of its segments.
pub struct Proven {
    /// The run.
    pub run: Run,
    /// The segments' parts.
    pub parts: Vec<Vec<u8>>,
}

impl Proven {
    /// Proves every segment of a run. The honest proof must be accepted, or rejections say nothing.
    pub fn new(run: Run) -> Self {
        let traces = run.parts.iter().map(|part| part.traces.clone());
        let parts = traces.map(|traces| prove(&run.prover, traces)).collect();
        let proven = Self { run, parts };
        proven.verify(&proven.parts).expect("the honest proof");
        proven
    }

    /// Verifies segments as the run.
    pub fn verify(&self, parts: &[Vec<u8>]) -> Result<(), VerifyError> {
        self.run.verify(&self.run.output, parts)
    }

    /// Verifies the first segment after an edit of its proof: as a whole proof.
    pub fn edited(&self, edit: impl FnOnce(&mut SegmentProof)) -> Result<(), VerifyError> {
        let mut proof = SegmentProof::decode(&self.parts[0])?;
        edit(&mut proof);
        let part = proof.encode()?;
        assert!(part != self.parts[0], "the edit changes the proof");
        let mut parts = self.parts.clone();
        parts[0] = part;
        self.verify(&parts)
    }

    /// As [`Proven::edited`], of the STARK.
    pub fn edited_stark(&self, edit: impl FnOnce(&mut StarkProof)) -> Result<(), VerifyError> {
        self.edited(|proof| edit(&mut proof.stark))
    }
}

/// The run of [`doubling`].
pub fn proven_doubling() -> &'static Proven {
    static PROVEN: OnceLock<Proven> = OnceLock::new();
    PROVEN.get_or_init(|| Proven::new(Run::new(doubling().program(), Io::default())))
}

/// Two runs of [`chain`] with different inputs.
pub fn proven_chains() -> &'static [Proven; 2] {
    static PROVEN: OnceLock<[Proven; 2]> = OnceLock::new();
    PROVEN.get_or_init(|| [3, 5].map(|input| Proven::new(chain(input))))
}
