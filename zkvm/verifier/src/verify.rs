//! Deciding whether a proof shows that a program ran to its end with exit code 0.

use alloc::vec::Vec;

use minster_machine::config::{Digest, PARAMETERS, StarkProof};
use minster_machine::output::OutputDigest;
use minster_machine::public::PublicValues;
use minster_machine::shape::SHAPES;
use p3_batch_stark::verify_batch;

use crate::error::{DecodeError, SeamPart, VerifyError};
use crate::key::{Opening, VerifyingKey};
use crate::proof::{EncodedProof, SEGMENTS_MAX, SegmentProof};

/// Where a run is between two segments.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    pc: u32,
    root: Digest,
    output: Digest,
}

impl VerifyingKey {
    /// Checks one segment on its own: its shape first, then its proof. What it says about the run
    /// is in its public values; [`VerifyingKey::verify`] checks that they fit together.
    pub fn verify_segment(&self, index: usize, proof: &SegmentProof) -> Result<(), VerifyError> {
        let shape = SHAPES.get(usize::from(proof.shape));
        let refused = VerifyError::Shape { segment: index };
        let opening = |shape| self.openings().get(self.opening_index(shape)?);
        let Some((shape, opening)) = shape.and_then(|shape| Some((shape, opening(shape)?))) else {
            return Err(refused);
        };
        let heights = self.log_heights(shape).into_iter().flatten().map(usize::from);
        let stark = &proof.stark;
        if !heights.eq(stark.degree_bits.iter().copied()) || !has_caps(stark) {
            return Err(refused);
        }
        let Opening { chips, shared, .. } = opening;
        let public: Vec<_> = chips.iter().map(|chip| chip.public_values(&proof.public)).collect();
        let verified = verify_batch(self.config(), chips, stark, &public, shared);
        verified.map_err(|source| VerifyError::Stark { segment: index, source })
    }

    /// Checks a whole proof. Returns the public output of the run.
    pub fn verify<'a>(&self, bytes: &'a [u8]) -> Result<&'a [u8], VerifyError> {
        let proof = EncodedProof::parse(bytes)?;
        let mut verification = Verification::new(self);
        for part in &proof.segments {
            verification.segment(part)?;
        }
        verification.end(proof.output)?;
        Ok(proof.output)
    }

    fn start(&self) -> Place {
        Place { pc: self.entry, root: self.root, output: Digest::default() }
    }
}

/// Checks a proof block by block, for who does not want to hold all of it.
pub struct Verification<'k> {
    key: &'k VerifyingKey,
    run: RunCheck,
}

impl<'k> Verification<'k> {
    /// At the start of a key's program.
    pub fn new(key: &'k VerifyingKey) -> Self {
        Self { key, run: RunCheck::new(key) }
    }

    /// Takes the next segment's part.
    pub fn segment(&mut self, part: &[u8]) -> Result<(), VerifyError> {
        let index = self.run.segments;
        if index == SEGMENTS_MAX {
            return Err(DecodeError::TooManySegments { limit: SEGMENTS_MAX }.into());
        }
        let segment = SegmentProof::decode(part)?;
        self.run.next(&segment.public)?;
        self.key.verify_segment(index, &segment)
    }

    /// After the last segment: the run is complete, a success, and has this public output. Returns
    /// the number of segments.
    pub fn end(self, output: &[u8]) -> Result<usize, VerifyError> {
        let segments = self.run.segments;
        self.run.end(output).map(|()| segments)
    }
}

/// Checks that segments follow each other from the start of a program to its end.
pub struct RunCheck {
    place: Place,
    segments: usize,
    exit_code: Option<u32>,
}

impl RunCheck {
    /// At the start of a key's program.
    pub fn new(key: &VerifyingKey) -> Self {
        Self { place: key.start(), segments: 0, exit_code: None }
    }

    /// Takes the next segment.
    pub fn next(&mut self, public: &PublicValues) -> Result<(), VerifyError> {
        let segment = self.segments;
        if self.exit_code.is_some() {
            return Err(VerifyError::HaltedEarly { segment: segment.saturating_sub(1) });
        }
        let seam = |part| VerifyError::Seam { segment, part };
        if public.pc_start != self.place.pc {
            return Err(seam(SeamPart::Pc));
        }
        if public.root_before != self.place.root {
            return Err(seam(SeamPart::Memory));
        }
        if public.output_before != self.place.output {
            return Err(seam(SeamPart::Output));
        }
        self.place =
            Place { pc: public.pc_end, root: public.root_after, output: public.output_after };
        self.exit_code = public.exit_code;
        self.segments = segment.saturating_add(1);
        Ok(())
    }

    /// After the last segment: the program has halted with 0 and this public output.
    pub fn end(self, output: &[u8]) -> Result<(), VerifyError> {
        if self.segments == 0 {
            return Err(VerifyError::Empty);
        }
        let exit_code = self.exit_code.ok_or(VerifyError::NotHalted)?;
        if exit_code != 0 {
            return Err(VerifyError::Failed { exit_code });
        }
        if OutputDigest::of(output) != self.place.output {
            return Err(VerifyError::Output);
        }
        Ok(())
    }
}

/// Whether all commitments, those of FRI's rounds too, are caps of the height of the parameters.
fn has_caps(stark: &StarkProof) -> bool {
    let commitments = &stark.commitments;
    let caps = [Some(&commitments.main), commitments.permutation.as_ref()];
    caps.into_iter()
        .chain([Some(&commitments.quotient_chunks)])
        .chain(stark.opening_proof.commit_phase_commits.iter().map(Some))
        .all(|cap| cap.is_some_and(|cap| cap.height() == PARAMETERS.cap_height))
}
