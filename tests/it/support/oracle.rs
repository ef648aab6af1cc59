//! What the database says to somebody who has a copy of it and the secrets of one person: nothing here asks the server.

use std::collections::BTreeSet;
use std::path::Path;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, Text};
use kapea::domain::ids::{KeyId, ObjectId, ReportId, StaffId};
use kapea::domain::sealed::{Object, Sealed};
use kapea::domain::staff::UnlockMethod;
use kapea::domain::submission::EarlierKey;
use kapea::seal::keys::{Identity, Seed, StaffKeys};
use kapea::seal::opening::{self, OpenGrant, OpenReport};
use kapea::seal::{Kind, recovery_code, unlock};
use kapea::service::keyring::MemberKeys;
use kapea::store::{self, Location, Store, StoreError};

use super::{sql, staff::Person};

/// A database, read from outside.
pub struct Oracle {
    conn: SqliteConnection,
    store: Store,
}

/// Somebody's secret and the teams' keys that it has opened so far. What was opened once is kept, as a copy would be.
pub struct Holder {
    pub staff: StaffId,
    pub seed: Seed,
    held: Vec<Identity>,
}

impl Clone for Holder {
    fn clone(&self) -> Self {
        Self {
            staff: self.staff,
            seed: self.seed.share(),
            held: self.held.iter().map(Identity::share).collect(),
        }
    }
}

/// What stands in one place of the table of grants, or of those set aside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, QueryableByName)]
pub struct Place {
    #[diesel(sql_type = Text)]
    pub report: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// The team or person, in hexadecimal digits.
    #[diesel(sql_type = Text)]
    pub owner: String,
    #[diesel(sql_type = BigInt)]
    pub generation: i64,
    /// Of the key.
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Integer)]
    pub set_aside: i32,
}

#[derive(QueryableByName)]
struct WrapLine {
    #[diesel(sql_type = Binary)]
    child: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    generation: i64,
    #[diesel(sql_type = Binary)]
    sealed: Vec<u8>,
}

#[derive(QueryableByName)]
struct GrantLine {
    #[diesel(sql_type = Binary)]
    report: Vec<u8>,
    #[diesel(sql_type = Text)]
    recipient: String,
    #[diesel(sql_type = Binary)]
    sealed: Vec<u8>,
}

#[derive(QueryableByName)]
struct ObjectLine {
    #[diesel(sql_type = Binary)]
    id: Vec<u8>,
    #[diesel(sql_type = Binary)]
    sealed: Vec<u8>,
    #[diesel(sql_type = Integer)]
    is_card: i32,
}

impl Oracle {
    pub fn of(database: &Path) -> Self {
        let mut conn = sql::open(database);
        diesel::sql_query("PRAGMA busy_timeout = 60000")
            .execute(&mut conn)
            .expect("set");
        let location = Location::Sqlite(database.to_owned());
        Self {
            conn,
            store: Store::open_read_only(location).expect("a database"),
        }
    }

