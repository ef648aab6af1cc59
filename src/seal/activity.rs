//! What has happened to a report so far, in a few lines, and how far each of its readers has read: what the queue says of it without opening
//! everything that was written. XChaCha20-Poly1305 with a key that the report's own key gives, so that whoever cannot open the report can
//! neither read nor write it.
//!
//! It says nothing that the report does not say. Where it is gone, damaged or older than the report, what came since is read instead.

use borsh::{BorshDeserialize, BorshSerialize};
use zeroize::Zeroizing;

use super::derive::hkdf;
use super::keys::Identity;
use super::kind::Kind;
use super::opening::{OpenGrant, Opened};
use super::secret::Secret;
use super::{SealError, aead};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ReportId, StaffId};

const LABEL: &[u8] = b"kapea/report/activity/v1";
/// Of the plaintext, so that its length says nothing.
const SIZE: usize = 1_024;
/// How many of the newest lines are kept.
const LINES: usize = 16;
/// Of how many readers it is kept how far they have read; those who read last stay.
const READERS: usize = 20;
/// The number of the answers: what is there before anything happens.
const FIRST: u32 = 1;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Activity {
    /// The digest over the report's objects when it told of all of them; zeros before anybody has read it.
    contents: [u8; 32],
    /// The number of the newest object it tells of.
    through: u32,
    counts: Counts,
    /// The number of the newest message of the reporter; 0 if there is none.
    newest_from: u32,
    /// The number of the newest message to the reporter; 0 if there is none.
    newest_to: u32,
    lines: Vec<Line>,
    read: Vec<([u8; 16], u32)>,
}

/// How much was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, BorshSerialize, BorshDeserialize)]
pub struct Counts {
    /// Messages of the reporter after the report itself.
    pub from_reporter: u32,
    /// Messages to the reporter.
    pub to_reporter: u32,
    /// Notes between colleagues.
    pub notes: u32,
}

/// One thing that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Line {
    number: u32,
    kind: u8,
    /// Seconds since 1970.
    at: u64,
    /// Zeros for the reporter.
    by: [u8; 16],
}

/// What somebody should know of a report before they open it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct News {
    /// Whether they have never read it.
    pub is_unread: bool,
    /// Whether the reporter has written since they read it.
    pub has_reporter_written: bool,
    /// Whether a colleague has written or decided since then.
    pub has_colleague_written: bool,
    /// Whether nobody has answered what the reporter wrote last.
    pub is_unanswered: bool,
    /// What happened last, when, and who did it: `None` for the reporter.
    pub last: Option<(Kind, Timestamp, Option<StaffId>)>,
    /// How much was written.
    pub counts: Counts,
}

/// The keys for one report's activity, the newest first.
pub struct ActivityKey {
    report: ReportId,
    /// Each with the number from which on another is used.
    keys: Vec<(Secret<32>, Option<u32>)>,
}

impl Default for Activity {
    fn default() -> Self {
        Self {
            contents: [0; 32],
            through: FIRST,
            counts: Counts::default(),
            newest_from: 0,
            newest_to: 0,
            lines: Vec::new(),
            read: Vec::new(),
        }
    }
}

impl ActivityKey {
    /// Of a report that is open.
    pub fn of(grant: &OpenGrant) -> Self {
        Self::with(grant.report(), grant.each_until())
    }

    pub(super) fn with<'a>(
        report: ReportId,
        keys: impl Iterator<Item = (&'a Identity, Option<u32>)>,
    ) -> Self {
        let keys = keys.map(|(identity, until)| (derived(identity), until));
        let keys = keys.collect();
        Self { report, keys }
    }

    /// What was sealed. What was sealed with an earlier key tells of nothing that came after it: whoever has kept that key hides nothing.
    ///
    /// # Errors
    /// [`SealError::NotOpened`] if it is not this report's, [`SealError::Malformed`] if it is none.
    pub fn open(&self, sealed: &[u8]) -> Result<Activity, SealError> {
        let associated = self.associated();
        let opened = self.keys.iter().find_map(|(key, until)| {
            let plaintext = aead::open(key, &associated, sealed).ok()?;
            Some((plaintext, until))
        });
        let (plaintext, until) = opened.ok_or(SealError::NotOpened)?;
        let mut rest = plaintext.as_slice();
        let mut activity = Activity::deserialize(&mut rest).map_err(|_| SealError::Malformed)?;
        if plaintext.len() != SIZE || rest.iter().any(|byte| *byte != 0) {
            return Err(SealError::Malformed);
        }
        if !activity.is_consistent() {
            return Err(SealError::Malformed);
        }
        let Some(until) = until else {
            return Ok(activity);
        };
        // The digest stands in clear beside it: whoever has kept the key could say that it tells of all there is.
        activity.contents = [0; 32];
        let is_late = activity.through >= *until;
        (!is_late).then_some(activity).ok_or(SealError::EarlierKey)
    }

