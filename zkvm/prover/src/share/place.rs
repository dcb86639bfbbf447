//! Where a coordinator and its workers meet.

use std::convert::Infallible;
use std::fmt::{self, Display, Formatter};
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Instant;

use crate::share::folder::{self, Folder};
use crate::share::link::{Link, Listener, POLL};
use crate::share::socket::{Tcp, Unix, connect_tcp, connect_unix};
use crate::share::{Patience, ShareError};

/// A place: a folder, `unix:PATH` or `tcp:HOST:PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A folder that all machines see.
    Folder(PathBuf),
    /// A socket in the file system of this machine.
    Unix(PathBuf),
    /// An address of the network.
    Tcp(String),
}

impl FromStr for Place {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match (text.strip_prefix("unix:"), text.strip_prefix("tcp:")) {
            (Some(path), _) => Self::Unix(path.into()),
            (_, Some(address)) => Self::Tcp(address.to_owned()),
            _ => Self::Folder(text.into()),
        })
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "{}", path.display()),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Tcp(address) => write!(f, "tcp:{address}"),
        }
    }
}

/// A place that a coordinator has taken.
pub struct Meeting {
    pub(crate) listener: Box<dyn Listener>,
    /// Where workers find it: with the port that the system chose, if it chose one.
    pub place: Place,
    /// What is to be removed if the process ends before its time.
    pub leftover: Option<PathBuf>,
}

impl Place {
    /// Takes the place for a coordinator.
    pub fn share(&self) -> Result<Meeting, ShareError> {
        let leftover = match self {
            Self::Folder(path) => Some(folder::mark(path)),
            Self::Unix(path) => Some(path.clone()),
            Self::Tcp(_) => None,
        };
        let bound = match self {
            Self::Folder(path) => Folder::bind(path).map(|listener| boxed(listener, self)),
            Self::Unix(path) => Unix::bind(path).map(|listener| boxed(listener, self)),
            Self::Tcp(address) => Tcp::bind(address).and_then(|listener| {
                let place = Self::Tcp(listener.address()?);
                Ok(boxed(listener, &place))
            }),
        };
        let (listener, place) = bound.map_err(|source| self.taken(source, leftover.as_ref()))?;
        Ok(Meeting { listener, place, leftover })
    }

    fn taken(&self, source: io::Error, leftover: Option<&PathBuf>) -> ShareError {
        let place = self.clone();
        match (source.kind(), leftover) {
            (ErrorKind::AlreadyExists | ErrorKind::AddrInUse, Some(path)) => {
                ShareError::Taken { place, leftover: path.display().to_string() }
            }
            _ => ShareError::Place { place, source },
        }
    }

    /// Goes there as a worker, and waits for a coordinator if there is none yet. Also gives what is
    /// to be removed if the process ends before its time.
    pub(crate) fn join(&self, patience: Patience) -> Result<(Link, Option<PathBuf>), ShareError> {
        let started = Instant::now();
        loop {
            let connected = match self {
                Self::Folder(path) => folder::connect(path).map(|(link, own)| (link, Some(own))),
                Self::Unix(path) => connect_unix(path).map(|link| (link, None)),
                Self::Tcp(address) => connect_tcp(address).map(|link| (link, None)),
            };
            match connected {
                Ok(link) => return Ok(link),
                Err(error) if !is_absence(&error) => {
                    return Err(ShareError::Place { place: self.clone(), source: error });
                }
                Err(_) if started.elapsed() < patience.arrival => std::thread::sleep(POLL),
                Err(_) => return Err(ShareError::Nobody { place: self.clone() }),
            }
        }
    }
}

fn boxed(listener: impl Listener + 'static, place: &Place) -> (Box<dyn Listener>, Place) {
    (Box::new(listener), place.clone())
}

/// Whether an error says that nobody is there, perhaps not yet.
fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused)
}
