//! How far it is from the first page to the code: taps and pages, on a small phone.

use super::chromium::Browser;
use super::service::Demo;
use crate::support::html::fold;

/// What a small phone shows of a page at once, of the 360 pixels of width that all browsers here have.
const HEIGHT: i64 = 560;
/// What the bar at the foot covers of that.
const BAR: i64 = 48;
const MOST_TAPS: usize = 6;
const MOST_PAGES: usize = 3;

/// A thumb, and how often it touches the screen.
struct Thumb<'a> {
    phone: &'a Browser,
    taps: usize,
}

impl Thumb<'_> {
    async fn tap(&mut self, css: &str) {
        self.phone.click(css).await;
        self.taps += 1;
    }
}

#[tokio::test]
async fn the_first_sentence_is_six_taps_and_three_pages_from_the_code() {
    let demo = Demo::start();
    for (lang, sentence) in [("km", "គាត់វាយខ្ញុំរាល់យប់។"), ("en", "He hits me every night.")]
    {
        let phone = Browser::without_script().await;
        phone.open(demo.public, &format!("/{lang}/")).await;
        let before = phone.history().await.len();
        let mut thumb = Thumb {
            phone: &phone,
            taps: 0,
        };
        thumb.tap(&format!(".door[href='/{lang}/report']")).await;
        // The one field that is required and the button are within two heights of the window.
        for what in ["textarea[name=account]", "#form .row button[value=review]"] {
            let end = bottom(&phone, what).await;
            assert!(end <= 2 * HEIGHT, "{lang} {what}: {end}");
        }
        thumb.tap("label[for=q1-1]").await;
        thumb.tap("textarea[name=account]").await;
        phone.type_in("textarea[name=account]", sentence).await;
        thumb.tap("#form .row button[value=review]").await;
        assert!(phone.text("form.review").await.contains(sentence));
        thumb.tap("form.review .row button[value=send]").await;
        let code = fold(&phone.text(".code").await);
        let digits = code.chars().filter(|c| !c.is_whitespace()).count();
        assert_eq!(digits, 24, "{code}");
        // All of it is seen at once, above the bar at the foot.
        let end = bottom(&phone, ".code").await;
        assert!(end <= HEIGHT - BAR, "{lang}: the code ends at {end}");
        let pages = phone.history().await.len() - before;
        assert!(thumb.taps <= MOST_TAPS, "{lang}: {} taps", thumb.taps);
        assert!(pages <= MOST_PAGES, "{lang}: {pages} pages");
    }
}

/// Without danger, so that the numbers do not stand before it.
#[tokio::test]
async fn the_button_that_sends_is_in_the_first_view_of_the_review() {
    let demo = Demo::start();
    let phone = Browser::without_script().await;
    for lang in ["km", "en"] {
        phone.open(demo.public, &format!("/{lang}/report")).await;
        let long = "words ".repeat(200);
        phone.type_in("textarea[name=account]", &long).await;
        phone.click("#form .row button[value=review]").await;
        let end = bottom(&phone, "form.review .row button[value=send]").await;
        assert!(end <= HEIGHT - BAR, "{lang}: {end}");
    }
}

/// Where an element ends, from the top of the page.
async fn bottom(phone: &Browser, css: &str) -> i64 {
    phone.find(css).await;
    let script = format!(
        "return Math.ceil(document.querySelector(\"{css}\").getBoundingClientRect().bottom + scrollY)"
    );
    phone.run(&script).await.as_i64().expect("a number")
}