    /// The same; a new one where it does not open.
    pub fn open_or_new(&self, sealed: &[u8]) -> Activity {
        self.open(sealed).unwrap_or_default()
    }

    /// Seals with the newest key.
    ///
    /// # Errors
    /// [`SealError::Failed`] if that fails.
    pub fn seal(&self, activity: &Activity) -> Result<Vec<u8>, SealError> {
        let mut plaintext = Zeroizing::new(borsh::to_vec(activity).map_err(|_| SealError::Failed)?);
        if plaintext.len() > SIZE {
            return Err(SealError::Failed);
        }
        plaintext.resize(SIZE, 0);
        let (key, _) = self.keys.first().ok_or(SealError::Failed)?;
        aead::seal(key, &self.associated(), &plaintext)
    }

    fn associated(&self) -> Vec<u8> {
        [LABEL, self.report.as_bytes()].concat()
    }
}

fn derived(identity: &Identity) -> Secret<32> {
    hkdf(identity.secret().1.expose(), b"", &[LABEL])
}

impl Activity {
    /// The number of the newest object it tells of.
    pub const fn through(&self) -> u32 {
        self.through
    }

    /// Whether it tells of all that a report with this digest over its objects has.
    pub fn tells_all_of(&self, contents: &[u8; 32]) -> bool {
        self.contents == *contents
    }

    /// With that digest, of which everything was told.
    pub fn all_of(mut self, contents: [u8; 32]) -> Self {
        self.contents = contents;
        self
    }

    /// Nothing in it is of what came after it: whoever has an earlier key says nothing of that.
    fn is_consistent(&self) -> bool {
        let lines = self.lines.iter().map(|line| line.number);
        let read = self.read.iter().map(|(_, until)| *until);
        let named = lines.chain(read).chain([self.newest_from, self.newest_to]);
        named.max().is_none_or(|newest| newest <= self.through)
    }

    /// With what else was written, in the order in which it was.
    pub fn tell<'a>(&mut self, written: impl IntoIterator<Item = &'a Opened>) {
        for opened in written {
            let number = opened.position.number;
            if number <= self.through {
                continue;
            }
            self.through = number;
            let counted = match opened.kind {
                Kind::ReporterMessage => {
                    self.newest_from = number;
                    Some(&mut self.counts.from_reporter)
                }
                Kind::StaffMessage => {
                    self.newest_to = number;
                    Some(&mut self.counts.to_reporter)
                }
                Kind::Note => Some(&mut self.counts.notes),
                _ => None,
            };
            if let Some(count) = counted {
                *count = count.saturating_add(1);
            }
            let by = opened.said.as_ref().map(|said| *said.author.as_bytes());
            self.lines.push(Line {
                number,
                kind: opened.kind.byte(),
                at: opened.position.seconds,
                by: by.unwrap_or_default(),
            });
        }
        let over = self.lines.len().saturating_sub(LINES);
        self.lines.drain(..over);
    }

    /// With all of it read by that person, beside what is kept of whoever read it before. `None` if that says it already.
    pub fn read_by(self, reader: StaffId, kept: Self) -> Option<Self> {
        let line = (*reader.as_bytes(), self.through);
        if kept.through >= self.through && kept.read.contains(&line) {
            return None;
        }
        let mut read = kept.read.clone();
        read.retain(|(who, _)| who != reader.as_bytes());
        read.push(line);
        let over = read.len().saturating_sub(READERS);
        read.drain(..over);
        // Somebody else may have had more of it before them meanwhile.
        let newest = if kept.through > self.through {
            kept
        } else {
            self
        };
        Some(Self { read, ..newest })
    }

    /// Until which number that person has read; `None` if they never have.
    pub fn read_until(&self, reader: StaffId) -> Option<u32> {
        let mut read = self.read.iter();
        let read = read.find(|(who, _)| who == reader.as_bytes());
        read.map(|(_, until)| *until)
    }

    /// What it tells that person.
    pub fn news(&self, reader: StaffId) -> News {
        let read = self.read_until(reader);
        let until = read.unwrap_or(FIRST);
        let new = || self.lines.iter().filter(move |line| line.number > until);
        News {
            is_unread: read.is_none(),
            has_reporter_written: self.newest_from > until,
            has_colleague_written: new().any(|line| line.is_of_colleague(reader)),
            is_unanswered: self.newest_from > self.newest_to,
            last: self.lines.last().and_then(Line::told),
            counts: self.counts,
        }
    }
}

