//! A node elsewhere, asked over HTTP or HTTPS.

use std::{
    error::Error,
    fs::File,
    io::Read,
    net::IpAddr,
    path::{Path, PathBuf},
};

use clap::Args;
use eyre::{WrapErr, bail, ensure, eyre};
use ureq::{
    Agent,
    config::ConfigBuilder,
    http::{Uri, uri::Scheme},
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
    typestate::AgentScope,
};

/// The most bytes of a file of certificates.
const CA_BYTES_MAX: u64 = 1 << 20;

/// Whom to believe that a node is the one it should be.
#[derive(Debug, Args)]
pub struct Trust {
    /// Trust the certificates that are signed by one in this PEM file, and no others. Without it,
    /// those that web browsers trust.
    #[arg(long, value_name = "FILE", requires = "node")]
    ca: Option<PathBuf>,
}

/// Where a node is.
#[derive(Debug)]
pub struct Remote {
    /// As it was typed, without a slash at the end.
    pub url: String,
    host: String,
    is_encrypted: bool,
}

impl Remote {
    /// Reads the value of `--node`.
    pub fn new(url: &str) -> eyre::Result<Self> {
        let refused = || eyre!("--node: {url} is neither http://HOST:PORT nor https://HOST:PORT");
        let uri: Uri = url.parse().map_err(|_| refused())?;
        let is_encrypted = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(refused()),
        };
        let host = uri.host().filter(|host| !host.is_empty() && uri.query().is_none());
        let host = host.ok_or_else(refused)?.trim_matches(['[', ']']).to_owned();
        Ok(Self { url: url.trim_end_matches('/').to_owned(), host, is_encrypted })
    }

    /// Refuses to show a secret to whoever is between here and the node.
    pub fn check_secret(&self, is_allowed: bool) -> eyre::Result<()> {
        ensure!(
            self.is_encrypted || is_allowed || self.is_here(),
            "--node: over http anybody on the way to {} can read the token; use https, a tunnel to \
             this machine, or --insecure-http if you trust the network",
            self.host
        );
        Ok(())
    }

    /// Whether it is on this machine.
    fn is_here(&self) -> bool {
        let address = self.host.parse::<IpAddr>();
        address.map_or(self.host == "localhost", |address| address.to_canonical().is_loopback())
    }

    /// How it is asked. What was to be encrypted stays so, wherever the node redirects to.
    pub fn config(&self, trust: &Trust) -> eyre::Result<ConfigBuilder<AgentScope>> {
        let config = Agent::config_builder().https_only(self.is_encrypted);
        match (&trust.ca, self.is_encrypted) {
            (Some(_), false) => bail!("--ca: there are no certificates in http; use https"),
            (Some(path), true) => {
                let certificates =
                    certificates(path).wrap_err_with(|| format!("--ca: {}", path.display()))?;
                let roots = RootCerts::from(certificates);
                Ok(config.tls_config(TlsConfig::builder().root_certs(roots).build()))
            }
            (None, true) => Ok(config),
            // A proxy that the environment names may be far away.
            (None, false) if self.is_here() => Ok(config.proxy(None)),
            (None, false) => Ok(config),
        }
    }
}

fn certificates(path: &Path) -> eyre::Result<Vec<Certificate<'static>>> {
    let mut text = Vec::new();
    File::open(path)?.take(CA_BYTES_MAX).read_to_end(&mut text)?;
    let mut certificates = Vec::new();
    for item in parse_pem(&text) {
        if let PemItem::Certificate(certificate) = item? {
            certificates.push(certificate);
        }
    }
    ensure!(!certificates.is_empty(), "it holds no certificate in PEM");
    Ok(certificates)
}

/// Whether a request failed because the node is not the one it should be, so that asking again
/// helps nobody.
pub fn is_imposter(error: &ureq::Error) -> bool {
    let source: Option<&(dyn Error + 'static)> = match error {
        ureq::Error::Rustls(error) => Some(error),
        ureq::Error::Io(error) => error.get_ref().map(|error| error as &(dyn Error + 'static)),
        _ => None,
    };
    let error = source.and_then(|source| source.downcast_ref::<rustls::Error>());
    matches!(error, Some(rustls::Error::InvalidCertificate(_)))
}

#[cfg(test)]
mod tests;
