//! Questions on the terminal.

use std::io::{self, BufRead, IsTerminal, Write};

use anyhow::Context;
use secrecy::SecretString;
use zeroize::Zeroizing;

/// Asks for a secret without showing it. If standard input is no terminal, its first line is taken.
pub(super) fn secret(question: &str) -> anyhow::Result<SecretString> {
    let answer = if io::stdin().is_terminal() {
        rpassword::prompt_password(format!("{question}: "))
            .map(Zeroizing::new)
            .context("no answer")?
    } else {
        line()?
    };
    Ok(SecretString::from(answer.trim()))
}

/// Asks for a secret that nobody could type unseen, as long as a share is. Empty at the end of the input.
pub(super) fn shown(question: &str) -> anyhow::Result<SecretString> {
    print!("{question}: ");
    io::stdout().flush()?;
    Ok(SecretString::from(line()?.trim()))
}

/// Asks for the word "yes".
pub(super) fn confirmed(question: &str) -> anyhow::Result<bool> {
    print!("{question} [yes/no]: ");
    io::stdout().flush()?;
    Ok(line()?.trim() == "yes")
}

fn line() -> anyhow::Result<Zeroizing<String>> {
    let mut line = Zeroizing::new(String::new());
    io::stdin()
        .lock()
        .read_line(&mut line)
        .context("no answer")?;
    Ok(line)
}
