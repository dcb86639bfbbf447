//! What the OS computes with on a host.

use minster_batch::Software;
use minster_os::batch::Cryptography;
use minster_primitives::{Address, B256, SenderRecovery, Signature};
use minster_recovery::Libsecp;
use minster_state::SoftwareBlake3;

/// Libraries of the processor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NativeCryptography;

impl Cryptography for NativeCryptography {
    type Blake3 = SoftwareBlake3;
    type Arithmetic = Software;
}

impl SenderRecovery for NativeCryptography {
    fn recover(&self, prehash: B256, signature: &Signature) -> Option<Address> {
        Libsecp.recover(prehash, signature)
    }
}
