//! The server's own secrets: how old each may become, and how long an earlier version goes on being used.

use super::named::named;

named! {
    /// What an administrator can order to be changed.
    CredentialOrder {
        /// The root of all secrets in the credentials file.
        Root = "root",
        /// The login at the mail server.
        Mail = "mail",
    }
}

/// Days after which the root of the server's secrets is due to be changed.
pub const ROOT_DUE_DAYS: i64 = 365;
/// Days after which an account that has not signed in since the root was changed is locked out.
pub const PEPPER_GRACE_DAYS: i64 = 90;
/// Days after which a custodian's key is due to be changed.
pub const CUSTODIAN_DUE_DAYS: i64 = 730;
/// Days after which the login at the mail server is due to be changed.
pub const MAIL_DUE_DAYS: i64 = 365;
/// Days for which a custodian may go on signing with an earlier key, at most.
pub const CUSTODIAN_DAYS: i64 = 30;
