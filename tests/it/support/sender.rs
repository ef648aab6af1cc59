//! Reporters who file one report after the other until the service dies under them, and what they saw of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::Method;
use tokio::sync::Mutex;

use super::client::{Site, encode};
use super::html::Form;
use super::reporter::{code_of, fill};

/// What the clients saw.
#[derive(Default)]
pub struct Seen {
    /// Codes that were shown, by the account they stand for.
    pub shown: BTreeMap<String, String>,
    /// Forms that were sent without an answer.
    pub unanswered: Vec<Form>,
}

impl Seen {
    /// Whoever saw no answer sends the same form again: one report, whether the first arrived or not.
    pub async fn settle(&mut self, site: &Site) {
        for form in &self.unanswered {
            let page = site.post("/en/report", &form.fields).await;
            let account = form.value("account").unwrap().to_owned();
            self.shown.insert(account, code_of(&page.expect(200)));
        }
    }
}

/// How often a process is killed, unless this says so.
pub const CRASH_ROUNDS: &str = "KAPEA_CRASH_ROUNDS";

/// How often something is done: what a variable says, or the test itself.
pub fn rounds(variable: &str, usual: usize) -> usize {
    std::env::vars()
        .find(|(name, _)| name == variable)
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(usual)
}

/// Several pages of words, so that half of it would be seen.
pub fn account(number: usize) -> String {
    let middle = "word ".repeat(800);
    format!("begin-{number}-account {middle} end-{number}-account")
}

/// Files so many reports, or until the other side is gone.
pub async fn send_until_gone(
    site: Site,
    numbers: Arc<AtomicUsize>,
    seen: Arc<Mutex<Seen>>,
    most: usize,
) {
    for _ in 0..most {
        let Ok(page) = site.try_send(Method::GET, "/en/report", &[], None).await else {
            return;
        };
        let mut form = page.expect(200).form("form");
        let account = account(numbers.fetch_add(1, Ordering::SeqCst));
        fill(
            &mut form,
            &[("danger", "over"), ("account", &account), ("step", "send")],
        );
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let body = encode(&form.fields).into_bytes();
        match site
            .try_send(Method::POST, "/en/report", &headers, Some(body))
            .await
        {
            Ok(page) if page.status == 200 => {
                seen.lock().await.shown.insert(account, code_of(&page));
            }
            Ok(page) => assert_eq!(page.status, 503),
            Err(_) => {
                seen.lock().await.unanswered.push(form);
                return;
            }
        }
    }
}
