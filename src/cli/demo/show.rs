//! What the demo shows of itself: a table on the terminal, codes and mails on its pages.

use std::path::{Path, PathBuf};
use std::sync::RwLock;

use secrecy::ExposeSecret;

use super::Account;
use crate::app::Application;
use crate::domain::clock::Clock;
use crate::seal::totp;
use crate::web::demonstration::{DemoAccount, DemoMail, Demonstration};

/// Accounts and mails of the running demo.
pub(super) struct Demo {
    mails: PathBuf,
    clock: Clock,
    accounts: RwLock<Vec<Account>>,
}

impl Demo {
    pub(super) fn new(mails: PathBuf, clock: Clock) -> Self {
        Self {
            mails,
            clock,
            accounts: RwLock::default(),
        }
    }

    pub(super) fn set(&self, accounts: Vec<Account>) {
        if let Ok(mut held) = self.accounts.write() {
            *held = accounts;
        }
    }

    fn held(&self) -> Vec<Account> {
        self.accounts
            .read()
            .map(|held| held.clone())
            .unwrap_or_default()
    }
}

impl Demonstration for Demo {
    fn accounts(&self) -> Vec<DemoAccount> {
        let now = self.clock.now();
        self.held()
            .into_iter()
            .map(|account| DemoAccount {
                code: totp::current(&account.totp, now).unwrap_or_default(),
                passphrase: account.passphrase.expose_secret().to_owned(),
                handle: account.handle,
                role: account.role,
            })
            .collect()
    }

    fn mails(&self) -> Vec<DemoMail> {
        let Ok(folder) = std::fs::read_dir(&self.mails) else {
            return Vec::new();
        };
        let mut mails: Vec<_> = folder
            .flatten()
            .filter(|entry| {
                entry
                    .path()
                    .extension()
                    .is_some_and(|extension| extension == "eml")
            })
            .filter_map(|entry| {
                let changed = entry.metadata().and_then(|data| data.modified()).ok()?;
                let text = std::fs::read_to_string(entry.path()).ok()?;
                Some((
                    changed,
                    DemoMail {
                        name: entry.file_name().to_string_lossy().into_owned(),
                        text,
                    },
                ))
            })
            .collect();
        mails.sort_by_key(|(changed, _)| std::cmp::Reverse(*changed));
        mails.into_iter().map(|(_, mail)| mail).collect()
    }
}

/// Prints addresses and accounts.
pub(super) fn table(application: &Application, demo: &Demo, folder: &Path, keep: bool) {
    println!("Kapea is running as a demonstration. Nothing in it is real; do not report here.\n");
    if let Some(address) = application.public_address() {
        println!("  Reporters   http://{address}/");
    }
    if let Some(address) = application.staff_address() {
        println!("  Staff       http://{address}/");
        println!("  Mails       http://{address}/demo/mail");
    }
    let kept = if keep { "kept" } else { "removed at the end" };
    println!("  Data        {} ({kept})\n", folder.display());
    println!(
        "  {:<11} {:<14} {:<34} {:<34} recovery code",
        "handle", "role", "TOTP secret", "passphrase"
    );
    for account in demo.held() {
        println!(
            "  {:<11} {:<14} {:<34} {:<34} {}",
            account.handle,
            account.role.as_str(),
            account.totp.base32().as_str(),
            account.passphrase.expose_secret(),
            account.recovery_code.expose_secret()
        );
    }
    println!(
        "\nThe current codes also stand on the staff login page. Ctrl-C ends the demonstration."
    );
}
