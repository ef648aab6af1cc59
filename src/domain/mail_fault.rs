//! Why a notice did not leave: how far it came, what the server answered in numbers, and what that means for whoever puts it right.
//!
//! Judged by the stage and the codes alone, never by the words of the other server: they differ from one to the next, and hold addresses.

use std::fmt;
use std::str::FromStr;

use super::named::{InvalidName, named};

named! {
    /// How far the conversation with the mail server had come.
    MailStage {
        /// It was to be reached.
        Connect = "connect",
        /// The connection was to be encrypted.
        Tls = "tls",
        /// It was greeted.
        Greeting = "greeting",
        /// We signed in.
        SignIn = "sign-in",
        /// It was told the sender.
        Sender = "sender",
        /// It was told the recipient.
        Recipient = "recipient",
        /// It was given the letter.
        Data = "data",
    }
}

named! {
    /// What is wrong. Each has one sentence of advice in the languages, as `mail-fault-NAME`.
    MailFault {
        /// The server's name has no address.
        NoHost = "no-host",
        /// Nothing listens there.
        Unreachable = "unreachable",
        /// It hung up before it had answered our greeting.
        HungUp = "hung-up",
        /// The connection broke later on.
        Broken = "broken",
        /// It takes too long.
        Timeout = "timeout",
        /// It offers no TLS.
        NoTls = "no-tls",
        /// The certificate is of an authority that is not trusted.
        Authority = "authority",
        /// The same, and our file of authorities holds a server's certificate.
        AuthorityFile = "authority-file",
        /// The certificate is for another name.
        CertificateName = "certificate-name",
        /// The certificate is not good today.
        CertificateTime = "certificate-time",
        /// The certificate is an authority's own, or not one for servers.
        CertificateUse = "certificate-use",
        /// No TLS came about for another reason.
        Tls = "tls",
        /// It does not want our greeting.
        Greeting = "greeting",
        /// It offers no way to sign in that is known here.
        NoMechanism = "no-mechanism",
        /// It does not accept the name or the password.
        Login = "login",
        /// It takes no password in this way, whichever it is.
        PasswordUnwanted = "password-unwanted",
        /// The file with the token cannot be used.
        Token = "token",
        /// It does not accept the token.
        TokenRefused = "token-refused",
        /// It takes mail only from whoever has signed in.
        LoginMissing = "login-missing",
        /// It does not let us send in the name of the sender.
        Sender = "sender",
        /// It does not pass mail on to others for us.
        Relay = "relay",
        /// The recipient's mailbox is full.
        Full = "full",
        /// The sender's domain does not vouch for the letter (SPF, DKIM, DMARC).
        Unproven = "unproven",
        /// It does not want the letter for what it is.
        Content = "content",
        /// It does not take the letter for now.
        Deferred = "deferred",
        /// It refuses the recipient for good.
        Refused = "refused",
        /// It does not speak as a mail server does.
        Protocol = "protocol",
        /// The address cannot be opened: the server's secrets are others than when it was sealed.
        Address = "address",
        /// The file cannot be written.
        File = "file",
    }
}

/// An enhanced status code (RFC 3463), of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnhancedCode {
    class: u8,
    subject: u16,
    detail: u16,
}

/// Why a notice did not leave. Holds nothing of the recipient, so that it may be kept, shown and logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub struct MailFailure {
    /// What is wrong.
    pub fault: MailFault,
    /// How far it had come; `None` if there was no conversation, or an earlier version wrote it down.
    pub stage: Option<MailStage>,
    /// What the server answered.
    pub answer: Option<MailAnswer>,
}

/// The server's answer in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailAnswer {
    /// The SMTP code.
    pub code: u16,
    /// The enhanced one, if there is one.
    pub enhanced: Option<EnhancedCode>,
}

impl MailFailure {
    /// Without an answer.
    pub const fn at(stage: MailStage, fault: MailFault) -> Self {
        Self {
            fault,
            stage: Some(stage),
            answer: None,
        }
    }

    /// Before there was any conversation.
    pub const fn of(fault: MailFault) -> Self {
        Self {
            fault,
            stage: None,
            answer: None,
        }
    }

    /// The server said no.
    pub fn answered(stage: MailStage, answer: MailAnswer) -> Self {
        Self {
            fault: answer.fault(stage),
            stage: Some(stage),
            answer: Some(answer),
        }
    }

    /// Whether trying again is of no use: the server refused this address. What concerns every letter, such as a password or the sender,
    /// is never final: it is put right in one place, and nothing must be lost to it.
    pub const fn is_final(self) -> bool {
        matches!(self.fault, MailFault::Refused)
    }
}

