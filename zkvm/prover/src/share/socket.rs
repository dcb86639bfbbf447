//! Workers on sockets.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use crate::share::link::{Link, Listener, POLL, StreamReceiver, StreamSender};
use crate::share::message::{COORDINATOR_SIZE_MAX, WORKER_SIZE_MAX};

/// What the sockets of both kinds can do.
trait Stream: Read + Write + Send + Sized + 'static {
    fn prepare(&self) -> io::Result<()>;
    fn duplicate(&self) -> io::Result<Self>;
}

impl Stream for TcpStream {
    fn prepare(&self) -> io::Result<()> {
        self.set_nonblocking(false)?;
        self.set_nodelay(true)?;
        self.set_read_timeout(Some(POLL))?;
        self.set_write_timeout(Some(POLL))
    }

    fn duplicate(&self) -> io::Result<Self> {
        self.try_clone()
    }
}

impl Stream for UnixStream {
    fn prepare(&self) -> io::Result<()> {
        self.set_nonblocking(false)?;
        self.set_read_timeout(Some(POLL))?;
        self.set_write_timeout(Some(POLL))
    }

    fn duplicate(&self) -> io::Result<Self> {
        self.try_clone()
    }
}

fn link(stream: impl Stream, name: String, size_max: usize) -> io::Result<Link> {
    stream.prepare()?;
    let sender = Box::new(StreamSender::new(stream.duplicate()?));
    Ok(Link { name, sender, receiver: Box::new(StreamReceiver::new(stream, size_max)) })
}

/// Connects to a coordinator.
pub fn connect_tcp(address: &str) -> io::Result<Link> {
    link(TcpStream::connect(address)?, address.to_owned(), COORDINATOR_SIZE_MAX)
}

/// Connects to a coordinator.
pub fn connect_unix(path: &Path) -> io::Result<Link> {
    link(UnixStream::connect(path)?, path.display().to_string(), COORDINATOR_SIZE_MAX)
}

/// Listens on a port.
pub struct Tcp(TcpListener);

impl Tcp {
    pub fn bind(address: &str) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(Self(listener))
    }

    /// The address, with the port that the system chose for 0.
    pub fn address(&self) -> io::Result<String> {
        self.0.local_addr().map(|address| address.to_string())
    }
}

impl Listener for Tcp {
    fn accept(&mut self) -> io::Result<Option<Link>> {
        let accepted = present(self.0.accept())?;
        accepted
            .map(|(stream, address)| link(stream, address.to_string(), WORKER_SIZE_MAX))
            .transpose()
    }
}

/// Listens on a socket in the file system, which goes when this does.
pub struct Unix {
    listener: UnixListener,
    path: PathBuf,
    workers: u64,
}

impl Unix {
    pub fn bind(path: &Path) -> io::Result<Self> {
        let listener = UnixListener::bind(path)?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener, path: path.to_path_buf(), workers: 0 })
    }
}

impl Listener for Unix {
    fn accept(&mut self) -> io::Result<Option<Link>> {
        let accepted = present(self.listener.accept())?;
        let accepted = accepted.map(|(stream, _)| {
            self.workers += 1;
            link(stream, self.workers.to_string(), WORKER_SIZE_MAX)
        });
        accepted.transpose()
    }
}

impl Drop for Unix {
    fn drop(&mut self) {
        // If it cannot be removed, the next coordinator says what to remove.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// What was accepted, if anything was.
fn present<T>(accepted: io::Result<T>) -> io::Result<Option<T>> {
    match accepted {
        Ok(accepted) => Ok(Some(accepted)),
        Err(error) => match error.kind() {
            // Whoever it was has gone again before it was let in.
            ErrorKind::WouldBlock | ErrorKind::Interrupted | ErrorKind::ConnectionAborted => {
                Ok(None)
            }
            _ => Err(error),
        },
    }
}
