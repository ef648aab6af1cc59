//! What one row of the table of routes says, and what its resource carries so that a request knows who may come in.

use actix_web::http::Method;

use crate::domain::staff::Role;

/// Which listener serves a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Port {
    /// Open to everybody.
    Reporter,
    /// For people with accounts.
    Staff,
    /// For this machine's operator.
    Health,
}

impl Port {
    /// For the names of threads and for messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reporter => "reporters",
            Self::Staff => "staff",
            Self::Health => "health",
        }
    }
}

/// The method of a route. `HEAD` comes with `Get`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Changes nothing.
    Get,
    /// May change something.
    Post,
}

/// Who is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Anyone,
    /// Everybody who has signed in.
    SignedIn,
    /// People with one of these roles.
    Roles(&'static [Role]),
}

/// One row of the table.
pub struct Route {
    /// The listener.
    pub port: Port,
    /// The method.
    pub verb: Verb,
    /// The path, with names in braces.
    pub path: &'static str,
    /// Who is answered.
    pub access: Access,
    /// Makes the handler.
    pub handler: fn() -> actix_web::Route,
}

impl Route {
    /// A row for both ports' public pages.
    pub const fn open(
        port: Port,
        verb: Verb,
        path: &'static str,
        handler: fn() -> actix_web::Route,
    ) -> Self {
        Self {
            port,
            verb,
            path,
            access: Access::Anyone,
            handler,
        }
    }
}

/// Who is answered at one path, by method. Each resource carries its own; a request at a path without one is let in nowhere.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gate {
    get: Option<Access>,
    post: Option<Access>,
}

impl Gate {
    /// Of the rows of one path.
    pub fn of(routes: &[&'static Route]) -> Self {
        let access = |verb| {
            let mut rows = routes.iter();
            rows.find(|row| row.verb == verb).map(|row| row.access)
        };
        Self {
            get: access(Verb::Get),
            post: access(Verb::Post),
        }
    }

    /// Whether somebody with this role is let in.
    pub fn admits(&self, method: &Method, role: Role) -> bool {
        let access = if method == Method::POST {
            self.post
        } else {
            self.get
        };
        access.is_some_and(|access| match access {
            Access::Anyone | Access::SignedIn => true,
            Access::Roles(roles) => roles.contains(&role),
        })
    }

    /// Whether there is a page at the path, and not only something to send to.
    pub const fn is_page(&self) -> bool {
        self.get.is_some()
    }
}
