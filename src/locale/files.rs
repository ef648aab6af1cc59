//! The Fluent files, compiled in. A new file is named once here and must exist in both languages.

use super::Locale;

macro_rules! fluent_files {
    ($($name:literal),+ $(,)?) => {
        /// File name and text of every Fluent file of a language.
        pub(super) const fn of(locale: Locale) -> &'static [(&'static str, &'static str)] {
            match locale {
                Locale::En => &[$((concat!("en/", $name), include_str!(concat!("../../locales/en/", $name)))),+],
                Locale::Km => &[$((concat!("km/", $name), include_str!(concat!("../../locales/km/", $name)))),+],
            }
        }
    };
}

fluent_files!(
    "access.ftl",
    "alarm.ftl",
    "admission.ftl",
    "anchor.ftl",
    "audit.ftl",
    "common.ftl",
    "decisions.ftl",
    "credentials.ftl",
    "factors.ftl",
    "form.ftl",
    "leaving.ftl",
    "ledger.ftl",
    "mail.ftl",
    "recovery.ftl",
    "renewal.ftl",
    "reporter.ftl",
    "rotation.ftl",
    "staff.ftl"
);
