//! The reporter's side of the conversation, at its one address. No cookie: a sealed ticket that holds for a short while
//! travels in a hidden field. Every answer to a code has one status and one size, whatever the code was.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::{HttpResponse, web};
use askama::Template;

use super::code;
use crate::domain::ids::MailItemId;
use crate::domain::receipt::InvalidReceipt;
use crate::domain::typed;
use crate::locale::Locale;
use crate::service::mailbox::{MailboxError, OpenedMailbox};
use crate::web::body::Form;
use crate::web::error::{RETRY_SECONDS, WebError};
use crate::web::negotiate::Lang;
use crate::web::page::{self, Page, Switch};
use crate::web::state::State;

/// Lengths of these pages are multiples of this.
const STEP: usize = 16 << 10;

#[derive(Template)]
#[template(path = "reporter/mailbox_enter.html")]
struct Enter<'a> {
    page: Page<'a>,
    typed: String,
    draft: &'a str,
    problem: Option<String>,
    /// What was read, in groups, to be compared with a note of the code.
    read: Option<String>,
}

#[derive(Template)]
#[template(path = "reporter/mailbox_open.html")]
struct Open<'a> {
    page: Page<'a>,
    mailbox: &'a OpenedMailbox,
    draft: &'a str,
    done: Option<&'static str>,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "reporter/mailbox_sure.html")]
struct Sure<'a> {
    page: Page<'a>,
    ticket: &'a str,
    write_ticket: &'a str,
    draft: &'a str,
    item: Option<String>,
    text: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "reporter/mailbox_busy.html")]
struct Busy<'a> {
    page: Page<'a>,
    form: &'a Form,
}

#[derive(Template)]
#[template(path = "reporter/mailbox_closed.html")]
struct Ended<'a> {
    page: Page<'a>,
}

/// `GET /{lang}/mailbox`
pub async fn show(state: web::Data<State>, Lang(locale): Lang) -> HttpResponse {
    let page = Page::public(&state, locale, switch(locale, "enter"));
    page::html_compressible(&Enter {
        page,
        typed: String::new(),
        draft: "",
        problem: None,
        read: None,
    })
}

/// `POST /{lang}/mailbox`: `step` says what is to be done.
pub async fn take(
    state: web::Data<State>,
    Lang(locale): Lang,
    form: Form,
) -> Result<HttpResponse, WebError> {
    let asked = MailboxRequest {
        state: &state,
        locale,
        form: &form,
    };
    if let Some(trouble) = form.trouble() {
        return Ok(asked.shown_again(trouble.into()).await);
    }
    match form.value("step") {
        "write" => Ok(asked.write().await),
        "delete" | "close" => Ok(asked.sure().await),
        "delete-sure" => Ok(asked.delete().await),
        "close-sure" => Ok(asked.close().await),
        "open" => Ok(asked.open().await),
        "type" => Ok(asked.retyped()),
        _ => Ok(asked.enter().await),
    }
}

struct MailboxRequest<'a> {
    state: &'a State,
    locale: Locale,
    form: &'a Form,
}

