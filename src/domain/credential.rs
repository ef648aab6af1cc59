//! The server's own secrets by name: how old each may become, and how long an earlier version goes on being used.

use super::named::named;

named! {
    /// A secret of the credentials file. None of them opens a report.
    CredentialKind {
        /// What every passphrase is hashed with.
        Pepper = "pepper",
        /// What e-mail addresses are sealed with.
        Contact = "contact",
        /// What forms, codes and hidden fields are made with.
        Ticket = "ticket",
        /// What signs the heads of the audit log and opens its bodies.
        Audit = "audit",
        /// The salt of receipts.
        Salt = "salt",
    }
}

named! {
    /// A key that an administrator can order to be changed by whoever runs the server.
    CredentialOrder {
        /// The pepper.
        Pepper = "pepper",
        /// The contact key.
        Contact = "contact",
        /// The ticket key.
        Ticket = "ticket",
        /// The audit key.
        Audit = "audit",
        /// The salt of receipts.
        Salt = "salt",
        /// The login at the mail server.
        Mail = "mail",
    }
}

impl CredentialOrder {
    /// The secret that is ordered to be changed; none for the login at the mail server.
    pub const fn credential(self) -> Option<CredentialKind> {
        Some(match self {
            Self::Pepper => CredentialKind::Pepper,
            Self::Contact => CredentialKind::Contact,
            Self::Ticket => CredentialKind::Ticket,
            Self::Audit => CredentialKind::Audit,
            Self::Salt => CredentialKind::Salt,
            Self::Mail => return None,
        })
    }

    /// The order for that secret.
    pub const fn of(kind: CredentialKind) -> Self {
        match kind {
            CredentialKind::Pepper => Self::Pepper,
            CredentialKind::Contact => Self::Contact,
            CredentialKind::Ticket => Self::Ticket,
            CredentialKind::Audit => Self::Audit,
            CredentialKind::Salt => Self::Salt,
        }
    }
}

/// Days after which an account that has not signed in since the pepper was changed is locked out.
pub const PEPPER_GRACE_DAYS: i64 = 90;
/// Days after which a custodian's key is due to be changed.
pub const CUSTODIAN_DUE_DAYS: i64 = 730;
/// Days after which the login at the mail server is due to be changed.
pub const MAIL_DUE_DAYS: i64 = 365;
/// Days for which a custodian may go on signing with an earlier key, at most.
pub const CUSTODIAN_DAYS: i64 = 30;

impl CredentialKind {
    /// Days after which it is due to be changed.
    pub const fn due_days(self) -> i64 {
        match self {
            Self::Ticket => 183,
            Self::Pepper | Self::Contact | Self::Audit => 365,
            // Each salt that is still in use makes opening a mailbox slower.
            Self::Salt => 730,
        }
    }
}
