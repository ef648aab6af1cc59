//! What only the demonstration shows.

use crate::domain::staff::Role;

/// The demonstration behind the pages. In service there is none.
pub trait Demonstration: Send + Sync {
    /// The accounts that can be tried, with the codes of this moment.
    fn accounts(&self) -> Vec<DemoAccount>;
    /// The mails so far, newest first.
    fn mails(&self) -> Vec<DemoMail>;
}

/// An account that can be tried.
#[derive(Debug, Clone)]
pub struct DemoAccount {
    /// Its handle.
    pub handle: String,
    /// Its role.
    pub role: Role,
    /// Its passphrase: known to everybody, since it guards nothing.
    pub passphrase: String,
    /// The code its authenticator would show now.
    pub code: String,
}

/// A mail as it would have gone out.
#[derive(Debug, Clone)]
pub struct DemoMail {
    /// The name of its file.
    pub name: String,
    /// Its text.
    pub text: String,
}
