//! An installation with one team of one member, and as many reports as wanted.

use std::path::Path;
use std::sync::Arc;

use kapea::app;
use kapea::config::{Config, Environment};
use kapea::domain::clock::{Clock, Day};
use kapea::domain::ids::StaffId;
use kapea::domain::keys::{KeyKind, KeyState};
use kapea::domain::notice::NoticeList;
use kapea::domain::sealed::Sealed;
use kapea::domain::staff::{MemberState, Role, StaffState, TeamKind};
use kapea::domain::submission::{SealedObject, SealedSubmission};
use kapea::domain::suite::Suite;
use kapea::domain::urgency::Urgency;
use kapea::ledger::statement::PublicKeys;
use kapea::ledger::team::{Generation, TeamBody};
use kapea::seal::credentials::Credentials;
use kapea::seal::keys::{Recipient, Seed, SigningKey, StaffKeys, team_fingerprint};
use kapea::seal::opening::{self, TeamSecrets};
use kapea::seal::random;
use kapea::seal::receipt::Master;
use kapea::seal::sealing::{self, Draft};
use kapea::service::authority::Authority;
use kapea::service::keyring::{self, MemberKeys};
use kapea::service::prover::RowProver;
use kapea::service::{Context, Services, custody};
use kapea::store::{self, KeyRow, NewEvent, StoreError};

pub const CHANNEL: &str = "main";
/// Reports in one transaction while the database is filled.
const FILL: usize = 1_000;

pub struct World {
    pub context: Context,
    pub services: Services,
    pub hand: Arc<MemberKeys>,
    pub team: kapea::domain::ids::TeamId,
    staff: StaffId,
    own: StaffKeys,
    key: kapea::domain::ids::KeyId,
    recipient: Recipient,
    _folder: tempfile::TempDir,
}