impl MailAnswer {
    fn fault(self, stage: MailStage) -> MailFault {
        use MailStage::{Connect, Data, Greeting, Recipient, Sender, SignIn, Tls};
        let (subject, detail) = self
            .enhanced
            .map_or((0, 0), |code| (code.subject, code.detail));
        let is_permanent = self.code >= 500;
        match (stage, self.code, (subject, detail)) {
            (Connect | Tls, ..) => MailFault::NoTls,
            (SignIn, 534, _) | (SignIn, _, (7, 9 | 14 | 139)) => MailFault::PasswordUnwanted,
            (SignIn, 504, _) => MailFault::NoMechanism,
            (SignIn, ..) if is_permanent => MailFault::Login,
            (Greeting, ..) if is_permanent => MailFault::Greeting,
            (Sender | Recipient | Data, 530, _) => MailFault::LoginMissing,
            // RFC 7372: DKIM, SPF, the machine's name, or several of them.
            (Sender | Recipient | Data, _, (7, 20..=26)) => MailFault::Unproven,
            (Sender, ..) if is_permanent => MailFault::Sender,
            (Recipient | Data, _, (2, 2)) | (Recipient, 552, _) => MailFault::Full,
            (Recipient | Data, _, (1, _)) if is_permanent => MailFault::Refused,
            // Postfix says it so by default, lest a mistake in its own settings lose mail.
            (Recipient, 454, (7, 1)) => MailFault::Relay,
            (Recipient, _, (7, _)) if is_permanent => MailFault::Relay,
            (Recipient, ..) if is_permanent => MailFault::Refused,
            (Data, ..) if is_permanent => MailFault::Content,
            _ => MailFault::Deferred,
        }
    }
}

impl FromStr for EnhancedCode {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let number = |part: &str| {
            let is_short =
                (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            part.parse().ok().filter(|_: &u16| is_short)
        };
        let mut parts = text.split('.');
        let mut next = || parts.next();
        match (next(), next(), next(), next()) {
            (Some(class @ ("4" | "5")), Some(subject), Some(detail), None) => Ok(Self {
                class: if class == "4" { 4 } else { 5 },
                subject: number(subject).ok_or(InvalidName)?,
                detail: number(detail).ok_or(InvalidName)?,
            }),
            _ => Err(InvalidName),
        }
    }
}

impl fmt::Display for EnhancedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

impl fmt::Display for MailAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        self.enhanced.map_or(Ok(()), |code| write!(f, " {code}"))
    }
}

/// As it is kept and logged: `refused recipient 550 5.1.1`.
impl fmt::Display for MailFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.fault.as_str())?;
        let Some(stage) = self.stage else {
            return Ok(());
        };
        write!(f, " {stage}")?;
        self.answer.map_or(Ok(()), |answer| write!(f, " {answer}"))
    }
}

impl FromStr for MailFailure {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let mut words = text.split(' ');
        let fault = words.next().unwrap_or_default().parse()?;
        let stage = words.next().map(str::parse).transpose()?;
        let code = words.next().map(str::parse).transpose();
        let enhanced = words.next().map(str::parse).transpose()?;
        let code: Option<u16> = code.map_err(|_| InvalidName)?;
        Ok(Self {
            fault,
            stage,
            answer: code.map(|code| MailAnswer { code, enhanced }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(stage: MailStage, code: u16, enhanced: &str) -> MailFault {
        let enhanced = (!enhanced.is_empty()).then(|| enhanced.parse().unwrap());
        MailFailure::answered(stage, MailAnswer { code, enhanced }).fault
    }

    #[test]
    fn what_is_wrong_is_told_by_stage_and_codes() {
        use MailFault as F;
        use MailStage::{Data, Greeting, Recipient, Sender, SignIn, Tls};
        for (stage, code, enhanced, expected) in [
            (Tls, 454, "4.7.0", F::NoTls),
            (Greeting, 554, "", F::Greeting),
            (Greeting, 421, "4.3.2", F::Deferred),
            (SignIn, 535, "5.7.8", F::Login),
            (SignIn, 535, "5.7.139", F::PasswordUnwanted),
            (SignIn, 534, "5.7.9", F::PasswordUnwanted),
            (SignIn, 504, "5.5.4", F::NoMechanism),
            (SignIn, 454, "4.7.0", F::Deferred),
            (Sender, 530, "5.7.0", F::LoginMissing),
            (Sender, 553, "5.7.1", F::Sender),
            (Sender, 450, "4.1.8", F::Deferred),
            (Recipient, 550, "5.1.1", F::Refused),
            (Recipient, 550, "", F::Refused),
            (Recipient, 554, "5.7.1", F::Relay),
            (Recipient, 454, "4.7.1", F::Relay),
            (Recipient, 450, "4.7.1", F::Deferred),
            (Recipient, 452, "4.2.2", F::Full),
            (Recipient, 552, "5.2.2", F::Full),
            (Recipient, 550, "5.7.23", F::Unproven),
            (Data, 550, "5.7.26", F::Unproven),
            (Data, 554, "5.7.1", F::Content),
            (Data, 550, "5.1.1", F::Refused),
            (Data, 451, "4.3.0", F::Deferred),
        ] {
            assert_eq!(
                fault(stage, code, enhanced),
                expected,
                "{stage} {code} {enhanced}"
            );
        }
    }

    #[test]
    fn a_failure_is_kept_in_words_that_hold_nothing_else() {
        for text in [
            "refused recipient 550 5.1.1",
            "content data 554",
            "timeout connect",
            // An earlier version wrote no more.
            "unreachable",
        ] {
            assert_eq!(text.parse::<MailFailure>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "refused sokha",
            "refused data many",
            "refused data 550 5.1.oncall@x",
        ] {
            assert!(text.parse::<MailFailure>().is_err(), "{text}");
        }
        for text in ["2.1.5", "5.1", "5.1.1.1", "5.1.1111", "5.+1.1", "5.1.a"] {
            assert!(text.parse::<EnhancedCode>().is_err(), "{text}");
        }
    }
}
