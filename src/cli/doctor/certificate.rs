//! The certificate of an address, looked at as a browser does it: now, and as if it were two weeks later.

use std::net::{TcpStream, ToSocketAddrs as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, ClientConnection, RootCertStore};

use crate::domain::clock::Clock;

const TIMEOUT: Duration = Duration::from_secs(10);
/// How long a certificate must be good from now on, in seconds: whoever renews them does it earlier.
const AHEAD: i64 = 14 * 86_400;

/// Whose certificates are trusted.
pub(super) struct Certificates {
    roots: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
}

impl Certificates {
    /// The public authorities, and those in a file.
    ///
    /// # Errors
    /// If the file has none.
    pub(super) fn new(more: Option<&Path>) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        if let Some(file) = more {
            let shown = file.display();
            let pem = std::fs::read(file).with_context(|| format!("cannot read {shown}"))?;
            let before = roots.len();
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                let certificate = certificate.with_context(|| format!("{shown} is not PEM"))?;
                roots.add(certificate).with_context(|| shown.to_string())?;
            }
            ensure!(roots.len() > before, "there is no certificate in {shown}");
        }
        Ok(Self {
            roots: Arc::new(roots),
            provider: Arc::new(ring::default_provider()),
        })
    }

    /// # Errors
    /// Why a browser would warn, now or within two weeks.
    pub(super) fn look(&self, host: &str, port: u16) -> anyhow::Result<()> {
        let name = host.trim_matches(['[', ']']);
        let server = ServerName::try_from(name.to_owned())?;
        let config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(Arc::clone(&self.roots))
            .with_no_client_auth();
        let mut tls = ClientConnection::new(Arc::new(config), server.clone())?;
        let mut stream = connect(name, port)?;
        while tls.is_handshaking() {
            if let Err(error) = tls.complete_io(&mut stream) {
                let inner = error.get_ref().and_then(|it| it.downcast_ref());
                match inner {
                    Some(rustls::Error::InvalidCertificate(wrong)) => bail!("{}", said(wrong)),
                    _ => return Err(error).context("no TLS came about"),
                }
            }
        }
        let chain = tls.peer_certificates().unwrap_or_default();
        let (own, others) = chain.split_first().context("there is no certificate")?;
        let verifier = WebPkiServerVerifier::builder_with_provider(
            Arc::clone(&self.roots),
            Arc::clone(&self.provider),
        );
        let later = Clock::system().now().plus(AHEAD).seconds();
        let later = UnixTime::since_unix_epoch(Duration::from_secs(later.try_into()?));
        let good = verifier
            .build()?
            .verify_server_cert(own, others, &server, &[], later);
        good.context("the certificate ends within two weeks")?;
        Ok(())
    }
}

fn connect(host: &str, port: u16) -> anyhow::Result<TcpStream> {
    let addresses = (host, port).to_socket_addrs();
    let addresses = addresses.context("the name leads nowhere")?;
    let mut last = None;
    for address in addresses {
        match TcpStream::connect_timeout(&address, TIMEOUT) {
            Ok(stream) => {
                stream.set_read_timeout(Some(TIMEOUT))?;
                stream.set_write_timeout(Some(TIMEOUT))?;
                return Ok(stream);
            }
            Err(error) => last = Some(error),
        }
    }
    match last {
        Some(error) => Err(error).context("nothing answers there"),
        None => bail!("the name leads nowhere"),
    }
}

fn said(wrong: &CertificateError) -> String {
    match wrong {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "the certificate is of an authority that nobody trusts".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the certificate is for another name".to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the certificate has ended".to_owned()
        }
        other => format!("the certificate is not right: {other}"),
    }
}
