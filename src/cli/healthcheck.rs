//! `kapea healthcheck`: asks each process of the running service whether it is well, and whether a report could be taken.

use std::fmt;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, bail, ensure};

use super::arguments::HealthcheckArguments;
use super::common::{configuration_in, process_name};
use crate::config::{Environment, Roles, ServerConfig};
use crate::web::health::{CLOCK, CLOSED, NOBODY_TELLS, OLD_CREDENTIALS, STUCK, SWAPS};

const TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of an answer at most.
const LONGEST: u64 = 16 << 10;

pub(super) fn run(arguments: &HealthcheckArguments) -> anyhow::Result<()> {
    let environment = Environment::of_process().with_roles(&arguments.roles);
    let config = configuration_in(&arguments.config.path, &environment.without_secrets())?;
    let roles = config.server.roles;
    let processes = match arguments.roles.is_empty() {
        true => roles.apart(),
        false => vec![roles],
    };
    let mut faults: Vec<String> = Vec::new();
    for roles in processes {
        match ask(&config.server, roles) {
            Ok(remark) => remark.into_iter().for_each(|remark| eprintln!("{remark}")),
            Err(error) => faults.push(format!("{error:#}")),
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    println!("ready");
    Ok(())
}

/// What works and should not stay so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Remark {
    /// What is typed can reach swap.
    Swap(String),
    /// Nobody believes the machine's clock.
    Clock(String),
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Swap(said) | Self::Clock(said) => f.write_str(said),
        }
    }
}

/// Asks one process. What works and should not stay so is a remark.
///
/// # Errors
/// Why it is not well.
pub(super) fn ask(server: &ServerConfig, roles: Roles) -> anyhow::Result<Option<Remark>> {
    let mut remark = None;
    let sides = [
        (
            true,
            server.health_of(roles),
            "/readyz",
            process_name(roles),
        ),
        (
            roles.intake,
            server.public,
            "/healthz",
            "the reporters' side",
        ),
        (roles.casework, server.staff, "/healthz", "the staff side"),
    ];
    for (_, address, path, side) in sides.into_iter().filter(|(served, ..)| *served) {
        let (is_fine, word) = asked(reachable(address), path)
            .with_context(|| format!("{side} does not answer at {address}"))?;
        if word == CLOSED {
            bail!(
                "the form is closed: no team can receive reports. Have custodians' signatures lapsed, or are there none yet? See the page \"Who receives reports\" of a custodian"
            );
        }
        if word == OLD_CREDENTIALS {
            bail!(
                "{side} works with an old copy of the credentials: bring it the newest file and reload it. What it writes counts as forged from the second day on"
            );
        }
        if word == NOBODY_TELLS {
            bail!(
                "reports are taken, and nothing was heard for minutes of the process that sends notices: start it, and look into its log"
            );
        }
        if word == STUCK {
            bail!(
                "reports are taken, and something that is to be done beside them fails again and again, perhaps sending notices: the page Status says what, the log why"
            );
        }
        if word == CLOCK {
            remark = Some(Remark::Clock(format!(
                "{side}: the machine's clock is not believed, and nothing is destroyed or closed: set it right (timedatectl), or confirm it on the page Status"
            )));
        }
        if word == SWAPS {
            remark = Some(Remark::Swap(format!(
                "{side}: what is typed can reach swap: turn swap off, or allow memory to be locked (LimitMEMLOCK=infinity)"
            )));
        }
        if !is_fine {
            bail!("{side} is not ready; its log says why");
        }
    }
    Ok(remark)
}

/// An address that means "everywhere" when listening is asked on this machine.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Whether the answer was 200, and what it said.
pub(super) fn asked(address: SocketAddr, path: &str) -> std::io::Result<(bool, String)> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.take(LONGEST).read_to_string(&mut answer)?;
    let (head, word) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1);
    Ok((status == Some("200"), word.to_owned()))
}
