//! A file with the code, for whoever has no paper. It stays on the device, which the page says beside the buttons; its name says nothing.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, ContentType};

use super::{code, picture};
use crate::locale::Locale;
use crate::service::intake::Receipt;
use crate::web::marks::mark_final;
use crate::web::state::State;

/// What the file is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Keepsake {
    /// The digits as plain text.
    Text,
    /// The same among other numbers.
    Disguised,
    /// The digits as a picture.
    Picture,
}

impl Keepsake {
    /// What a button of the page with the code asks for.
    pub(super) fn of(step: &str) -> Option<Self> {
        match step {
            "keep-text" => Some(Self::Text),
            "keep-disguised" => Some(Self::Disguised),
            "keep-picture" => Some(Self::Picture),
            _ => None,
        }
    }

    /// The file, to be downloaded. Its button opens a tab, so that the page with the code stays whatever comes of it.
    pub(super) async fn file(self, state: &State, locale: Locale, kept: &str) -> HttpResponse {
        let Ok((receipt, _)) = state.services.intake.recheck(kept, "").await else {
            return code::file_gone_page(state, locale);
        };
        let (name, mime, content) = match self {
            Self::Text => (
                "1.txt",
                ContentType::plaintext(),
                text(state, locale, &receipt),
            ),
            Self::Disguised => (
                "2.txt",
                ContentType::plaintext(),
                disguised(state, locale, &receipt),
            ),
            Self::Picture => (
                "1.png",
                ContentType::png(),
                picture::of(&receipt.code.grouped()),
            ),
        };
        let mut response = HttpResponse::Ok()
            .content_type(mime)
            .insert_header((
                CONTENT_DISPOSITION,
                format!("attachment; filename=\"{name}\""),
            ))
            .body(content);
        mark_final(&mut response);
        response
    }
}

/// Once in the digits of the page, and once in Western ones where those are others.
fn text(state: &State, locale: Locale, receipt: &Receipt) -> Vec<u8> {
    let plain = receipt.code.grouped();
    let own = state.translator(locale).digits(&plain);
    let lines = if own == plain {
        plain
    } else {
        format!("{own}\r\n{plain}")
    };
    format!("{lines}\r\n").into_bytes()
}

fn disguised(state: &State, locale: Locale, receipt: &Receipt) -> Vec<u8> {
    let t = state.translator(locale);
    let lines = receipt.disguised.iter().enumerate();
    let lines = lines.map(|(at, line)| format!("{}. {line}\r\n", at.saturating_add(1)));
    let lines = t.digits(&lines.collect::<String>());
    format!("{}\r\n{lines}", t.text("code-disguise-title")).into_bytes()
}
