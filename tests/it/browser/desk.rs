//! The desk in a real browser: its keys, a list that fits on a screen, and a report on paper.

use serde_json::Value;

use super::chromium::{Browser, Setup};
use super::service::Demo;
use super::sign_in;

/// Presses a key where the focus is, as a keyboard of Latin letters does.
async fn press(browser: &Browser, key: &str) {
    let script = format!(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', bubbles: true, cancelable: true }}))"
    );
    browser.run(&script).await;
}

async fn yes(browser: &Browser, question: &str) -> bool {
    browser.run(&format!("return {question}")).await == Value::Bool(true)
}

#[tokio::test]
async fn keys_move_focus_and_follow_links_and_never_act_or_lose_words() {
    let demo = Demo::start();
    let browser = Browser::with_script(None).await;
    browser.open(demo.staff, "/login?lang=en").await;
    sign_in(&browser, &demo, "sokha").await;
    browser.open(demo.staff, "/queue").await;
    assert!(yes(&browser, "document.getElementById('key-list').hidden").await);
    press(&browser, "?").await;
    assert!(!yes(&browser, "document.getElementById('key-list').hidden").await);
    press(&browser, "Escape").await;
    assert!(yes(&browser, "document.getElementById('key-list').hidden").await);
    // Nobody takes a report whose card has not been gone to.
    press(&browser, "t").await;
    assert!(yes(&browser, "!document.activeElement.closest('.card')").await);
    press(&browser, "j").await;
    assert!(
        yes(
            &browser,
            "document.activeElement.closest('.card') === document.querySelector('.card')"
        )
        .await
    );
    press(&browser, "t").await;
    assert!(
        yes(
            &browser,
            "document.activeElement.dataset.key === 't' && location.pathname === '/queue'"
        )
        .await
    );
    browser
        .click(".queue .card form[action$='/claim'] button")
        .await;
    browser.find("#note").await;
    press(&browser, "e").await;
    assert!(yes(&browser, "document.activeElement.id === 'note'").await);
    browser.type_in("#note", "half a note").await;
    browser.run("document.activeElement.blur()").await;
    for key in ["n", "p", "u", "w"] {
        press(&browser, key).await;
        assert_eq!(browser.value("#note").await, "half a note", "{key}");
    }
    // On paper stand the account, the facts and the history, and none of the forms.
    let (_, is_seen) = browser.printed(".working, .acts-bar, .staff-head").await;
    let (_, is_told) = browser.printed(".account").await;
    assert!(!is_seen && is_told);
    assert_eq!(browser.console().await, [""; 0]);
}

#[tokio::test]
async fn twenty_lines_of_the_compact_list_fit_on_a_screen() {
    let demo = Demo::start();
    let wide = Setup {
        is_wide: true,
        script: true,
        ..Setup::default()
    };
    let browser = Browser::with(&wide).await;
    browser.open(demo.staff, "/login?lang=en").await;
    sign_in(&browser, &demo, "sokha").await;
    browser
        .open(demo.staff, "/queue?view=open&compact=yes")
        .await;
    let heights = "[...document.querySelectorAll('.compact .card')].map(card => card.getBoundingClientRect().height)";
    let seen = browser
        .run(&format!(
            "return [{heights}, innerWidth, document.body.scrollWidth]"
        ))
        .await;
    let heights = seen[0].as_array().expect("lines").iter();
    let tallest = heights.filter_map(Value::as_f64).fold(0.0, f64::max);
    let [width, page] = [1, 2].map(|at| seen[at].as_f64().expect("a number"));
    assert!(width > 1_000.0 && page <= width, "{seen}");
    assert!(20.0 * (tallest + 2.0) < 800.0, "{seen}");
}
