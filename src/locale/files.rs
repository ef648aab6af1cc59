//! The Fluent files, compiled in by the build.

use super::Locale;

/// File name and text of every Fluent file of a language.
pub(super) fn of(locale: Locale) -> &'static [(&'static str, &'static str)] {
    let code = locale.code();
    include!(concat!(env!("OUT_DIR"), "/sentences.rs"))
}
