//! Blobs as bytes.

use std::fmt;

use minster_batch::{BLOB_BYTES, BlobError, Elements, blob_count, pack};

use crate::KzgError;

#[cfg(test)]
mod tests;

/// A blob: 4096 words, which are field elements if somebody saw to it.
#[derive(Clone)]
pub struct Blob(Box<c_kzg::Blob>);

impl Blob {
    /// A blob from elsewhere. Its words are looked at when they are used.
    ///
    /// # Errors
    ///
    /// Bytes that are not as many as a blob's.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KzgError> {
        let length = bytes.len();
        let bytes = bytes.try_into().map_err(|_| KzgError::BlobLength { length })?;
        Ok(Self(Box::new(c_kzg::Blob::new(bytes))))
    }

    /// The bytes, which [`minster_batch::unpack`] reads.
    #[must_use]
    pub fn as_bytes(&self) -> &minster_batch::Blob {
        &self.0
    }

    pub(crate) fn as_kzg(&self) -> &c_kzg::Blob {
        &self.0
    }
}

impl From<&Elements> for Blob {
    fn from(elements: &Elements) -> Self {
        let mut blob = Box::new(c_kzg::Blob::new([0; BLOB_BYTES]));
        elements.write_to(&mut blob);
        Self(blob)
    }
}

impl PartialEq for Blob {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Blob {}

impl fmt::Debug for Blob {
    /// Without the 128 KiB.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blob").finish_non_exhaustive()
    }
}

/// The blobs that hold the pubdata, in order.
///
/// # Errors
///
/// More pubdata than a batch may have.
pub fn blobs_of(pubdata: &[u8]) -> Result<Vec<Blob>, BlobError> {
    blob_count(pubdata.len() as u64)?;
    Ok(pack(pubdata).map(|elements| Blob::from(&elements)).collect())
}
