//! `kapea healthcheck`: asks the running service whether it can take a report.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, bail};

use super::arguments::ConfigFile;
use super::configuration;

const TIMEOUT: Duration = Duration::from_secs(10);

pub(super) fn run(file: &ConfigFile) -> anyhow::Result<()> {
    let config = configuration(file)?;
    let roles = config.server.roles;
    let sides = [
        (roles.intake, config.server.public, "the reporters' side"),
        (roles.casework, config.server.staff, "the staff side"),
    ];
    for (_, address, side) in sides.into_iter().filter(|(served, ..)| *served) {
        if !ready(reachable(address)).with_context(|| format!("{side} does not answer"))? {
            bail!("{side} is not ready");
        }
    }
    println!("ready");
    Ok(())
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

pub(super) fn ready(address: SocketAddr) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    Ok(status.ends_with(b" 200"))
}
