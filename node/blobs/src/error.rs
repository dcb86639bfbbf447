//! Why there is no commitment, no proof, or no answer.

use c_kzg::CkzgError;
use thiserror::Error;

/// Why something was not computed.
#[derive(Debug, Error)]
pub enum KzgError {
    /// Not the number of bytes of a blob.
    #[error("a blob of {length} bytes")]
    BlobLength {
        /// Bytes found.
        length: usize,
    },
    /// An element of the blob, or the point, is not below the modulus.
    #[error("an element or a point that is not below the modulus")]
    NotElement,
    /// The library failed, for want of memory or by a bug of its own or ours.
    #[error("the KZG library failed")]
    Library {
        /// What it says.
        source: c_kzg::Error,
    },
}

impl From<c_kzg::Error> for KzgError {
    fn from(source: c_kzg::Error) -> Self {
        if is_refusal(&source) { Self::NotElement } else { Self::Library { source } }
    }
}

/// Whether the library says that an argument is no element, point of the curve or the like.
fn is_refusal(error: &c_kzg::Error) -> bool {
    matches!(error, c_kzg::Error::CError(CkzgError::C_KZG_BADARGS))
}

/// The answer of a verification: what is malformed is as wrong as what does not verify.
pub(crate) fn verdict(result: Result<bool, c_kzg::Error>) -> Result<bool, KzgError> {
    match result {
        Err(error) if is_refusal(&error) => Ok(false),
        result => Ok(result?),
    }
}
