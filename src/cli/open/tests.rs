//! A report is read with a copy of the data folder and a recovery code, and by nobody without a grant.

use std::fs;
use std::process::Command;
use std::sync::Arc;

use super::*;
use crate::domain::clock::{Day, Quarter};
use crate::domain::form::{SealedAnswer, SealedValue};
use crate::domain::keys::{KeyKind, KeyState};
use crate::domain::notice::NoticeList;
use crate::domain::staff::{Role, StaffState, TeamKind};
use crate::domain::suite::Suite;
use crate::domain::urgency::Urgency;
use crate::seal::credentials::Credentials;
use crate::seal::keys::Recipient;
use crate::seal::opening::TeamSecrets;
use crate::seal::random;
use crate::seal::receipt::Master;
use crate::seal::sealing::{Draft, seal_submission};
use crate::seal::unlock::StaffSecret;
use crate::service::prover::RowProver;

const DAY: Day = Day::from_number(20_780);
const TYPED: &str = "គាត់នៅទីនេះ\u{202e}\u{1b}[2J";

struct Office {
    folder: tempfile::TempDir,
    store: Store,
    report: ReportId,
}

/// A team with one member, `sokha`, and one report; and `dara`, who is in no team.
fn office() -> (Office, RecoveryCode, RecoveryCode) {
    office_whose_record_says(None)
}

/// The same, where the record of the team's key may name another verify key than its secrets have.
fn office_whose_record_says(lie: Option<[u8; 32]>) -> (Office, RecoveryCode, RecoveryCode) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_path(&folder.path().join("kapea.db")).unwrap();
    let (sokha, own_key, recipient) = person(&store, "sokha");
    let (dara, _, _) = person(&store, "dara");

    let (team, key, secrets) = (
        random::team_id(),
        random::key_id(),
        TeamSecrets::generate(Suite::X25519),
    );
    let wrap = opening::seal_wrap(&recipient, key, 1, &secrets).unwrap();
    let submission = submission(key, &secrets.identity().recipient());
    let (report, day) = (submission.report, DAY.start().quarter());
    let row = store::KeyRow {
        verify_key: lie.unwrap_or(*secrets.signing().verify_key().as_bytes()),
        ..key_row(
            key,
            KeyKind::Team,
            *team.as_bytes(),
            &secrets.identity().recipient(),
        )
    };
    store
        .blocking_write(|conn| {
            store::team_insert(
                conn,
                &store::Team::usual(team, "Team".into(), TeamKind::Casework),
            )?;
            store::channel_put(
                conn,
                &store::Channel {
                    id: "main".into(),
                    team,
                },
            )?;
            store::key_insert(conn, &row)?;
            let wrap = store::WrapRow {
                parent: own_key,
                child: key,
                sealed: wrap,
            };
            store::wrap_insert(conn, &wrap)?;
            let id = random::outbox_id();
            let event = store::NewEvent {
                id,
                urgent: None,
                list: NoticeList::Hotline,
                due: day,
            };
            conn.prove_with(Arc::new(RowProver::new(
                Credentials::made_on(Day::from_number(20_780)).report_keys(),
            )));
            store::report_insert(conn, &submission, &event)
        })
        .unwrap();
    (
        Office {
            folder,
            store,
            report,
        },
        sokha,
        dara,
    )
}

fn person(store: &Store, handle: &str) -> (RecoveryCode, KeyId, Recipient) {
    let (id, key, code) = (
        random::staff_id(),
        random::key_id(),
        recovery_code::generate(),
    );
    let secret = StaffSecret::generate(Suite::X25519);
    let recipient = StaffKeys::from_seed(&secret.seed).recipient();
    let made = unlock::create_with_recovery(&code, id, &secret).unwrap();
    let staff = store::Staff {
        id,
        handle: handle.to_owned(),
        role: Role::Caseworker,
        state: StaffState::Active,
        recipient: Some(recipient.to_string()),
        verify_key: None,
        joined: DAY,
    };
    let row = store::UnlockRow {
        staff: id,
        method: UnlockMethod::Recovery,
        salt: made.salt,
        pepper_version: made.pepper_version,
        sealed: made.sealed,
    };
    store
        .blocking_write(|conn| {
            store::staff_insert(conn, &staff)?;
            store::unlock_put(conn, &row)?;
            store::key_insert(
                conn,
                &key_row(key, KeyKind::Staff, *id.as_bytes(), &recipient),
            )
        })
        .unwrap();
    (code, key, recipient)
}