impl Line {
    fn is_of_colleague(&self, reader: StaffId) -> bool {
        self.by != [0; 16] && self.by != *reader.as_bytes()
    }

    fn told(&self) -> Option<(Kind, Timestamp, Option<StaffId>)> {
        let kind = Kind::from_byte(self.kind).ok()?;
        let at = i64::try_from(self.at).ok().map(Timestamp::from_seconds)?;
        let by = (self.by != [0; 16]).then(|| StaffId::from_bytes(self.by));
        Some((kind, at, by))
    }
}

#[cfg(test)]
mod tests {
    use super::super::opening::Opened;
    use super::super::said::Said;
    use super::*;

    const ME: StaffId = StaffId::from_bytes([1; 16]);
    const DARA: StaffId = StaffId::from_bytes([2; 16]);

    fn written(number: u32, kind: Kind, by: Option<StaffId>) -> Opened {
        Opened {
            kind,
            position: super::super::Position {
                seconds: 1_000 + u64::from(number),
                number,
            },
            said: by.map(Said::unsigned),
            body: Zeroizing::new(Vec::new()),
        }
    }

    fn key(byte: u8, until: Option<u32>) -> (Secret<32>, Option<u32>) {
        (Secret::of(&[byte; 32]), until)
    }

    fn keys(keys: Vec<(Secret<32>, Option<u32>)>) -> ActivityKey {
        let report = ReportId::from_bytes([9; 16]);
        ActivityKey { report, keys }
    }

    #[test]
    fn each_reader_hears_what_came_since_they_read() {
        let mut activity = Activity::default();
        assert!(activity.news(ME).is_unread);
        activity = activity.clone().read_by(ME, activity).unwrap();
        assert!(activity.clone().read_by(ME, activity.clone()).is_none());
        activity.tell(&[
            written(2, Kind::Note, Some(ME)),
            written(3, Kind::ReporterMessage, None),
        ]);
        let news = activity.news(ME);
        assert!(!news.is_unread && news.has_reporter_written && !news.has_colleague_written);
        assert!(news.is_unanswered && activity.news(DARA).has_colleague_written);
        activity = activity.clone().read_by(ME, activity).unwrap();
        activity.tell(&[written(4, Kind::StaffMessage, Some(DARA))]);
        let news = activity.news(ME);
        assert!(!news.has_reporter_written && news.has_colleague_written && !news.is_unanswered);
        let at = Timestamp::from_seconds(1_004);
        assert_eq!(news.last, Some((Kind::StaffMessage, at, Some(DARA))));
        let one = Counts {
            from_reporter: 1,
            to_reporter: 1,
            notes: 1,
        };
        assert_eq!(news.counts, one);
        // What it tells of already is not told again.
        activity.tell(&[written(4, Kind::StaffMessage, Some(DARA))]);
        assert_eq!(activity.news(ME), news);
    }

    #[test]
    fn it_fits_however_much_was_written_and_however_many_have_read_it() {
        let mut activity = Activity::default();
        for number in 2..600 {
            activity.tell(&[written(number, Kind::Decision, Some(DARA))]);
            let reader = StaffId::from_bytes([u8::try_from(number % 256).unwrap(); 16]);
            activity = activity.clone().read_by(reader, activity).unwrap();
        }
        let keys = keys(vec![key(1, None)]);
        let sealed = keys.seal(&activity).unwrap();
        assert_eq!(keys.open(&sealed).unwrap(), activity);
        let empty = keys.seal(&Activity::default()).unwrap();
        assert_eq!(empty.len(), sealed.len(), "its length says nothing");
    }

    #[test]
    fn an_earlier_key_tells_of_nothing_that_came_after_it() {
        let mut activity = Activity::default();
        activity.tell(&[written(5, Kind::Note, Some(ME))]);
        let earlier = keys(vec![key(1, None)]);
        let sealed = earlier.seal(&activity).unwrap();
        let until = |until| keys(vec![key(2, None), key(1, Some(until))]);
        assert_eq!(until(6).open(&sealed).unwrap(), activity);
        assert_eq!(until(5).open(&sealed), Err(SealError::EarlierKey));
        // Not that it tells of all there is, whatever it says.
        let all = earlier.seal(&activity.all_of([7; 32])).unwrap();
        assert!(earlier.open(&all).unwrap().tells_all_of(&[7; 32]));
        assert!(!until(6).open(&all).unwrap().tells_all_of(&[7; 32]));
        let other = keys(vec![key(2, None)]);
        assert_eq!(other.open(&sealed), Err(SealError::NotOpened));
    }
}
