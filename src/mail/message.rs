//! The notice: the same bytes for an urgent report, an ordinary one, the heartbeat and a test.
//!
//! It is assembled by hand, header by header, so that no library can add a user agent, an exact second or a host name.
//! Only `To`, `Date` (a quarter hour) and `Message-ID` differ between two notices.

use std::fmt;

use data_encoding::BASE64;

use crate::domain::clock::{Quarter, Timestamp};
use crate::domain::email::EmailAddress;
use crate::domain::ids::OutboxId;
use crate::locale::{Locale, Locales, Translator};

/// Bytes of an encoded word before base64: the line, `Subject: ` included, then stays within the 76 characters of RFC 2047.
const ENCODED_WORD_BYTES: usize = 39;
/// Characters of a base64 line (RFC 2045).
const BASE64_LINE: usize = 76;

/// The words of the notice in all languages at once, because the reader's language is nobody else's business.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NoticeText {
    /// The subject, one line.
    pub subject: String,
    /// The body; lines end in `\n`.
    pub body: String,
    /// The subject of an anchor, one line.
    pub anchor_subject: String,
    /// What stands above an anchor; lines end in `\n`.
    pub anchor_opening: String,
}

/// Everything about a notice that does not change from one to the next, encoded once.
#[derive(Clone)]
pub struct Stationery {
    from: EmailAddress,
    subject: String,
    body: String,
    anchor_subject: String,
    anchor_opening: String,
}

/// A notice to one person, ready to be carried.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    id: OutboxId,
    from: EmailAddress,
    to: EmailAddress,
    bytes: Vec<u8>,
}

impl NoticeText {
    /// Every language, one after the other, in the order of the language switch.
    pub fn load(locales: &Locales) -> Self {
        let translators: Vec<_> = Locale::complete()
            .map(|locale| locales.translator(locale))
            .collect();
        let each = |say: &dyn Fn(&Translator) -> String| -> Vec<String> {
            translators.iter().map(|words| say(words)).collect()
        };
        let subjects = each(&|words| words.text("mail-notice-subject"));
        let bodies = each(&|words| {
            format!(
                "{}\n{}\n\n{}\n{}\n",
                words.text("mail-notice-opening"),
                words.text("mail-notice-request"),
                words.text("mail-notice-reason"),
                words.text("mail-notice-closing"),
            )
        });
        let anchor_subjects = each(&|words| words.text("anchor-mail-subject"));
        let openings = each(&|words| format!("{}\n", words.text("anchor-mail-opening")));
        Self {
            subject: subjects.join(" / "),
            body: bodies.join("\n* * *\n\n"),
            anchor_subject: anchor_subjects.join(" / "),
            anchor_opening: openings.join("\n"),
        }
    }
}

impl Stationery {
    /// `from` stands in the header and the envelope; its domain stands in the Message-ID.
    pub fn new(from: EmailAddress, text: &NoticeText) -> Self {
        Self {
            from,
            subject: encode_subject(&text.subject),
            body: encode_body(&text.body),
            anchor_subject: encode_subject(&text.anchor_subject),
            anchor_opening: text.anchor_opening.clone(),
        }
    }

    /// The notice of the outbox row `id` to one person. Sent again after a failure it keeps its Message-ID.
    pub fn notice(&self, id: OutboxId, to: &EmailAddress, now: Timestamp) -> Message {
        self.message(id, to, now, &self.subject, &self.body)
    }

    /// An anchor of the audit log to an outsider: as long as its words are, which are always of the same length.
    pub fn anchor(&self, id: OutboxId, to: &EmailAddress, words: &str, now: Timestamp) -> Message {
        let body = encode_body(&format!("{}\n{words}", self.anchor_opening));
        self.message(id, to, now, &self.anchor_subject, &body)
    }

    fn message(
        &self,
        id: OutboxId,
        to: &EmailAddress,
        now: Timestamp,
        subject: &str,
        body: &str,
    ) -> Message {
        let from = &self.from;
        let text = format!(
            "Date: {date}\r\n\
             From: <{from}>\r\n\
             To: <{to}>\r\n\
             Message-ID: <{id}@{domain}>\r\n\
             Subject: {subject}\r\n\
             MIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: base64\r\n\
             Auto-Submitted: auto-generated\r\n\
             \r\n\
             {body}",
            date = header_date(now.quarter()),
            from = from.as_str(),
            to = to.as_str(),
            domain = from.domain(),
        );
        Message {
            id,
            from: from.clone(),
            to: to.clone(),
            bytes: text.into_bytes(),
        }
    }
}

impl fmt::Debug for Stationery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stationery(..)")
    }
}

impl Message {
    /// The outbox row it was made from.
    pub const fn id(&self) -> OutboxId {
        self.id
    }

    /// The sender.
    pub const fn from(&self) -> &EmailAddress {
        &self.from
    }

    /// The one recipient.
    pub const fn to(&self) -> &EmailAddress {
        &self.to
    }

    /// Headers and body as they go over the wire, ASCII with CRLF.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({}, {} bytes)", self.id, self.bytes.len())
    }
}

/// RFC 5322 date of the start of a quarter hour, in UTC.
fn header_date(quarter: Quarter) -> String {
    const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let day = quarter.start().day();
    let (year, month, day_of_month) = day.date();
    let minute = quarter.seconds().rem_euclid(86_400) / 60;
    let nth = |names: &[&'static str], index: Option<usize>| {
        index
            .and_then(|index| names.get(index).copied())
            .unwrap_or("")
    };
    let weekday = nth(&WEEKDAYS, usize::try_from(day.number().rem_euclid(7)).ok());
    let month = nth(&MONTHS, usize::from(month).checked_sub(1));
    format!(
        "{weekday}, {day_of_month:02} {month} {year:04} {:02}:{:02}:00 +0000",
        minute / 60,
        minute % 60
    )
}

/// Encoded words of RFC 2047, folded, never cut inside a character.
fn encode_subject(subject: &str) -> String {
    let mut words = vec![String::new()];
    for character in subject.chars().filter(|character| !character.is_control()) {
        match words.last_mut() {
            Some(word) if word.len() + character.len_utf8() <= ENCODED_WORD_BYTES => {
                word.push(character);
            }
            _ => words.push(character.to_string()),
        }
    }
    let words: Vec<String> = words
        .iter()
        .map(|word| format!("=?utf-8?B?{}?=", BASE64.encode(word.as_bytes())))
        .collect();
    words.join("\r\n ")
}

/// Base64 in lines of 76 characters; line ends of the text become CRLF first, as RFC 2046 wants for text.
fn encode_body(body: &str) -> String {
    let text = body.replace('\n', "\r\n");
    let encoded = BASE64.encode(text.as_bytes());
    let mut lines = String::new();
    for (index, character) in encoded.chars().enumerate() {
        if index > 0 && index % BASE64_LINE == 0 {
            lines.push_str("\r\n");
        }
        lines.push(character);
    }
    lines.push_str("\r\n");
    lines
}

#[cfg(test)]
mod tests;
