//! Nothing moves under a thumb: no page is laid out a second time, on a slow line either, where pictures and fonts come late.

use serde_json::json;

use super::chromium::Browser;
use super::service::Demo;
use crate::support::html::fold;

/// Every move of something that was already to be seen, whatever it came from, and how much of the window it moved.
const MOVES: &str = "return document.fonts.ready.then(() => new Promise(tell => {
      const moves = [];
      new PerformanceObserver(list => moves.push(...list.getEntries())).observe({ type: 'layout-shift', buffered: true });
      // Two frames: what is still to move has moved.
      requestAnimationFrame(() => requestAnimationFrame(() => tell(moves.filter(move => !move.hadRecentInput)
        .map(move => move.value + ' ' + move.sources.map(source => source.node && (source.node.outerHTML || source.node.data)).join(' | ').slice(0, 300)))));
    }))";

/// Chromium draws nothing else than what is served, a quarter of a second after it is asked for.
async fn on_a_slow_line(browser: &Browser) {
    browser.tell("DOM.enable", json!({})).await;
    browser.tell("CSS.enable", json!({})).await;
    browser
        .tell("CSS.setLocalFontsEnabled", json!({ "enabled": false }))
        .await;
    let line = json!({ "offline": false, "latency": 250, "downloadThroughput": 50_000, "uploadThroughput": 50_000 });
    browser.tell("Network.enable", json!({})).await;
    browser.tell("Network.emulateNetworkConditions", line).await;
    browser
        .tell("Network.setCacheDisabled", json!({ "cacheDisabled": true }))
        .await;
}

/// Pictures whose place is not known before they are there.
const UNMEASURED: &str = "return [...document.images].filter(one => !(one.hasAttribute('width') && one.hasAttribute('height'))).map(one => one.outerHTML)";

async fn stands_still(browser: &Browser, page: &str) {
    assert_eq!(browser.run(UNMEASURED).await, json!([]), "{page}");
    assert_eq!(browser.run("return innerWidth").await, 360);
    let moves = browser.run(MOVES).await;
    assert_eq!(moves, json!([]), "{page}");
}

#[tokio::test]
async fn nothing_moves_while_a_page_loads() {
    let demo = Demo::start();
    let browser = Browser::with_script(None).await;
    on_a_slow_line(&browser).await;
    for lang in ["en", "km"] {
        for page in ["", "help", "mailbox", "report"] {
            browser.open(demo.public, &format!("/{lang}/{page}")).await;
            stands_still(&browser, &format!("/{lang}/{page}")).await;
        }
        browser.type_in("textarea[name=account]", "x").await;
        browser.click("#form .row button[value=review]").await;
        browser.find("form.review").await;
        stands_still(&browser, "review").await;
        browser.click("form.review .row button[value=send]").await;
        let code = fold(&browser.text(".code").await);
        stands_still(&browser, "code").await;
        browser.open(demo.public, &format!("/{lang}/mailbox")).await;
        browser.type_in("#code", &code).await;
        browser.click("#enter button[value=enter]").await;
        browser.find("#text").await;
        stands_still(&browser, "mailbox").await;
    }
}
