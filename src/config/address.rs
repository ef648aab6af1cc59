//! Addresses that must be right before anybody depends on them: web addresses and e-mail addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::value::FromText;
pub use crate::domain::email::{EmailAddress, HostName};

/// The address under which people reach one side of the service: scheme, host and perhaps a port, nothing after it.
///
/// Plain `http` is accepted for an onion address, which is encrypted by itself, and for this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    host: String,
    port: u16,
    secure: bool,
}

impl BaseUrl {
    /// The name or the address of the machine; an address of IPv6 in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, whether it is written out or not.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Without a slash at the end, as browsers send it in `Origin`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// This machine, at a port.
    pub(super) fn loopback(port: u16) -> Self {
        Self {
            text: format!("http://127.0.0.1:{port}"),
            host: "127.0.0.1".to_owned(),
            port,
            secure: false,
        }
    }

    /// Whether the scheme is `https`: then cookies are `Secure` and HSTS makes sense.
    pub const fn is_https(&self) -> bool {
        self.secure
    }

    /// Whether it is an onion address.
    pub fn is_onion(&self) -> bool {
        is_onion(&self.host)
    }
}

impl FromText for BaseUrl {
    fn from_text(text: &str) -> Result<Self, String> {
        let expected = "expected https://HOST, or http:// with an onion address or this machine";
        let parsed = split(text.strip_suffix('/').unwrap_or(text))
            .filter(|url| url.rest.is_empty() && is_host(url.host));
        let Some(url) = parsed else {
            return Err(expected.to_owned());
        };
        let host = url.host.to_lowercase();
        if !url.secure && !is_onion(&host) && !is_loopback(&host) {
            return Err(format!(
                "plain http would show reports to the network; {expected}"
            ));
        }
        let scheme = if url.secure { "https" } else { "http" };
        let usual = if url.secure { 443 } else { 80 };
        let port = url.port.filter(|port| *port != usual);
        let written = port.map(|port| format!(":{port}")).unwrap_or_default();
        Ok(Self {
            text: format!("{scheme}://{host}{written}"),
            host,
            port: port.unwrap_or(usual),
            secure: url.secure,
        })
    }
}

impl std::str::FromStr for BaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::from_text(text)
    }
}

/// The address of a foreign page, `https` only, that is safe to put into a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkUrl(String);

impl LinkUrl {
    /// The address as the operator wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromText for LinkUrl {
    fn from_text(text: &str) -> Result<Self, String> {
        let plain = text
            .chars()
            .all(|letter| letter.is_ascii_graphic() && !"\"'<>\\^`{|}".contains(letter));
        match split(text).filter(|url| url.secure && is_host(url.host) && plain) {
            Some(_) => Ok(Self(text.to_owned())),
            None => Err("expected the address of a page, https://HOST/…".to_owned()),
        }
    }
}

impl FromText for EmailAddress {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|_| "expected an e-mail address, such as \"name@example.org\"".to_owned())
    }
}

impl FromText for HostName {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|_| "expected the name of a machine, such as \"mail.example.org\"".to_owned())
    }
}

struct Parts<'a> {
    secure: bool,
    host: &'a str,
    port: Option<u16>,
    rest: &'a str,
}

fn split(text: &str) -> Option<Parts<'_>> {
    let (scheme, after) = text.split_once("://")?;
    let secure = match scheme {
        "https" => true,
        "http" => false,
        _ => return None,
    };
    let end = after.find(['/', '?', '#']).unwrap_or(after.len());
    let (authority, rest) = after.split_at_checked(end)?;
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok()?)),
        _ => (authority, None),
    };
    Some(Parts {
        secure,
        host,
        port,
        rest,
    })
}

fn is_host(host: &str) -> bool {
    let bracketed = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    match bracketed {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => host.len() <= 253 && host.split('.').all(is_label),
    }
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn is_onion(host: &str) -> bool {
    host.strip_suffix(".onion").is_some_and(|name| {
        let key = name.rsplit('.').next().unwrap_or_default();
        key.len() == 56
            && key
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
    })
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host == "[::1]"
        || host
            .parse::<Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
}
