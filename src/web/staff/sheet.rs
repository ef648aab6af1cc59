//! A new recovery code on a page, until its end is typed back from paper.

use secrecy::{ExposeSecret, SecretString};

use super::fields::Fields;
use crate::service::pending::{NewCode, TypedBack};

/// What the macro `new_code` shows.
pub(super) struct Sheet<'a> {
    pub(super) handle: &'a str,
    pub(super) code: &'a str,
    pub(super) kept: &'a str,
    pub(super) typed: &'a str,
    pub(super) problem: Option<String>,
}

impl<'a> Sheet<'a> {
    /// With what came back before, and why it did not fit.
    pub(super) fn new(
        handle: &'a str,
        new: &'a NewCode,
        fields: &'a Fields,
        problem: Option<String>,
    ) -> Self {
        Self {
            handle,
            code: new.printed.expose_secret(),
            kept: &new.kept,
            typed: fields.get("typed-back"),
            problem,
        }
    }
}

/// What came back, with the passphrase that is to open the account.
pub(super) fn typed_back(fields: &Fields, passphrase: SecretString) -> TypedBack<'_> {
    TypedBack {
        kept: fields.get("kept"),
        passphrase,
        code: fields.get("code"),
        recovery: fields.secret("typed-back"),
    }
}
