//! The frame inside a sealed object: header, body, zeros, trailer.
//!
//! ```text
//! header   64  "OBJ1", suite, kind, flags (2), report (16), object (16), sequence (8), zeros (16)
//! body      n
//! zeros        up to the next size step
//! trailer  40  n (8), HMAC(RK, header ‖ n ‖ SHA-256(body)) (32)
//! ```
//! age has neither associated data nor a sender; the header and the MAC stand in for both. Numbers are big-endian.

use zeroize::Zeroizing;

use super::SealError;
use super::derive::{hmac, hmac_verify, sha256};
use super::keys::AuthKey;
use crate::domain::ids::{MailItemId, ObjectId, ProposalId, ReportId};
use crate::domain::submission::SUITE_X25519;

const MAGIC: &[u8; 4] = b"OBJ1";
const HEADER: usize = 64;
const TRAILER: usize = 40;
const LENGTH: usize = 8;
const STEPS: [usize; 4] = [1 << 10, 4 << 10, 16 << 10, 64 << 10];

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The summary that the queue shows.
    Card,
    /// The form as the reporter answered it.
    Answers,
    /// The reporter wrote back.
    ReporterMessage,
    /// The team wrote to the reporter.
    StaffMessage,
    /// A note between caseworkers.
    Note,
    /// A decision and its reason.
    Decision,
    /// What a mailbox needs to know of its report. Sealed to the mailbox, not to the report.
    MailboxCard,
    /// A message for the reporter. Sealed to the mailbox, not to the report.
    MailItem,
    /// An act that waits for a second person. Sealed to the report, and no object of it.
    Proposal,
}

impl Kind {
    const ALL: [Self; 9] = [
        Self::Card,
        Self::Answers,
        Self::ReporterMessage,
        Self::StaffMessage,
        Self::Note,
        Self::Decision,
        Self::MailboxCard,
        Self::MailItem,
        Self::Proposal,
    ];

    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::Card => 1,
            Self::Answers => 2,
            Self::ReporterMessage => 3,
            Self::StaffMessage => 4,
            Self::Note => 5,
            Self::Decision => 6,
            Self::MailboxCard => 0x41,
            Self::MailItem => 0x42,
            Self::Proposal => 0x51,
        }
    }

    fn from_byte(byte: u8) -> Result<Self, SealError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.byte() == byte)
            .ok_or(SealError::WrongKind)
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

/// A frame that was taken apart; its MAC is checked by [`Frame::authenticate`], once the key is known.
pub(super) struct Frame<'a> {
    pub(super) kind: Kind,
    pub(super) flags: u16,
    pub(super) sequence: u64,
    pub(super) report: ReportId,
    object: [u8; 16],
    header: &'a [u8],
    body: &'a [u8],
    length: &'a [u8],
    tag: &'a [u8],
}

/// The frame as bytes, padded.
pub(super) fn build(
    auth: &AuthKey,
    place: Place,
    kind: Kind,
    sequence: u64,
    body: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let header = header(place, kind, sequence);
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

/// Takes a frame apart and checks its form.
pub(super) fn parse(bytes: &[u8]) -> Result<Frame<'_>, SealError> {
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
    if fields.take::<4>()? != *MAGIC {
        return Err(SealError::Malformed);
    }
    let [suite, kind] = fields.take()?;
    if suite != SUITE_X25519 {
        return Err(SealError::UnknownSuite);
    }
    Ok(Frame {
        kind: Kind::from_byte(kind)?,
        flags: u16::from_be_bytes(fields.take()?),
        report: ReportId::from_bytes(fields.take()?),
        object: fields.take()?,
        sequence: u64::from_be_bytes(fields.take()?),
        header,
        body,
        length,
        tag,
    })
}

impl Frame<'_> {
    /// Checks that it is the object its row says, and was written by someone who has the key; gives the body.
    pub(super) fn authenticate(
        &self,
        auth: &AuthKey,
        place: Place,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        if *self.report.as_bytes() != place.report {
            return Err(SealError::WrongReport);
        }
        if self.object != place.object {
            return Err(SealError::WrongObject);
        }
        let parts: [&[u8]; 3] = [self.header, self.length, &sha256(&[self.body])];
        if !hmac_verify(auth.expose(), &parts, self.tag) {
            return Err(SealError::Unauthenticated);
        }
        Ok(Zeroizing::new(self.body.to_vec()))
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

    pub(super) fn take_slice(&mut self, length: usize) -> Result<&'a [u8], SealError> {
        let (field, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(SealError::Malformed)?;
        self.0 = rest;
        Ok(field)
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

fn header(place: Place, kind: Kind, sequence: u64) -> [u8; HEADER] {
    let fields: [&[u8]; 7] = [
        MAGIC,
        &[SUITE_X25519, kind.byte()],
        &[0; 2],
        &place.report,
        &place.object,
        &sequence.to_be_bytes(),
        &[0; 16],
    ];
    let mut header = [0; HEADER];
    for (byte, value) in header.iter_mut().zip(fields.concat()) {
        *byte = value;
    }
    header
}
