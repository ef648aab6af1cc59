//! `[server]`: where the two sides listen, and under which addresses people reach them.

use std::net::{Ipv4Addr, SocketAddr};

use super::address::BaseUrl;
use super::value::{FromSetting, names};
use crate::domain::document::{Table, Value};
pub use crate::domain::roles::{Role, Roles};

/// Where the server listens and what this process does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    /// Address and port of the reporters' side.
    pub public: SocketAddr,
    /// Address and port of the staff side.
    pub staff: SocketAddr,
    /// Address and port on this machine at which a process that takes reports says whether it could take one.
    pub health: SocketAddr,
    /// The same of a process that takes none.
    pub casework_health: SocketAddr,
    /// The address that reporters type.
    pub public_url: BaseUrl,
    /// The address that staff type.
    pub staff_url: BaseUrl,
    /// What this process does.
    pub roles: Roles,
}

impl ServerConfig {
    /// Where a process with these roles answers the health check.
    pub fn health_of(&self, roles: Roles) -> SocketAddr {
        if roles.intake {
            self.health
        } else {
            self.casework_health
        }
    }
}

names!(Role {
    "intake" => Intake,
    "casework" => Casework,
    "worker" => Worker,
});

impl FromSetting for Roles {
    fn from_setting(value: Value<'_>) -> Option<Self> {
        let roles = Vec::from_setting(value.clone())?;
        Self::of(&roles).or_else(|| value.wrong("at least one role is needed"))
    }
}

pub(super) fn read(table: &mut Table<'_>) -> ServerConfig {
    let listen = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let server = ServerConfig {
        public: table.or("public", listen(8080)),
        staff: table.or("staff", listen(8081)),
        health: table.or("health", listen(8082)),
        casework_health: table.or("casework_health", listen(8083)),
        public_url: table.or("public_url", BaseUrl::loopback(8080)),
        staff_url: table.or("staff_url", BaseUrl::loopback(8081)),
        roles: table.or("roles", Roles::ALL),
    };
    table.rule(
        &["public", "staff"],
        server.public != server.staff || server.public.port() == 0,
        "the two sides cannot share one port",
    );
    for (key, address) in [
        ("health", server.health),
        ("casework_health", server.casework_health),
    ] {
        table.rule(
            &[key],
            address.ip().is_loopback(),
            "must be an address of this machine alone, 127.0.0.1:PORT: each question is work",
        );
    }
    table.rule(
        &["health", "casework_health"],
        server.health != server.casework_health || server.health.port() == 0,
        "two processes cannot share one port",
    );
    server
}
