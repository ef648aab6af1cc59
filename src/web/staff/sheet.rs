//! What opens an account, made anew: a passphrase, and a recovery code until its end is typed back from paper.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::form::FormState;
use crate::service::pending::{NewCode, TypedBack};
use crate::web::marks::Words;

/// What the macro `new_code` shows.
pub(super) struct Sheet<'a> {
    pub(super) handle: &'a str,
    pub(super) code: &'a str,
    pub(super) kept: &'a str,
}

impl<'a> Sheet<'a> {
    /// For whom, and with which code.
    pub(super) fn new(handle: &'a str, new: &'a NewCode) -> Self {
        Self {
            handle,
            code: new.printed.expose_secret(),
            kept: &new.kept,
        }
    }
}

/// What the macro `new_code` asks for, and what proves it.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct TypedBackForm<'a> {
    kept: &'a str,
    passphrase: SecretString,
    code: &'a str,
    typed_back: SecretString,
}

impl<'a> TypedBackForm<'a> {
    /// With the present passphrase.
    pub(super) fn back(self) -> TypedBack<'a> {
        TypedBack {
            kept: self.kept,
            passphrase: self.passphrase,
            code: self.code,
            recovery: self.typed_back,
        }
    }

    /// With a new one.
    pub(super) fn back_with(self, new: NewPassphrase<'_>) -> TypedBack<'a> {
        TypedBack {
            passphrase: new.chosen(),
            ..self.back()
        }
    }
}

/// What the macro `passphrase` asks for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct NewPassphrase<'a> {
    choice: &'a str,
    words: SecretString,
    own: SecretString,
}

impl NewPassphrase<'_> {
    /// The six words that were offered, or the person's own.
    pub(super) fn chosen(self) -> SecretString {
        if self.choice == "own" {
            self.own
        } else {
            self.words
        }
    }
}

/// The words that were offered first: somebody may be writing them down already. Otherwise new ones.
pub(super) fn offered(form: &FormState<'_>, new: impl FnOnce() -> SecretString) -> Words {
    let words = form.get("words");
    Words::new(if words.is_empty() {
        new().expose_secret().to_owned()
    } else {
        words.to_owned()
    })
}