impl World {
    pub fn new() -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::Builder::new()
            .prefix("kapea-bench-")
            .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
            .unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        let custodian = SigningKey::from_seed(&Seed::random());
        let context = context(folder.path(), &custodian);
        let seed = Seed::random();
        let own = StaffKeys::from_seed(&seed);
        let (staff, own_key) = (random::staff_id(), random::key_id());
        let team = store::Team::usual(random::team_id(), "Team".to_owned(), TeamKind::Casework);
        let secrets = TeamSecrets::generate(Suite::X25519);
        let generation = Generation {
            number: 1,
            key: random::key_id(),
            keys: PublicKeys {
                recipient: secrets.identity().recipient(),
                verify_key: secrets.signing().verify_key(),
            },
        };
        let root = TeamBody::Root {
            is_audit: false,
            keys: PublicKeys {
                recipient: own.recipient(),
                verify_key: own.verify_key(),
            },
            lead: true,
            generation: generation.clone(),
        };
        let day = context.clock.today();
        context
            .store
            .blocking_write(|conn| -> Result<(), StoreError> {
                let person = store::Staff {
                    id: staff,
                    handle: "member".to_owned(),
                    role: Role::Caseworker,
                    state: StaffState::Active,
                    recipient: Some(own.recipient().to_string()),
                    verify_key: Some(*own.verify_key().as_bytes()),
                    joined: day,
                };
                store::staff_insert(conn, &person)?;
                store::team_insert(conn, &team)?;
                let channel = store::Channel {
                    id: CHANNEL.to_owned(),
                    team: team.id,
                };
                store::channel_put(conn, &channel)?;
                store::key_insert(conn, &staff_key(own_key, staff, &own, day))?;
                let row = keyring::generation_row(team.id, &generation, day);
                store::key_insert(conn, &row)?;
                let sealed =
                    opening::seal_wrap(&own.recipient(), generation.key, 1, &secrets).unwrap();
                let wrap = store::WrapRow {
                    parent: own_key,
                    child: generation.key,
                    sealed,
                };
                store::wrap_insert(conn, &wrap)?;
                store::membership_insert(
                    conn,
                    &store::Membership {
                        team: team.id,
                        staff,
                        lead: true,
                        state: MemberState::Member,
                    },
                )
            })
            .unwrap();
        context
            .blocking_write(|txn| {
                txn.say(team.id, staff, &[own.signing(), secrets.signing()], root)
            })
            .unwrap();
        context
            .blocking_write(|txn| {
                let digits = team_fingerprint(&txn.team(team.id)?.root);
                custody::sign_in_txn(txn, (CHANNEL, &digits), &custodian, None)
            })
            .unwrap();
        Self {
            services: Services::new(&context),
            hand: Arc::new(MemberKeys::new(staff, own_key, StaffKeys::from_seed(&seed))),
            team: team.id,
            staff,
            own,
            key: generation.key,
            recipient: generation.keys.recipient,
            context,
            _folder: folder,
        }
    }

    /// So many more statements in the team's ledger.
    pub fn say(&self, statements: usize) {
        let said = self.context.blocking_write(|txn| {
            (0..statements).try_for_each(|number| {
                let on = number % 2 == 1;
                let by = [self.own.signing()];
                txn.say(self.team, self.staff, &by, TeamBody::Recovery { on })
                    .map(drop)
            })
        });
        said.unwrap();
    }

    /// Authority that has seen nothing yet.
    pub fn newcomer(&self) -> Authority {
        let known = self.context.authority.clone();
        Authority::new((Clock::system(), Suite::NEWEST), None, move || known.pins())
    }

    /// Reports with true grants, and true cards if they are to get their next keys. Their other objects are short stand-ins, which no
    /// change of a key looks at.
    pub fn fill(&self, reports: usize, has_cards: bool) {
        let mut left = reports;
        while left > 0 {
            let size = left.min(FILL);
            let half = size / 2;
            let made: Vec<SealedSubmission> = std::thread::scope(|scope| {
                [half, size - half]
                    .map(|count| scope.spawn(move || self.make(count, has_cards)))
                    .into_iter()
                    .flat_map(|thread| thread.join().unwrap())
                    .collect()
            });
            self.context
                .store
                .blocking_write(|conn| -> Result<(), StoreError> {
                    let keys = self.context.audit_log.report_keys();
                    conn.prove_with(Arc::new(RowProver::new(keys)));
                    for submission in &made {
                        let event = NewEvent {
                            id: random::outbox_id(),
                            urgent: None,
                            list: NoticeList::Hotline,
                            due: submission.due,
                        };
                        store::report_insert(conn, submission, &event)?;
                    }
                    Ok(())
                })
                .unwrap();
            left -= size;
        }
    }

    fn make(&self, count: usize, has_cards: bool) -> Vec<SealedSubmission> {
        let now = self.context.clock.now();
        (0..count)
            .map(|_| {
                let master = Master::from_bytes(random::bytes());
                let mut made = sealing::seal_submission(&Draft {
                    channel: CHANNEL,
                    key: self.key,
                    team: &self.recipient,
                    answers: b"a",
                    summary: b"a",
                    master: &master,
                    urgency: Urgency::U3,
                    day: now.day(),
                    due: now.quarter(),
                    retention: "undecided",
                    is_alike: false,
                    mailbox_expires: now.day(),
                })
                .unwrap();
                made.objects.truncate(1);
                if has_cards {
                    return made;
                }
                let short = made.grant.as_bytes().to_vec();
                made.objects = vec![SealedObject {
                    number: 0,
                    id: made.objects[0].id,
                    sealed: Sealed::parse(short.clone()).unwrap(),
                }];
                made.mailbox.card = Sealed::parse(short).unwrap();
                made
            })
            .collect()
    }
}

fn context(folder: &Path, custodian: &SigningKey) -> Context {
    std::fs::write(
        folder.join("credentials.toml"),
        Credentials::made_on(Day::from_number(20_780))
            .to_text()
            .as_bytes(),
    )
    .unwrap();
    let demo = include_str!("../../config/demo/kapea.toml");
    let text = format!(
        "{demo}\n[data]\ndir = \".\"\n\n[custodians]\nthreshold = 1\nkeys = [{{ name = \"custodian\", verify_key = \"{}\" }}]\n",
        custodian.verify_key()
    );
    let file = folder.join("kapea.toml");
    std::fs::write(&file, &text).unwrap();
    let config = Config::from_toml(&text, &file, &Environment::default()).unwrap();
    app::offline(&config, Clock::system()).unwrap()
}

fn staff_key(id: kapea::domain::ids::KeyId, staff: StaffId, own: &StaffKeys, day: Day) -> KeyRow {
    KeyRow {
        id,
        kind: KeyKind::Staff,
        owner: *staff.as_bytes(),
        generation: 1,
        recipient: own.recipient().to_string(),
        verify_key: *own.verify_key().as_bytes(),
        state: KeyState::Active,
        from: day,
    }
}
