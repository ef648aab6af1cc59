//! The frame inside a sealed object: header, body, zeros, trailer.
//!
//! ```text
//! header   64  "OBJ1", suite, kind, flags (2), report (16), object (16), seconds (8), number (4), zeros (12)
//! body      n
//! zeros        up to the next size step
//! trailer  40  n (8), HMAC(key of the kind's writer, header ‖ n ‖ SHA-256(body)) (32)
//! ```
//! age has neither associated data nor a sender; the header and the MAC stand in for both. Numbers are big-endian.

use zeroize::Zeroizing;

use super::SealError;
use super::age_file;
use super::derive::{hmac, hmac_verify, sha256};
use super::keys::{Recipient, ReporterAuthKey, StaffAuthKey};
use super::kind::{Kind, Writer};
use crate::domain::ids::{MailItemId, ObjectId, ProposalId, ReportId};
use crate::domain::sealed::Sealed;
use crate::domain::suite::Suite;

const MAGIC: &[u8; 4] = b"OBJ1";
const HEADER: usize = 64;
const TRAILER: usize = 40;
const LENGTH: usize = 8;
const STEPS: [usize; 4] = [1 << 10, 4 << 10, 16 << 10, 64 << 10];
/// Of the header: no flag is known, and the rest is kept for later.
const FLAGS: [u8; 2] = [0; 2];
const RESERVED: [u8; 12] = [0; 12];

/// When an object was written, and where it stands among what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// Seconds since 1970-01-01 UTC; 0 where no time is told.
    pub seconds: u64,
    /// In the report's history or in the mailbox, from 1 and without a gap; 0 for what has no place in either.
    pub number: u32,
}

/// The key that authenticates an object, which is its writer's.
#[derive(Clone, Copy)]
pub(super) enum Auth<'a> {
    Staff(&'a StaffAuthKey),
    Reporter(&'a ReporterAuthKey),
}

impl Auth<'_> {
    fn expose(&self) -> &[u8; 32] {
        match self {
            Self::Staff(key) => key.expose(),
            Self::Reporter(key) => key.expose(),
        }
    }

    /// What is written with one key is never taken for the other's.
    const fn is_for(self, kind: Kind) -> bool {
        matches!(
            (self, kind.writer()),
            (Self::Staff(_), Writer::Staff) | (Self::Reporter(_), Writer::Reporter)
        )
    }
}

/// The object a frame says it is. Mail items and mailbox cards have ids of their own sort, hence bytes.
#[derive(Clone, Copy)]
pub(super) struct Place {
    report: [u8; 16],
    object: [u8; 16],
}

impl Place {
    pub(super) fn object(report: ReportId, object: ObjectId) -> Self {
        Self {
            report: *report.as_bytes(),
            object: *object.as_bytes(),
        }
    }

    pub(super) fn mail_item(report: ReportId, item: MailItemId) -> Self {
        Self {
            report: *report.as_bytes(),
            object: *item.as_bytes(),
        }
    }

    pub(super) fn proposal(report: ReportId, proposal: ProposalId) -> Self {
        Self {
            report: *report.as_bytes(),
            object: *proposal.as_bytes(),
        }
    }

    /// A mailbox has one card, so it needs no id.
    pub(super) fn mailbox_card(report: ReportId) -> Self {
        Self {
            report: *report.as_bytes(),
            object: [0; 16],
        }
    }
}

impl Place {
    /// Report and object, as a header has them.
    pub(super) fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let (report, object) = bytes.split_at_mut(16);
        report.copy_from_slice(&self.report);
        object.copy_from_slice(&self.object);
        bytes
    }
}

/// A frame that was taken apart; its MAC is checked by [`Frame::authenticate`], once the key is known.
pub(super) struct Frame<'a> {
    pub(super) kind: Kind,
    pub(super) position: Position,
    pub(super) report: ReportId,
    object: [u8; 16],
    header: &'a [u8],
    body: &'a [u8],
    length: &'a [u8],
    tag: &'a [u8],
}

/// A frame, sealed: of the suite of its reader's key.
pub(super) fn seal<T>(
    recipient: &Recipient,
    auth: Auth<'_>,
    place: Place,
    kind: Kind,
    position: Position,
    body: &[u8],
) -> Result<Sealed<T>, SealError> {
    let frame = build(recipient.suite(), auth, place, (kind, position), body)?;
    age_file::encrypt(recipient, &frame)
}

/// The frame as bytes, padded.
pub(super) fn build(
    suite: Suite,
    auth: Auth<'_>,
    place: Place,
    (kind, position): (Kind, Position),
    body: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    if !auth.is_for(kind) {
        return Err(SealError::WrongKind);
    }
    let header = header(suite, place, kind, position);
    let length = u64::try_from(body.len())
        .map_err(|_| SealError::Failed)?
        .to_be_bytes();
    let size = padded_size(body.len());
    let mut frame = Zeroizing::new(Vec::with_capacity(size));
    frame.extend_from_slice(&header);
    frame.extend_from_slice(body);
    frame.resize(size.saturating_sub(TRAILER), 0);
    frame.extend_from_slice(&length);
    frame.extend_from_slice(&hmac(auth.expose(), &[&header, &length, &sha256(&[body])]));
    Ok(frame)
}

/// The size of a frame with a body of `length` bytes.
pub(super) fn padded_size(length: usize) -> usize {
    let size = length.saturating_add(HEADER + TRAILER);
    STEPS
        .into_iter()
        .find(|step| size <= *step)
        .unwrap_or_else(|| padme(size))
}

/// Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", 2019): at most 12 % more,
/// and less the larger it is. Only the leading bits of the size may be set, as many as the size's logarithm has bits.
fn padme(size: usize) -> usize {
    let exponent = size.checked_ilog2().unwrap_or(0);
    let kept = exponent.checked_ilog2().map_or(0, |log| log + 1);
    let step = 1_usize << exponent.saturating_sub(kept);
    size.checked_next_multiple_of(step).unwrap_or(size)
}

/// Takes a frame apart and checks its form. It must be of the suite of the key that it was sealed to.
pub(super) fn parse(bytes: &[u8], suite: Suite) -> Result<Frame<'_>, SealError> {
    let (header, rest) = bytes.split_at_checked(HEADER).ok_or(SealError::Malformed)?;
    let (padded, trailer) = rest
        .len()
        .checked_sub(TRAILER)
        .and_then(|at| rest.split_at_checked(at))
        .ok_or(SealError::Malformed)?;
    let (length, tag) = trailer
        .split_at_checked(LENGTH)
        .ok_or(SealError::Malformed)?;
    let (body, padding) = usize::try_from(u64::from_be_bytes(array(length)?))
        .ok()
        .and_then(|at| padded.split_at_checked(at))
        .ok_or(SealError::Malformed)?;
    if bytes.len() != padded_size(body.len()) || padding.iter().any(|byte| *byte != 0) {
        return Err(SealError::Malformed);
    }
    let mut fields = Fields(header);
    if fields.begin(MAGIC)? != suite {
        return Err(SealError::OtherSuite);
    }
    let [kind] = fields.take()?;
    let kind = Kind::from_byte(kind)?;
    // What is reserved may mean something one day: whoever does not know it must not pass over it.
    if fields.take()? != FLAGS {
        return Err(SealError::Malformed);
    }
    let frame = Frame {
        kind,
        report: ReportId::from_bytes(fields.take()?),
        object: fields.take()?,
        position: Position {
            seconds: u64::from_be_bytes(fields.take()?),
            number: u32::from_be_bytes(fields.take()?),
        },
        header,
        body,
        length,
        tag,
    };
    let is_placed = if kind.is_numbered() {
        frame.position.number > 0
    } else {
        frame.position == Position::default()
    };
    if fields.take()? != RESERVED || !is_placed {
        return Err(SealError::Malformed);
    }
    fields.finish()?;
    Ok(frame)
}

impl Frame<'_> {
    /// Checks that it is the object its row says, and was written by someone who has the key; gives the body.
    pub(super) fn authenticate(
        &self,
        auth: Auth<'_>,
        place: Place,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        if *self.report.as_bytes() != place.report {
            return Err(SealError::WrongReport);
        }
        if self.object != place.object {
            return Err(SealError::WrongObject);
        }
        let parts: [&[u8]; 3] = [self.header, self.length, &sha256(&[self.body])];
        if !auth.is_for(self.kind) || !hmac_verify(auth.expose(), &parts, self.tag) {
            return Err(SealError::Unauthenticated);
        }
        Ok(Zeroizing::new(self.body.to_vec()))
    }

    /// Where it says it belongs.
    #[cfg(any(test, fuzzing))]
    pub(super) fn place(&self) -> Place {
        Place {
            report: *self.report.as_bytes(),
            object: self.object,
        }
    }

    /// The body before it is authenticated: a card names the key that authenticates it.
    pub(super) fn unauthenticated_body(&self) -> &[u8] {
        self.body
    }
}

/// Reads fixed-size fields one after the other.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N], SealError> {
        array(self.take_slice(N)?)
    }

    /// What each plaintext but a body begins with: what it is, and by which suite it was made.
    pub(super) fn begin(&mut self, magic: &[u8; 4]) -> Result<Suite, SealError> {
        if self.take::<4>()? != *magic {
            return Err(SealError::Malformed);
        }
        self.take_suite()
    }

    pub(super) fn take_suite(&mut self) -> Result<Suite, SealError> {
        let [suite] = self.take()?;
        Suite::from_byte(suite).ok_or(SealError::UnknownSuite)
    }

    pub(super) fn take_slice(&mut self, length: usize) -> Result<&'a [u8], SealError> {
        let (field, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(SealError::Malformed)?;
        self.0 = rest;
        Ok(field)
    }

    /// `n (2) ‖ n bytes of an age recipient`, as [`Recipient::to_field`] writes it.
    pub(super) fn take_recipient(&mut self) -> Result<Recipient, SealError> {
        let length = u16::from_be_bytes(self.take()?);
        std::str::from_utf8(self.take_slice(length.into())?)
            .map_err(|_| SealError::Malformed)?
            .parse()
    }

    pub(super) fn finish(self) -> Result<(), SealError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(SealError::Malformed)
        }
    }
}

fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], SealError> {
    bytes.try_into().map_err(|_| SealError::Malformed)
}

fn header(suite: Suite, place: Place, kind: Kind, position: Position) -> [u8; HEADER] {
    let fields: [&[u8]; 8] = [
        MAGIC,
        &[suite.byte(), kind.byte()],
        &FLAGS,
        &place.report,
        &place.object,
        &position.seconds.to_be_bytes(),
        &position.number.to_be_bytes(),
        &RESERVED,
    ];
    let mut header = [0; HEADER];
    for (byte, value) in header.iter_mut().zip(fields.concat()) {
        *byte = value;
    }
    header
}
