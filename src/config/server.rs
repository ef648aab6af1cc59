//! `[server]`: where the two sides listen, and under which addresses people reach them.

use std::net::{Ipv4Addr, SocketAddr};

use super::address::BaseUrl;
use super::reader::Section;
use super::value::{FromText, names};

/// Where the server listens and what this process does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    /// Address and port of the reporters' side.
    pub public: SocketAddr,
    /// Address and port of the staff side.
    pub staff: SocketAddr,
    /// Address and port on this machine at which the service says whether it could take a report.
    pub health: SocketAddr,
    /// The address that reporters type.
    pub public_url: BaseUrl,
    /// The address that staff type.
    pub staff_url: BaseUrl,
    /// What this process does.
    pub roles: Roles,
}

/// One thing that a process can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Takes reports and serves mailboxes; can open no report.
    Intake,
    /// Serves staff.
    Casework,
    /// Sends notices and minds the clocks; holds no key.
    Worker,
}

/// What one process does: at least one role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roles {
    /// Takes reports and serves mailboxes.
    pub intake: bool,
    /// Serves staff.
    pub casework: bool,
    /// Sends notices and minds the clocks.
    pub worker: bool,
}

impl Roles {
    /// Everything in one process.
    pub const ALL: Self = Self {
        intake: true,
        casework: true,
        worker: true,
    };

    /// Of a list; `None` if it is empty.
    pub fn of(roles: &[Role]) -> Option<Self> {
        (!roles.is_empty()).then(|| Self {
            intake: roles.contains(&Role::Intake),
            casework: roles.contains(&Role::Casework),
            worker: roles.contains(&Role::Worker),
        })
    }
}

names!(Role {
    "intake" => Role::Intake,
    "casework" => Role::Casework,
    "worker" => Role::Worker,
});

impl std::str::FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::from_text(text)
    }
}

pub(super) fn read(section: &mut Section<'_>) -> Option<ServerConfig> {
    let listen = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let public_place = section.place_of("public");
    let roles_place = section.place_of("roles");

    let public = section.or("public", listen(8080));
    let staff = section.or("staff", listen(8081));
    let health_place = section.place_of("health");
    let health = section.or("health", listen(8082));
    let public_url = section.or("public_url", BaseUrl::loopback(8080));
    let staff_url = section.or("staff_url", BaseUrl::loopback(8081));
    let roles = section.or("roles", vec![Role::Intake, Role::Casework, Role::Worker]);

    if let (Some(public), Some(staff)) = (public, staff)
        && public == staff
        && public.port() != 0
    {
        section.refuse(
            "public",
            public_place,
            "the two sides cannot share one port",
        );
    }
    if health.is_some_and(|health| !health.ip().is_loopback()) {
        section.refuse(
            "health",
            health_place,
            "must be an address of this machine alone, 127.0.0.1:PORT: each question is work",
        );
        return None;
    }
    let roles = Roles::of(&roles?);
    if roles.is_none() {
        section.refuse("roles", roles_place, "at least one role is needed");
    }
    Some(ServerConfig {
        public: public?,
        staff: staff?,
        health: health?,
        public_url: public_url?,
        staff_url: staff_url?,
        roles: roles?,
    })
}
