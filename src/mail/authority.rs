//! What is in a file of certificate authorities: it is easily the mail server's own certificate, which it then cannot vouch for.

use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier as _;
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error, RootCertStore};

/// What deserves a word about such a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AuthorityFile {
    /// One of its certificates is a server's and of another's making: it vouches for nothing.
    pub holds_server: bool,
    /// One of its certificates is an authority's and bears the name of the mail server, which it may not show itself.
    pub names_server: bool,
}

impl AuthorityFile {
    /// Of this PEM text, for a server of this name. What cannot be read is not judged.
    pub fn of(pem: &[u8], host: &str) -> Self {
        let mut file = Self::default();
        let Ok(host) = ServerName::try_from(host.to_owned()) else {
            return file;
        };
        for certificate in CertificateDer::pem_slice_iter(pem).flatten() {
            match vouched_by_itself(&certificate, &host) {
                Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
                    file.holds_server = true;
                }
                Err(Error::InvalidCertificate(wrong)) if is_authority(&wrong) => {
                    file.names_server |= ParsedCertificate::try_from(&certificate)
                        .is_ok_and(|parsed| verify_server_name(&parsed, &host).is_ok());
                }
                // A server's that it has signed itself vouches for that server; what cannot be judged is told of when it is used.
                _ => {}
            }
        }
        file
    }
}

/// Whether this says that an authority's own certificate stands in a server's place, which has no name of its own.
pub(super) fn is_authority(wrong: &CertificateError) -> bool {
    matches!(wrong, CertificateError::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity"))
}

/// As if a server showed it to somebody who trusts nothing else.
fn vouched_by_itself(certificate: &CertificateDer<'_>, host: &ServerName<'_>) -> Result<(), Error> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone().into_owned())?;
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
    let verifier = verifier
        .build()
        .map_err(|error| Error::General(error.to_string()))?;
    let verified = verifier.verify_server_cert(certificate, &[], host, &[], UnixTime::now());
    verified.map(|_| ())
}