    pub fn run(&mut self, sql: &str) {
        diesel::sql_query(sql)
            .execute(&mut self.conn)
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    pub fn count(&mut self, what: &str) -> i64 {
        sql::number(&mut self.conn, what)
    }

    /// The person, by the code that they have on paper.
    pub fn holder(&self, person: &Person) -> Holder {
        let code = recovery_code::parse(&person.recovery_code).expect("a recovery code");
        let row = self
            .store
            .blocking(|conn| -> Result<_, StoreError> {
                let staff = store::staff_by_handle(conn, &person.handle)?.expect("an account");
                store::unlock_find(conn, staff.id, UnlockMethod::Recovery)
            })
            .expect("read")
            .expect("an unlock row");
        let sealed = unlock::Unlock {
            salt: row.salt,
            pepper_version: row.pepper_version,
            sealed: row.sealed,
        };
        let secret = unlock::open_with_recovery(&sealed, &code, row.staff).expect("it opens");
        Holder::of(row.staff, &secret.seed)
    }

    /// The person as somebody who can change keys.
    pub fn hand(&self, holder: &Holder) -> MemberKeys {
        let keys = self
            .store
            .blocking(|conn| store::keys_of_staff(conn, holder.staff));
        let own = keys.expect("read").pop().expect("a key of their own").id;
        MemberKeys::new(holder.staff, own, StaffKeys::from_seed(&holder.seed))
    }

    /// Everything that the holder's keys open now, and the keys are kept. Each key is tried on each row, whatever the row says
    /// of itself.
    pub fn learn(&mut self, holder: &mut Holder) -> BTreeSet<ReportId> {
        let wraps: Vec<WrapLine> = diesel::sql_query(
            "SELECT wraps.child, keys.generation, wraps.sealed FROM wraps JOIN keys ON keys.id = wraps.child",
        )
        .load(&mut self.conn)
        .expect("wraps");
        let mut tried = 0;
        while let Some(key) = holder.held.get(tried).map(Identity::share) {
            tried += 1;
            for wrap in &wraps {
                let Ok(sealed) = Sealed::parse(wrap.sealed.clone()) else {
                    continue;
                };
                let child = KeyId::from_bytes(id(&wrap.child));
                let generation = u32::try_from(wrap.generation).unwrap_or(0);
                if let Ok(team) = opening::read_wrap(&key, &sealed, child, generation) {
                    holder.keep(team.identity());
                }
            }
        }
        self.opened(&holder.held)
    }

    /// What the holder's own secret opens now, without anything that was kept.
    pub fn derives(&mut self, holder: &Holder) -> BTreeSet<ReportId> {
        let own = StaffKeys::from_seed(&holder.seed).identity().share();
        let mut fresh = Holder {
            held: vec![own],
            ..holder.clone()
        };
        self.learn(&mut fresh)
    }

    /// Everything that the holder's keys open now, as keys of reports.
    pub fn copies(&mut self, holder: &mut Holder) -> Vec<OpenGrant> {
        self.learn(holder);
        self.grants(&holder.held)
    }

    /// Everything that the holder's keys open now, as open reports.
    pub fn reports(&mut self, holder: &mut Holder) -> Vec<OpenReport> {
        let grants = self.copies(holder);
        let open = |grant: OpenGrant| {
            let objects = self.objects(grant.report());
            open_card(grant, &objects)
        };
        grants.into_iter().filter_map(open).collect()
    }

    /// Whether a report's key still opens its card.
    pub fn opens_card(&mut self, grant: OpenGrant) -> bool {
        let objects = self.objects(grant.report());
        open_card(grant, &objects).is_some()
    }

    /// How many of a report's objects somebody opens who has kept its key.
    pub fn opened_by(&mut self, kept: &OpenReport) -> usize {
        let objects = self.objects(kept.report());
        let parsed = objects.iter().filter_map(parse);
        let opens = |(id, sealed): &(_, _)| opening::open_object(kept, *id, sealed).is_ok();
        parsed.filter(opens).count()
    }

    fn opened(&mut self, keys: &[Identity]) -> BTreeSet<ReportId> {
        let open = self.grants(keys);
        open.iter().map(OpenGrant::report).collect()
    }

    fn grants(&mut self, keys: &[Identity]) -> Vec<OpenGrant> {
        let lines: Vec<GrantLine> = diesel::sql_query(
            "SELECT g.report, r.recipient, g.sealed FROM (SELECT report, sealed FROM grants UNION ALL SELECT report, sealed FROM quarantine) AS g \
             JOIN reports AS r ON r.id = g.report",
        )
        .load(&mut self.conn)
        .expect("grants");
        let open = |line: &GrantLine| {
            let sealed = Sealed::parse(line.sealed.clone()).ok()?;
            let report = ReportId::from_bytes(id(&line.report));
            let earlier = self.earlier(report);
            keys.iter().find_map(|key| {
                opening::open_grant(key, &sealed, report, &line.recipient, &earlier).ok()
            })
        };
        lines.iter().filter_map(open).collect()
    }

    fn earlier(&self, report: ReportId) -> Vec<EarlierKey> {
        let read = |conn: &mut _| store::earlier_keys(conn, report);
        self.store.blocking(read).expect("earlier keys")
    }

    /// The reports of which the holder opens everything: the card, and every object that lies with it.
    pub fn reads_whole(&mut self, holder: &mut Holder) -> BTreeSet<ReportId> {
        self.learn(holder);
        let mut whole = BTreeSet::new();
        for grant in self.grants(&holder.held) {
            let report = grant.report();
            let objects = self.objects(report);
            if is_whole(grant, &objects) {
                whole.insert(report);
            }
        }
        whole
    }

    /// What reporters told in each report that the holder opens, and the summary of its card.
    pub fn answers(&mut self, holder: &mut Holder) -> Vec<(ReportId, Vec<u8>, Vec<u8>)> {
        self.learn(holder);
        let mut told = Vec::new();
        for grant in self.grants(&holder.held) {
            let report = grant.report();
            let objects = self.objects(report);
            let Some(open) = open_card(grant, &objects) else {
                continue;
            };
            for (id, sealed) in objects.iter().filter_map(parse) {
                if let Ok(opened) = opening::open_object(&open, id, &sealed)
                    && opened.kind == Kind::Answers
                {
                    told.push((report, opened.body.to_vec(), open.summary().to_vec()));
                }
            }
        }
        told
    }

    fn objects(&mut self, report: ReportId) -> Vec<ObjectLine> {
        diesel::sql_query(format!(
            "SELECT o.id, o.sealed, o.id = r.card AS is_card FROM objects AS o JOIN reports AS r ON r.id = o.report WHERE r.id = X'{report}'"
        ))
        .load(&mut self.conn)
        .expect("objects")
    }

    /// Every grant, and every one that was set aside, in order.
    pub fn places(&mut self) -> Vec<Place> {
        let mut places: Vec<Place> = diesel::sql_query(
            "SELECT lower(hex(g.report)) AS report, k.kind, lower(hex(k.owner)) AS owner, k.generation, k.state, g.set_aside FROM \
             (SELECT report, key, 0 AS set_aside FROM grants UNION ALL SELECT report, key, 1 FROM quarantine) AS g JOIN keys AS k ON k.id = g.key",
        )
        .load(&mut self.conn)
        .expect("grants");
        places.sort();
        places
    }

    /// Values of one column as text.
    pub fn words(&mut self, query: &str) -> Vec<String> {
        sql::texts(&mut self.conn, query)
    }
}

impl Holder {
    /// Somebody by their secret itself.
    pub fn of(staff: StaffId, seed: &Seed) -> Self {
        Self {
            staff,
            held: vec![StaffKeys::from_seed(seed).identity().share()],
            seed: seed.share(),
        }
    }