impl MailboxRequest<'_> {
    async fn enter(&self) -> HttpResponse {
        match self
            .state
            .services
            .mailbox
            .enter(self.form.value("code"))
            .await
        {
            Ok(mailbox) => self.opened(StatusCode::OK, &mailbox, self.draft(), None, None),
            Err(error) => self.refused(error),
        }
    }

    async fn open(&self) -> HttpResponse {
        match self.reopened().await {
            Ok(mailbox) => self.opened(StatusCode::OK, &mailbox, self.draft(), None, None),
            Err(error) => self.refused(error),
        }
    }

    async fn write(&self) -> HttpResponse {
        if self.form.is_garbled("text") {
            return self
                .not_written("form-error-control", StatusCode::UNPROCESSABLE_ENTITY)
                .await;
        }
        let mailbox = &self.state.services.mailbox;
        let written = mailbox
            .write(self.ticket(), self.form.value("write_ticket"), self.draft())
            .await;
        let (problem, status) = match written {
            Ok(mailbox) => {
                return self.opened(
                    StatusCode::OK,
                    &mailbox,
                    "",
                    Some("mailbox-write-sent"),
                    None,
                );
            }
            Err(MailboxError::Empty) => ("mailbox-write-empty", StatusCode::UNPROCESSABLE_ENTITY),
            Err(MailboxError::TooLong) => {
                ("mailbox-write-too-long", StatusCode::UNPROCESSABLE_ENTITY)
            }
            Err(MailboxError::ControlCharacters) => {
                ("form-error-control", StatusCode::UNPROCESSABLE_ENTITY)
            }
            Err(MailboxError::Busy | MailboxError::Unavailable) => {
                ("mailbox-write-busy", StatusCode::SERVICE_UNAVAILABLE)
            }
            Err(
                error @ (MailboxError::Unknown
                | MailboxError::TicketExpired
                | MailboxError::NotACode(_)),
            ) => {
                return self.refused(error);
            }
        };
        self.not_written(problem, status).await
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
            Ok(mailbox) => self.opened(status, &mailbox, &shown(self.draft()), None, Some(problem)),
            Err(error) => self.refused(error),
        }
    }

    /// Asks once more before something goes for good.
    async fn sure(&self) -> HttpResponse {
        let mailbox = match self.reopened().await {
            Ok(mailbox) => mailbox,
            Err(error) => return self.refused(error),
        };
        let item =
            (self.form.value("step") == "delete").then(|| self.form.value("item").to_owned());
        let message = mailbox
            .messages
            .iter()
            .find(|message| Some(message.id.to_string()) == item);
        if item.is_some() && message.is_none() {
            // Gone already, perhaps in another window.
            return self.opened(StatusCode::OK, &mailbox, self.draft(), None, None);
        }
        let page = Page::public(self.state, self.locale, self.switch("messages"));
        let template = Sure {
            page,
            ticket: &mailbox.ticket,
            write_ticket: self.form.value("write_ticket"),
            draft: self.draft(),
            text: message.map(|message| message.text.as_str()),
            item,
        };
        page::html_padded(StatusCode::OK, &template, STEP)
    }

    async fn delete(&self) -> HttpResponse {
        let Ok(item) = self.form.value("item").parse::<MailItemId>() else {
            return self.open().await;
        };
        match self
            .state
            .services
            .mailbox
            .delete(self.ticket(), item)
            .await
        {
            Ok(mailbox) => self.opened(
                StatusCode::OK,
                &mailbox,
                self.draft(),
                Some("mailbox-delete-done"),
                None,
            ),
            Err(error) => self.refused(error),
        }
    }

    async fn close(&self) -> HttpResponse {
        match self.state.services.mailbox.close(self.ticket()).await {
            Ok(()) => {
                let page = Page::public(self.state, self.locale, Switch::to_front(self.locale));
                page::html_padded(StatusCode::OK, &Ended { page }, STEP)
            }
            Err(error) => self.refused(error),
        }
    }

    async fn reopened(&self) -> Result<OpenedMailbox, MailboxError> {
        self.state.services.mailbox.reopen(self.ticket()).await
    }

    fn opened(
        &self,
        status: StatusCode,
        mailbox: &OpenedMailbox,
        draft: &str,
        done: Option<&'static str>,
        problem: Option<&'static str>,
    ) -> HttpResponse {
        let page = Page::public(self.state, self.locale, self.switch("messages"));
        let problem = problem.map(|id| page.t(id));
        with_retry(page::html_padded(
            status,
            &Open {
                page,
                mailbox,
                draft,
                done,
                problem,
            },
            STEP,
        ))
    }

    fn refused(&self, error: MailboxError) -> HttpResponse {
        match error {
            MailboxError::Busy | MailboxError::Unavailable => {
                let page = Page::public(self.state, self.locale, Switch::None);
                let template = Busy {
                    page,
                    form: self.form,
                };
                with_retry(page::html_padded(
                    StatusCode::SERVICE_UNAVAILABLE,
                    &template,
                    STEP,
                ))
            }
            MailboxError::TicketExpired => {
                self.enter_page(StatusCode::UNPROCESSABLE_ENTITY, "mailbox-expired")
            }
            MailboxError::NotACode(why) => self.not_a_code(why),
            MailboxError::Unknown
            | MailboxError::Empty
            | MailboxError::TooLong
            | MailboxError::ControlCharacters => {
                self.enter_page(StatusCode::UNPROCESSABLE_ENTITY, "mailbox-enter-none")
            }
        }
    }

    fn enter_page(&self, status: StatusCode, problem: &'static str) -> HttpResponse {
        let page = Page::public(self.state, self.locale, self.switch("enter"));
        let problem = page.t(problem);
        self.enter_with(page, status, Some(problem), None)
    }

    /// Which digits are missing or wrong is no secret: it follows from what was typed alone.
    fn not_a_code(&self, why: InvalidReceipt) -> HttpResponse {
        let page = Page::public(self.state, self.locale, self.switch("enter"));
        let problem = code::invalid(&page, why);
        let read = page.digits(&typed::in_fours(self.form.value("code")));
        let read = Some(read).filter(|read| !read.is_empty());
        self.enter_with(page, StatusCode::UNPROCESSABLE_ENTITY, Some(problem), read)
    }

    fn enter_with(
        &self,
        page: Page<'_>,
        status: StatusCode,
        problem: Option<String>,
        read: Option<String>,
    ) -> HttpResponse {
        let typed = shown(self.form.value("code"))
            .chars()
            .take(code::LONGEST_CODE)
            .collect();
        let draft = shown(self.draft());
        page::html_padded(
            status,
            &Enter {
                page,
                typed,
                draft: &draft,
                problem,
                read,
            },
            STEP,
        )
    }

    fn switch(&self, form: &'static str) -> Switch {
        switch(self.locale, form)
    }

    /// The page that asks for the code, as it was left.
    fn retyped(&self) -> HttpResponse {
        let page = Page::public(self.state, self.locale, self.switch("enter"));
        self.enter_with(page, StatusCode::OK, None, None)
    }

    fn ticket(&self) -> &str {
        self.form.value("ticket")
    }

    fn draft(&self) -> &str {
        self.form.value("text")
    }
}

/// Another language, with the ticket and everything typed.
fn switch(locale: Locale, form: &'static str) -> Switch {
    let (step, usual) = match form {
        "enter" => ("type", "enter"),
        _ => ("open", "open"),
    };
    Switch::Button {
        form,
        action: format!("/{}/mailbox", locale.other()),
        page: "mailbox",
        step,
        usual,
    }
}

fn with_retry(mut response: HttpResponse) -> HttpResponse {
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
    }
    response
}

/// Without the control characters that a page may not hold.
fn shown(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control() || matches!(character, '\n' | '\t'))
        .collect()
}
