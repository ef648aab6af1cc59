//! The files as a whole: both languages say the same things, and the right ones.

use super::*;

#[test]
fn both_languages_load() {
    let locales = Locales::load().unwrap();
    let km = locales.translator(Locale::Km);
    assert_eq!(
        km.date(crate::domain::clock::Day::from_number(20_780)),
        "២៣ វិច្ឆិកា ២០២៦"
    );
    let en = locales.translator(Locale::En);
    assert_eq!(
        en.date(crate::domain::clock::Day::from_number(20_780)),
        "23 November 2026"
    );
    assert_eq!(en.text("no-such-message"), "[no-such-message]");
}
