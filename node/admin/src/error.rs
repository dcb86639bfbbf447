//! Why there is no admin port.

use std::{io, net::SocketAddr};

use thiserror::Error;

/// Why the admin port does not open.
#[derive(Debug, Error)]
pub enum AdminError {
    /// Another process listens there.
    #[error("admin port {port} is already in use; choose another")]
    PortInUse {
        /// The port.
        port: u16,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address} for the admin port: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The system starts no thread.
    #[error("cannot start the admin thread: {0}")]
    Thread(io::Error),
}
