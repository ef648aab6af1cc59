//! Shares typed in, line by line. A mistake is named at once, and on a terminal the line is asked for again.

use std::io::{self, IsTerminal};

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};

use crate::cli::prompt;
use crate::seal::keys::StaffKeys;
use crate::seal::recovery::share::{LINES, check_line};
use crate::seal::recovery::{FEWEST_NEEDED, Pile, RecoveryPublic, Share, ShareError};

/// Asks for shares until they come to the recovery key, which is the one expected or none.
///
/// # Errors
/// What is wrong with a share, by name; on a terminal that share is asked for again instead.
pub(super) fn ask(expected: &RecoveryPublic) -> anyhow::Result<StaffKeys> {
    println!("The shares of set {} are needed.", expected.set());
    let mut pile = Pile::new(expected.clone());
    let mut missing = usize::from(FEWEST_NEEDED);
    let mut place = 1_u8;
    while missing > 0 {
        let outcome = one(place).and_then(|share| {
            let number = share.number();
            let missing = pile.add(share)?;
            Ok((number, missing))
        });
        match outcome {
            Ok((number, left)) => {
                missing = left;
                place = place.saturating_add(1);
                println!("Share {number} is good. {missing} more.");
            }
            // An empty line, or the end of the input: there are no more.
            Err(error) if error.is::<Ended>() => break,
            Err(error) if io::stdin().is_terminal() => println!("Not taken: {error:#}"),
            Err(error) => return Err(error),
        }
    }
    Ok(pile.combine()?)
}

/// Nothing more comes in.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("no more input")]
struct Ended;

fn one(place: u8) -> anyhow::Result<Share> {
    println!("Sheet {place}. Type its {LINES} lines.");
    let mut lines = Vec::new();
    while lines.len() < usize::from(LINES) {
        let number = u8::try_from(lines.len()).unwrap_or(LINES).saturating_add(1);
        let typed = prompt::shown(&format!("  Line {number}"))?;
        if typed.expose_secret().is_empty() {
            return Err(Ended.into());
        }
        let line = without_number(&typed);
        match check_line(number, line.expose_secret()) {
            Ok(_) => lines.push(line),
            Err(error) if io::stdin().is_terminal() => println!("  Not taken: {error}"),
            Err(error) => return Err(error).with_context(|| format!("sheet {place}")),
        }
    }
    let texts: Vec<&str> = lines.iter().map(ExposeSecret::expose_secret).collect();
    Share::parse(&texts)
        .map_err(|error: ShareError| anyhow::Error::new(error).context(format!("sheet {place}")))
}

/// The sheet prints the line's number and a colon in front; some type them too.
fn without_number(typed: &SecretString) -> SecretString {
    let text = typed.expose_secret();
    let digits = text.split_once(':').map_or(text, |(_, digits)| digits);
    SecretString::from(digits)
}
