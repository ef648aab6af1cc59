//! The reporter's side of the conversation, at its one address. No cookie: a sealed ticket that holds for a short while
//! travels in a hidden field. Every answer to a code has one status and one size, whatever the code was.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use zeroize::Zeroizing;

use super::code;
use super::offers::Offers;
use super::telling::Telling;
use crate::domain::clock::Timestamp;
use crate::domain::form::{FieldError, Section};
use crate::domain::ids::MailItemId;
use crate::domain::inert;
use crate::domain::receipt::{self, InvalidReceipt};
use crate::locale::Locale;
use crate::service::error::Error;
use crate::service::mailbox::{Mailbox, OpenedMailbox};
use crate::web::body::Form;
use crate::web::error::WebError;
use crate::web::frame::{PageFrame, Switch};
use crate::web::negotiate::Lang;
use crate::web::page;
use crate::web::state::State;

/// The step of a button that deletes a message; its id follows.
const DELETE: &str = "delete:";
/// Lengths of these pages are multiples of this.
const STEP: usize = 16 << 10;

#[derive(Template)]
#[template(path = "reporter/mailbox_enter.html")]
struct Enter<'a> {
    c: PageFrame<'a>,
    typed: String,
    draft: &'a str,
    keeps: bool,
    problem: Option<String>,
    /// What was read, in groups, to be compared with a note of the code.
    read: Option<String>,
}

#[derive(Template)]
#[template(path = "reporter/mailbox_open.html")]
struct Open<'a> {
    c: PageFrame<'a>,
    mailbox: &'a OpenedMailbox,
    draft: &'a str,
    keeps: bool,
    expected: Expected,
    done: Option<&'static str>,
    problem: Option<String>,
    /// What the form carries besides.
    fields: Vec<(String, String)>,
    offers: Offers,
}

#[derive(Template)]
#[template(path = "reporter/mailbox_sure.html")]
struct Sure<'a> {
    c: PageFrame<'a>,
    ticket: &'a str,
    write_ticket: &'a str,
    draft: &'a str,
    keeps: bool,
    fields: Vec<(String, String)>,
    /// Whether ending takes something that was typed and not sent.
    is_unsent: bool,
    item: Option<&'a str>,
    text: Option<&'a str>,
}

/// What can be said of an answer that has not come.
enum Expected {
    /// Within how many days there most often is one.
    Within(u32),
    /// Nothing in numbers: the operator gives none.
    Soon,
    /// That time has passed since somebody read the report.
    Late,
}

impl Expected {
    fn of(state: &State, mailbox: &OpenedMailbox) -> Self {
        let Some(days) = state.settings.answer_days else {
            return Self::Soon;
        };
        let read = mailbox.read_at.map(Timestamp::day);
        match read {
            Some(day) if day.plus(i64::from(days)) < state.clock.today() => Self::Late,
            _ => Self::Within(days),
        }
    }
}

#[derive(Template)]
#[template(path = "reporter/mailbox_busy.html")]
struct Busy<'a> {
    c: PageFrame<'a>,
    form: &'a Form,
    draft: &'a str,
    fields: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "reporter/mailbox_closed.html")]
struct Ended<'a> {
    c: PageFrame<'a>,
}

/// `GET /{lang}/mailbox`
pub async fn show(state: State, Lang(locale): Lang) -> HttpResponse {
    let c = PageFrame::public(&state, locale, switch("enter"));
    page::html_compressible(&Enter {
        c,
        typed: String::new(),
        draft: "",
        keeps: false,
        problem: None,
        read: None,
    })
}

/// `POST /{lang}/mailbox`: `step` says what is to be done.
pub async fn take(state: State, Lang(locale): Lang, form: Form) -> Result<HttpResponse, WebError> {
    let telling = Telling::of(&state, locale, &form);
    let state = state.in_words_of(telling.edition());
    let asked = MailboxRequest {
        state: &state,
        locale,
        form: &form,
        draft: telling.with_gone(form.value("text")),
        telling,
    };
    if let Some(trouble) = form.trouble() {
        return Ok(asked.shown_again(trouble.into()).await);
    }
    if asked.telling.moved().is_some() {
        return Ok(asked.moved().await);
    }
    match form.value("step") {
        "write" => Ok(asked.write().await),
        "close" => Ok(asked.sure(None).await),
        "delete-sure" => Ok(asked.delete().await),
        "close-sure" => Ok(asked.close().await),
        "open" => Ok(asked.open().await),
        "type" => Ok(asked.retyped()),
        "tell" => Ok(asked.tell().await),
        step if step.starts_with(DELETE) => Ok(asked.sure(step.strip_prefix(DELETE)).await),
        step if step.starts_with("more") => Ok(asked.more().await),
        _ => Ok(asked.enter().await),
    }
}

