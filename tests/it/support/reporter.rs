//! A reporter: a phone, no script, no cookie.

use super::client::{Page, Site};
use super::html::Form;

/// Somebody with a browser at the reporters' side, in one language.
#[derive(Debug, Clone)]
pub struct Reporter {
    pub site: Site,
    pub lang: &'static str,
}

/// A mailbox that stands open on the screen.
#[derive(Debug, Clone)]
pub struct Mailbox {
    reporter: Reporter,
    pub page: Page,
}

impl Reporter {
    pub fn path(&self, rest: &str) -> String {
        format!("/{}/{rest}", self.lang)
    }

    /// The empty form.
    pub async fn open_form(&self) -> Form {
        self.site
            .get(&self.path("report"))
            .await
            .expect(200)
            .form("form")
    }

    /// The form with these answers in it, not sent yet.
    pub async fn fill(&self, answers: &[(&str, &str)]) -> Form {
        let mut form = self.open_form().await;
        fill(&mut form, answers);
        form
    }

    /// The review of these answers, not sent yet.
    pub async fn review(&self, answers: &[(&str, &str)]) -> Page {
        let form = self.fill(answers).await;
        self.site.submit(&form, "review").await.expect(200)
    }

    /// From the form to the page with the code, over the review.
    pub async fn send(&self, answers: &[(&str, &str)]) -> Page {
        let review = self.review(answers).await;
        self.site.submit(&review.form("form"), "send").await
    }

    /// Answers that are not taken: neither by the review nor when they are sent past it.
    pub async fn send_wrong(&self, answers: &[(&str, &str)]) {
        let form = self.fill(answers).await;
        for step in ["review", "send"] {
            self.site.submit(&form, step).await.expect(422);
        }
    }

    /// Files a report and gives its code in Western digits.
    pub async fn file(&self, answers: &[(&str, &str)]) -> String {
        code_of(&self.send(answers).await.expect(200))
    }

    /// The page after a code was typed.
    pub async fn try_code(&self, code: &str) -> Page {
        let mut form = self
            .site
            .get(&self.path("mailbox"))
            .await
            .expect(200)
            .form("enter");
        form.set("code", code);
        self.site.submit(&form, "enter").await
    }

    pub async fn mailbox(&self, code: &str) -> Mailbox {
        Mailbox {
            page: self.try_code(code).await.expect(200),
            reporter: self.clone(),
        }
    }
}

impl Mailbox {
    /// The messages that lie in it.
    pub fn messages(&self) -> Vec<String> {
        self.page.document().of_class("text")
    }

    pub async fn write(&self, text: &str) -> Page {
        let mut form = self.page.form("messages");
        form.set("text", text);
        self.reporter.site.submit(&form, "write").await
    }

    /// The same by somebody who wants to be able to read it again.
    pub async fn write_and_keep(&self, text: &str) -> Page {
        let mut form = self.page.form("messages");
        form.set("text", text).set("keep", "yes");
        self.reporter.site.submit(&form, "write").await
    }

    /// Deletes the first message, through the page that asks once more.
    pub async fn delete_first(&mut self) {
        let form = self.page.form("messages");
        let mut buttons = form.buttons.iter();
        let delete = buttons.find(|button| button.value.starts_with("delete:"));
        let delete = &delete.expect("a message to delete").value;
        let sure = self.reporter.site.submit(&form, delete).await.expect(200);
        self.page = self
            .reporter
            .site
            .submit(&sure.form("messages"), "delete-sure")
            .await
            .expect(200);
    }

    /// Closes it, through the page that asks once more.
    pub async fn close(self) -> Page {
        let form = self.page.form("messages");
        assert!(form.offers("close"), "a way to close");
        let sure = self.reporter.site.submit(&form, "close").await.expect(200);
        self.reporter
            .site
            .submit(&sure.form("messages"), "close-sure")
            .await
    }
}

pub fn fill(form: &mut Form, answers: &[(&str, &str)]) {
    for (name, _) in answers {
        form.fields.retain(|(field, _)| field != name);
    }
    for (name, value) in answers {
        form.add(name, value);
    }
}

/// The code on the page that shows it, in Western digits.
#[track_caller]
pub fn code_of(page: &Page) -> String {
    let shown = page.document().of_class("code");
    let code = kapea::domain::receipt::western_digits(shown.first().expect("a page with a code"));
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    assert_eq!(digits.len(), 24, "{shown:?}");
    digits
}