    fn keep(&mut self, key: &Identity) {
        let known = |held: &Identity| held.seed().expose() == key.seed().expose();
        if !self.held.iter().any(known) {
            self.held.push(key.share());
        }
    }
}

fn parse(line: &ObjectLine) -> Option<(ObjectId, Sealed<Object>)> {
    let sealed = Sealed::parse(line.sealed.clone()).ok()?;
    Some((ObjectId::from_bytes(id(&line.id)), sealed))
}

fn open_card(grant: OpenGrant, objects: &[ObjectLine]) -> Option<OpenReport> {
    let (card, sealed) = objects
        .iter()
        .find(|line| line.is_card != 0)
        .and_then(parse)?;
    opening::open_card(grant, card, &sealed).ok()
}

fn is_whole(grant: OpenGrant, objects: &[ObjectLine]) -> bool {
    let Some(open) = open_card(grant, objects) else {
        return false;
    };
    let mut rest = objects.iter().filter(|line| line.is_card == 0).peekable();
    let opens = |line: &ObjectLine| {
        parse(line).is_some_and(|(id, sealed)| opening::open_object(&open, id, &sealed).is_ok())
    };
    rest.peek().is_some() && rest.all(opens)
}

fn id(bytes: &[u8]) -> [u8; 16] {
    bytes.try_into().expect("sixteen bytes")
}