struct MailboxRequest<'a> {
    state: &'a State,
    locale: Locale,
    form: &'a Form,
    /// What is typed as a message.
    draft: Zeroizing<String>,
    telling: Telling,
}

impl MailboxRequest<'_> {
    async fn enter(&self) -> HttpResponse {
        self.shown(self.mailbox().enter(self.form.value("code")).await)
    }

    async fn open(&self) -> HttpResponse {
        self.shown(self.reopened().await)
    }

    fn shown(&self, mailbox: Result<OpenedMailbox, Error>) -> HttpResponse {
        match mailbox {
            Ok(mailbox) => self.opened(&mailbox, self.draft(), None),
            Err(error) => self.refused(error),
        }
    }

    async fn write(&self) -> HttpResponse {
        if self.form.is_garbled("text") {
            return self
                .not_written("form-error-control", StatusCode::UNPROCESSABLE_ENTITY)
                .await;
        }
        let write_ticket = self.form.value("write_ticket");
        let tickets = (self.ticket(), write_ticket);
        let written = (self.mailbox()).write(tickets, self.draft(), self.telling.keeps());
        let (problem, status) = match written.await {
            Ok(mailbox) => return self.opened(&mailbox, "", Some("mailbox-write-sent")),
            Err(Error::Empty) => ("mailbox-write-empty", StatusCode::UNPROCESSABLE_ENTITY),
            Err(Error::TooLong) => ("mailbox-write-too-long", StatusCode::UNPROCESSABLE_ENTITY),
            Err(Error::ControlCharacters) => {
                ("form-error-control", StatusCode::UNPROCESSABLE_ENTITY)
            }
            Err(error @ (Error::NotFound | Error::Expired)) => return self.refused(error),
            Err(_) => ("mailbox-write-busy", StatusCode::SERVICE_UNAVAILABLE),
        };
        self.not_written(problem, status).await
    }

    /// Answers to questions that are gone stand in the draft, where they can be looked at.
    async fn moved(&self) -> HttpResponse {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        match self.reopened().await {
            Ok(mailbox) => {
                let moved = self.telling.moved().map(str::to_owned);
                self.messages(status, &mailbox, &shown(self.draft()), (None, moved), None)
            }
            Err(error) => self.refused(error),
        }
    }

    /// The questions of a section.
    async fn more(&self) -> HttpResponse {
        let mailbox = match self.reopened().await {
            Ok(mailbox) => mailbox,
            Err(error) => return self.refused(error),
        };
        match self.section() {
            Some(section) => self.section_page(StatusCode::OK, &mailbox, section, (&[], None)),
            None => self.opened(&mailbox, self.draft(), None),
        }
    }

    /// The answers of a section as a message.
    async fn tell(&self) -> HttpResponse {
        let Some(section) = self.section() else {
            return self.open().await;
        };
        let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
        let errors = self.telling.errors(section);
        let text = (self.telling).message(self.state.translator(self.locale), section);
        let (problem, status) = match (errors.is_empty(), text.is_empty()) {
            (false, _) => (None, unprocessable),
            (true, true) => (Some("more-empty"), unprocessable),
            _ if self.telling.is_other() => (Some("form-moved-look"), StatusCode::CONFLICT),
            (true, false) => {
                let write_ticket = self.form.value("write_ticket");
                let tickets = (self.ticket(), write_ticket);
                // The choice on the page before was for the draft alone.
                let written = self.mailbox().write(tickets, &text, false);
                match written.await {
                    Ok(mailbox) => return self.told(&mailbox, section),
                    Err(error @ (Error::NotFound | Error::Expired)) => return self.refused(error),
                    Err(Error::TooLong) => (Some("mailbox-write-too-long"), unprocessable),
                    Err(_) => (Some("mailbox-write-busy"), StatusCode::SERVICE_UNAVAILABLE),
                }
            }
        };
        match self.reopened().await {
            Ok(mailbox) => self.section_page(status, &mailbox, section, (&errors, problem)),
            Err(error) => self.refused(error),
        }
    }

    /// The section that this request is about: a button names it, or the page that it comes from.
    fn section(&self) -> Option<&Section> {
        let step = self.form.value("step");
        let id = match step.strip_prefix("more:") {
            Some(id) => id,
            None if matches!(step, "more" | "tell") => self.form.value("section"),
            None => return None,
        };
        self.telling.section(id)
    }

    fn section_page(
        &self,
        status: StatusCode,
        mailbox: &OpenedMailbox,
        section: &Section,
        wrong: (&[FieldError], Option<&'static str>),
    ) -> HttpResponse {
        let c = PageFrame::of_form(self.state, self.locale, self.switch("section"));
        let draft = shown(self.draft());
        let template = self.telling.page(c, mailbox, section, &draft, wrong);
        page::html_padded(status, &template, STEP)
    }

    /// A form that did not arrive whole. What came of it is put back.
    async fn shown_again(&self, error: WebError) -> HttpResponse {
        let (problem, status) = match error {
            WebError::TooSlow => ("form-error-too-slow", StatusCode::REQUEST_TIMEOUT),
            _ => ("form-error-too-much", StatusCode::PAYLOAD_TOO_LARGE),
        };
        let mut response = if self.ticket().is_empty() {
            self.enter_page(status, problem)
        } else {
            self.not_written(problem, status).await
        };
        response
            .head_mut()
            .set_connection_type(actix_web::http::ConnectionType::Close);
        response
    }

    /// The messages again, with the draft still in its field and the reason above it.
    async fn not_written(&self, problem: &'static str, status: StatusCode) -> HttpResponse {
        match self.reopened().await {
            Ok(mailbox) => match self.section() {
                Some(section) => self.section_page(status, &mailbox, section, (&[], Some(problem))),
                None => {
                    let draft = shown(self.draft());
                    let said = (None, Some(self.state.translator(self.locale).text(problem)));
                    self.messages(status, &mailbox, &draft, said, None)
                }
            },
            Err(error) => self.refused(error),
        }
    }

    /// Asks once more before something goes for good.
    async fn sure(&self, item: Option<&str>) -> HttpResponse {
        let mailbox = match self.reopened().await {
            Ok(mailbox) => mailbox,
            Err(error) => return self.refused(error),
        };
        let mut messages = mailbox.messages.iter().chain(&mailbox.own);
        let message = item.and_then(|item| messages.find(|one| one.id.to_string() == item));
        if item.is_some() && message.is_none() {
            // Gone already, perhaps in another window.
            return self.opened(&mailbox, self.draft(), None);
        }
        let c = PageFrame::public(self.state, self.locale, self.switch("messages"));
        let unsent = self.telling.draft(c.t, self.draft());
        let template = Sure {
            c,
            ticket: &mailbox.ticket,
            write_ticket: self.form.value("write_ticket"),
            draft: self.draft(),
            keeps: self.telling.keeps(),
            fields: self.telling.fields(None),
            is_unsent: !inert::is_blank(&unsent),
            text: message.map(|message| message.text.as_str()),
            item,
        };
        page::html_padded(StatusCode::OK, &template, STEP)
    }

    async fn delete(&self) -> HttpResponse {
        let Ok(item) = self.form.value("item").parse::<MailItemId>() else {
            return self.open().await;
        };
        match self.mailbox().delete(self.ticket(), item).await {
            Ok(mailbox) => self.opened(&mailbox, self.draft(), Some("mailbox-delete-done")),
            Err(error) => self.refused(error),
        }
    }

    async fn close(&self) -> HttpResponse {
        match self.mailbox().close(self.ticket()).await {
            Ok(()) => {
                let c = PageFrame::public(self.state, self.locale, Switch::to(""));
                page::html_padded(StatusCode::OK, &Ended { c }, STEP)
            }
            Err(error) => self.refused(error),
        }
    }

    /// By its ticket, or from the page with the code.
    async fn reopened(&self) -> Result<OpenedMailbox, Error> {
        match (self.ticket(), self.form.value("kept")) {
            ("", kept) if !kept.is_empty() => self.mailbox().enter_kept(kept).await,
            (ticket, _) => self.mailbox().reopen(ticket).await,
        }
    }

    fn mailbox(&self) -> &Mailbox {
        &self.state.services.mailbox
    }

    /// The messages, and what was done with them.
    fn opened(
        &self,
        mailbox: &OpenedMailbox,
        draft: &str,
        done: Option<&'static str>,
    ) -> HttpResponse {
        self.messages(StatusCode::OK, mailbox, draft, (done, None), None)
    }

    /// The messages, after the answers of a section were sent.
    fn told(&self, mailbox: &OpenedMailbox, section: &Section) -> HttpResponse {
        let draft = shown(self.draft());
        let said = (Some("mailbox-write-sent"), None);
        self.messages(StatusCode::OK, mailbox, &draft, said, Some(section))
    }

    fn messages(
        &self,
        status: StatusCode,
        mailbox: &OpenedMailbox,
        draft: &str,
        (done, problem): (Option<&'static str>, Option<String>),
        sent: Option<&Section>,
    ) -> HttpResponse {
        let c = PageFrame::public(self.state, self.locale, self.switch("messages"));
        page::html_padded(
            status,
            &Open {
                offers: self.telling.offers(c.t, sent),
                fields: self.telling.fields(sent),
                c,
                mailbox,
                draft,
                // For one message: whoever wants it of the next one says so again.
                keeps: self.telling.keeps() && !draft.is_empty(),
                expected: Expected::of(self.state, mailbox),
                done,
                problem,
            },
            STEP,
        )
    }

    fn refused(&self, error: Error) -> HttpResponse {
        match error {
            Error::Expired => self.enter_page(StatusCode::UNPROCESSABLE_ENTITY, "mailbox-expired"),
            Error::NotACode(why) => self.not_a_code(why),
            Error::NotFound => {
                self.enter_page(StatusCode::UNPROCESSABLE_ENTITY, "mailbox-enter-none")
            }
            _ => {
                let c = PageFrame::public(self.state, self.locale, Switch::None);
                let fields = self.telling.fields(None);
                let template = Busy {
                    c,
                    form: self.form,
                    draft: self.draft(),
                    fields,
                };
                page::html_padded(StatusCode::SERVICE_UNAVAILABLE, &template, STEP)
            }
        }
    }

    fn enter_page(&self, status: StatusCode, problem: &'static str) -> HttpResponse {
        let c = PageFrame::public(self.state, self.locale, self.switch("enter"));
        let problem = c.t.text(problem);
        self.enter_with(c, status, Some(problem), None)
    }

    /// Which digits are missing or wrong is no secret: it follows from what was typed alone.
    fn not_a_code(&self, why: InvalidReceipt) -> HttpResponse {
        let c = PageFrame::public(self.state, self.locale, self.switch("enter"));
        let problem = code::invalid(&c, why);
        let read = c.t.digits(&receipt::as_read(self.form.value("code")));
        let read = Some(read).filter(|read| !read.is_empty());
        self.enter_with(c, StatusCode::UNPROCESSABLE_ENTITY, Some(problem), read)
    }

    fn enter_with(
        &self,
        c: PageFrame<'_>,
        status: StatusCode,
        problem: Option<String>,
        read: Option<String>,
    ) -> HttpResponse {
        let typed = shown(self.form.value("code"))
            .chars()
            .take(code::LONGEST_CODE)
            .collect();
        // There are no questions on this page: what was answered elsewhere goes on as a draft.
        let draft = shown(&self.telling.draft(c.t, self.draft()));
        page::html_padded(
            status,
            &Enter {
                c,
                typed,
                draft: &draft,
                keeps: self.telling.keeps(),
                problem,
                read,
            },
            STEP,
        )
    }

    fn switch(&self, form: &'static str) -> Switch {
        switch(form)
    }

    /// The page that asks for the code, as it was left.
    fn retyped(&self) -> HttpResponse {
        let c = PageFrame::public(self.state, self.locale, self.switch("enter"));
        self.enter_with(c, StatusCode::OK, None, None)
    }

    fn ticket(&self) -> &str {
        self.form.value("ticket")
    }

    fn draft(&self) -> &str {
        &self.draft
    }
}

/// Another language, with the ticket and everything typed.
fn switch(form: &'static str) -> Switch {
    let (step, usual) = match form {
        "enter" => ("type", "enter"),
        "section" => ("more", "tell"),
        _ => ("open", "open"),
    };
    let form = if form == "section" { "messages" } else { form };
    Switch::Button {
        form,
        action: "/{lang}/mailbox".to_owned(),
        page: "mailbox",
        step,
        usual,
    }
}

/// Without the control characters that a page may not hold.
fn shown(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control() || matches!(character, '\n' | '\t'))
        .collect()
}
