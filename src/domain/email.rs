//! Addresses that a notice can be sent to, and the names of machines.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

const MAX_LENGTH: usize = 254;
const MAX_LOCAL: usize = 64;

/// A plain ASCII address, `local@domain`, without a display name, quotes or comments.
///
/// Narrower than RFC 5321 on purpose: what passes can stand in a header as it is, so nothing can be smuggled into one.
/// `Debug` hides it, because addresses of staff are not for logs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

/// The text is not a plain address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a plain e-mail address")]
pub struct InvalidEmailAddress;

/// The name of a machine on the network, in ASCII labels of letters, digits and hyphens, or its IP address without brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName(String);

/// The text is not a host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a host name")]
pub struct InvalidHostName;

impl EmailAddress {
    /// The address as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands behind the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl FromStr for EmailAddress {
    type Err = InvalidEmailAddress;

    fn from_str(text: &str) -> Result<Self, InvalidEmailAddress> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidEmailAddress)?;
        let valid = text.len() <= MAX_LENGTH && is_dot_atom(local) && is_mail_domain(domain);
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidEmailAddress)
        }
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(..)")
    }
}

impl HostName {
    /// `localhost`.
    pub fn localhost() -> Self {
        Self("localhost".to_owned())
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HostName {
    type Err = InvalidHostName;

    fn from_str(text: &str) -> Result<Self, InvalidHostName> {
        if is_dns_name(text) || text.parse::<IpAddr>().is_ok() {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidHostName)
        }
    }
}

/// A single label is more often a slip than a name, `localhost` apart.
fn is_mail_domain(domain: &str) -> bool {
    domain == "localhost" || (domain.contains('.') && is_dns_name(domain))
}

fn is_dns_name(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_label)
}

fn is_dot_atom(local: &str) -> bool {
    let atom = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte))
    };
    local.len() <= MAX_LOCAL && local.split('.').all(atom)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_addresses_pass() {
        for text in [
            "oncall@example.org",
            " a.b+c@mail.example.org ",
            "root@localhost",
        ] {
            assert_eq!(
                text.parse::<EmailAddress>()
                    .as_ref()
                    .map(EmailAddress::as_str),
                Ok(text.trim())
            );
        }
    }

    #[test]
    fn what_could_change_a_header_is_refused() {
        for text in [
            "",
            "nobody",
            "@example.org",
            "a@",
            "a@b@c",
            "a b@example.org",
            "a@example.org\r\nBcc: x@example.org",
            "a\u{0}@example.org",
            "\"a\"@example.org",
            "<a@example.org>",
            "a,b@example.org",
            ".a@example.org",
            "a@-example.org",
            "a@example..org",
            "a@example",
            "ក@example.org",
            &format!("{}@example.org", "a".repeat(65)),
        ] {
            assert_eq!(
                text.parse::<EmailAddress>(),
                Err(InvalidEmailAddress),
                "{text:?}"
            );
        }
    }

    #[test]
    fn debug_output_hides_the_address() {
        let address: EmailAddress = "oncall@example.org".parse().unwrap();
        assert_eq!(format!("{address:?}"), "EmailAddress(..)");
    }
}