fn key_row(id: KeyId, kind: KeyKind, owner: [u8; 16], recipient: &Recipient) -> store::KeyRow {
    store::KeyRow {
        id,
        kind,
        owner,
        generation: 1,
        recipient: recipient.to_string(),
        verify_key: [0; 32],
        state: KeyState::Active,
        from: DAY,
    }
}

fn submission(key: KeyId, team: &Recipient) -> crate::domain::submission::SealedSubmission {
    let answers = SealedAnswers {
        format: 1,
        form: "report".into(),
        version: 1,
        digest: "00".into(),
        language: "km".into(),
        answers: vec![SealedAnswer {
            question: "what".into(),
            label_id: "what".into(),
            label: "What happened?".into(),
            value: SealedValue::Text(Zeroizing::new(TYPED.to_owned())),
        }],
    };
    let master = Master::from_bytes([7; 32]);
    seal_submission(&Draft {
        channel: "main",
        key,
        team,
        answers: &serde_json::to_vec(&answers).unwrap(),
        summary: b"{}",
        master: &master,
        urgency: Urgency::U1,
        day: DAY,
        due: Quarter::from_seconds(0),
        retention: "undecided",
        is_alike: false,
        mailbox_expires: DAY.plus(365),
    })
    .unwrap()
}

#[test]
fn a_recovery_code_and_a_copy_of_the_folder_open_a_report() {
    let (office, sokha, _) = office();
    let copy = tempfile::tempdir().unwrap();
    // What is still in the log of the database belongs to the copy as well.
    for file in fs::read_dir(office.folder.path()).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    let store = Store::open_read_only(Location::Sqlite(copy.path().join("kapea.db"))).unwrap();
    let holding = Holding::of(&store, "sokha", &sokha).unwrap();
    list(&store, &holding).unwrap();
    let (report, grant) = find(&store, &holding, office.report).unwrap();
    let objects = store
        .blocking(|conn| store::objects_of_report(conn, report.id))
        .unwrap();
    let text = text(&report, grant, &objects).unwrap();
    assert!(
        text.contains("What happened?:\n  គាត់នៅទីនេះ⟦U+202E⟧⟦U+001B⟧[2J\n"),
        "{}",
        *text
    );
}

#[test]
fn a_person_outside_the_team_and_a_wrong_code_open_nothing() {
    let (office, _, dara) = office();
    let holding = Holding::of(&office.store, "dara", &dara).unwrap();
    assert!(find(&office.store, &holding, office.report).is_err());
    assert!(Holding::of(&office.store, "sokha", &dara).is_err());
    assert!(Holding::of(&office.store, "nobody", &dara).is_err());
}

#[test]
fn a_key_that_does_not_fit_its_record_opens_nothing() {
    let (office, sokha, _) = office_whose_record_says(Some([0; 32]));
    let holding = Holding::of(&office.store, "sokha", &sokha).unwrap();
    assert!(find(&office.store, &holding, office.report).is_err());
}

#[test]
fn what_is_exported_opens_with_the_stock_program() {
    let (office, sokha, _) = office();
    let holding = Holding::of(&office.store, "sokha", &sokha).unwrap();
    let (report, grant) = find(&office.store, &holding, office.report).unwrap();
    let objects = office
        .store
        .blocking(|conn| store::objects_of_report(conn, report.id))
        .unwrap();
    let folder = office.folder.path().join("out");
    export(&folder, &grant, &objects).unwrap();
    assert!(
        export(&folder, &grant, &objects).is_err(),
        "never overwritten"
    );
    for object in &objects {
        let output = Command::new("age")
            .args(["-d", "-i"])
            .arg(folder.join("key.txt"))
            .arg(folder.join(format!("{}.age", object.id)))
            .output()
            .expect("the age program is installed");
        assert!(output.status.success());
        assert!(output.stdout.starts_with(b"OBJ1"));
    }
}
