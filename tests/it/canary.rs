//! Marked words go in through every input of the real program. Nothing of them may be in what it leaves behind: database,
//! write-ahead log, mails, temporary files, its log at TRACE.

use std::path::Path;

use diesel::connection::SimpleConnection as _;
use kapea::domain::clock::Clock;
use kapea::domain::form::{BUILT_IN, FormDefinition};
use kapea::domain::receipt::ReceiptCode;
use kapea::mail::unpack::unpack;
use reqwest::Method;

use crate::support::binary::{Installation, Served};
use crate::support::canary::{Search, marked, plain};
use crate::support::client::fields;
use crate::support::eventually;
use crate::support::reporter::{Reporter, code_of};
use crate::support::staff::Session;

/// An answer with a marker in it for every question that is typed, and the options that make all of them matter.
fn answers() -> Vec<(String, String)> {
    let form = FormDefinition::from_toml(BUILT_IN, &["main", "officials"]).unwrap();
    let mut all: Vec<(String, String)> = form
        .questions()
        .filter(|question| question.options.is_empty())
        .map(|question| (question.id.clone(), marked(&question.id)))
        .collect();
    assert!(all.len() >= 8);
    for (question, option) in [
        ("danger", "soon"),
        ("contact", "phone"),
        ("barred", "named"),
    ] {
        all.push((question.to_owned(), option.to_owned()));
    }
    all
}

/// A reporter types markers wherever something can be typed, rightly and wrongly. Gives the code.
async fn report(reporter: &Reporter) -> String {
    let answers = answers();
    let pairs: Vec<(&str, &str)> = answers
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let code = code_of(&reporter.send(&pairs).await.expect(200));
    let site = &reporter.site;
    let path = reporter.path("report");
    for (name, value) in [
        ("ticket", plain("ticket")),
        ("step", plain("step")),
        ("kept", plain("kept")),
    ] {
        let mut form = reporter.fill(&[("account", &marked("refused"))]).await;
        form.set(name, &value)
            .add("step", "send")
            .add(&plain("name"), &marked("value"));
        site.post(&path, &form.fields).await;
    }
    let mut form = reporter.fill(&pairs).await;
    form.set("account", &format!("{} \u{1}", marked("control")));
    site.submit(&form, "send").await.expect(422);
    form.set("account", &marked("long").repeat(2_000));
    site.submit(&form, "send").await;
    let check = fields(&[
        ("step", "check"),
        ("typed", &plain("typed")),
        ("kept", &plain("kept")),
    ]);
    site.post(&path, &check).await.expect(422);
    reporter.try_code(&plain("code")).await.expect(422);
    let headers = [
        ("user-agent", plain("agent")),
        ("referer", format!("https://{}.example/", plain("referer"))),
        ("cookie", format!("a={}", plain("cookie"))),
        ("x-forwarded-for", plain("forwarded")),
        ("accept-language", plain("language")),
    ];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(a, b)| (*a, b.as_str())).collect();
    for path in [
        "/",
        "/en/",
        &format!("/{}", plain("path")),
        &format!("/en/report?{}={}", plain("q"), plain("v")),
    ] {
        site.get_with(path, &headers).await;
        site.send(
            Method::PUT,
            path,
            &headers,
            Some(marked("put").into_bytes()),
        )
        .await;
    }
    site.post_with(
        &path,
        &[("content-type", "text/plain")],
        &fields(&[("account", &marked("type"))]),
    )
    .await;
    code
}

/// A caseworker writes markers wherever something can be written.
async fn work(session: &Session, report: &str) {
    session.claim(report).await.expect(303);
    session.note(report, &marked("note")).await.expect(303);
    session
        .urgency(report, "U0", &marked("reason"))
        .await
        .expect(303);
    session
        .message(report, &marked("message"))
        .await
        .expect(303);
    session
        .act(report, "ask-reporter", &marked("question"))
        .await
        .expect(303);
    session
        .act(report, &plain("act"), &marked("wrong act"))
        .await
        .expect(422);
    let stale = [
        ("version", "-1"),
        ("urgency", "U2"),
        ("reason", &marked("stale")),
    ];
    session
        .post(&format!("/reports/{report}/urgency"), &stale)
        .await
        .expect(409);
    session
        .note("00000000000000000000000000000000", &marked("nowhere"))
        .await
        .expect(404);
    let note = fields(&[("text", &marked("signed out"))]);
    session
        .site
        .post(&format!("/reports/{report}/note"), &note)
        .await
        .expect(401);
    session.release(report).await.expect(303);
    session.note(report, &marked("unclaimed")).await.expect(409);
    session
        .get(&format!("/queue?state={}", plain("state")))
        .await;
}

/// A lead and a colleague decide on a report, rightly and wrongly. One proposal is left to wait; an export leaves the house.
async fn decide(lead: &Session, other: &Session, report: &str) {
    let clock = Clock::system();
    lead.claim(report).await.expect(303);
    lead.act(report, "resume", &marked("taken up"))
        .await
        .expect(303);
    let lowered = [("urgency", "U2"), ("reason", &*marked("lowered"))];
    lead.propose(report, "lower_urgency", &lowered)
        .await
        .expect(303);
    let wrong = [
        ("class", "child_identified"),
        ("until", &*plain("day")),
        ("message", &marked("closing")),
        ("reason", &marked("closed")),
    ];
    lead.propose(report, "no_action", &wrong).await.expect(422);
    let closed = [("class", "no_action"), wrong[2], wrong[3]];
    lead.propose(report, "no_action", &closed).await.expect(303);
    lead.propose(report, &plain("kind"), &[("reason", &marked("kind"))])
        .await
        .expect(422);
    let nowhere = [("recipient", &*plain("recipient"))];
    lead.propose(report, "export", &nowhere).await.expect(422);
    for proposal in lead.proposals(report).await {
        let version = other.version(report).await;
        other
            .approve_with(report, &proposal, &version, &plain("code"))
            .await
            .expect(422);
        other.refuse(report, &proposal).await.expect(303);
    }
    let authority = age::x25519::Identity::generate();
    let recipient = authority.to_public().to_string();
    let pairs = [("recipient", &*recipient), ("reason", &marked("exported"))];
    lead.propose(report, "export", &pairs).await.expect(303);
    let export = lead.proposals(report).await.remove(0);
    other.approve(report, &export, &clock).await.expect(303);
    let code = lead.code(&clock).await;
    let pairs = [("export", &*export), ("code", &code)];
    let file = lead
        .post(&format!("/reports/{report}/export"), &pairs)
        .await
        .expect(200);
    // It is all in there, for its recipient: on this side it must not be.
    let contents = String::from_utf8(age::decrypt(&authority, &file.bytes).unwrap()).unwrap();
    for input in ["account", "note", "message", "lowered"] {
        assert!(contents.contains(&plain(input)), "{input}");
    }
    let retained = [("class", "referred"), ("reason", &*marked("retained"))];
    lead.decide(report, "retain", &retained).await.expect(303);
    let forever = [("class", &*plain("class")), ("reason", &marked("retained"))];
    lead.decide(report, "retain", &forever).await.expect(422);
    let held = [("reason", &*marked("held"))];
    lead.decide(report, "hold", &held).await.expect(303);
    let lifted = [("reason", &*marked("lifted"))];
    lead.propose(report, "lift_hold", &lifted).await.expect(303);
    lead.release(report).await.expect(303);
}

/// Passphrases: wrong ones, a weak one, and a new one that is taken.
async fn sign(served: &Served, installation: &Installation, session: &Session) {
    let person = installation.people.get("dara");
    person
        .try_sign_in(&served.staff(), &marked("wrong passphrase"), "000000")
        .await
        .expect(422);
    let mut nobody = person.clone();
    nobody.handle = plain("handle");
    nobody
        .try_sign_in(&served.staff(), &marked("nobody's"), &plain("otp"))
        .await
        .expect(422);
    let account = session.get("/account").await.expect(200);
    let mut form = account.form_to("/account/passphrase");
    form.set("old", &person.passphrase)
        .set("choice", "own")
        .set("own", &marked("new passphrase of its own"));
    form.set("code", &session.code(&Clock::system()).await);
    session
        .post_fields("/account/passphrase", &form.fields)
        .await
        .expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_typed_is_in_anything_that_is_left_behind() {
    let installation = Installation::settled();
    // Outsiders keep anchors of the audit log: one goes out at the start, one more after everything was done.
    installation.set(&[
        ("audit", "anchor_addresses = [\"keeper@outside.example\"]"),
        ("audit", "anchor_hour_utc = 0"),
    ]);
    let temporary = installation.folder.path().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let mut command = installation.command();
    command.env("TMPDIR", &temporary);
    let mut served = installation.serve_as(command, 2).await;
    let reporter = Reporter {
        site: served.public(),
        lang: "km",
    };
    let code = report(&reporter).await;
    let session = installation
        .people
        .get("dara")
        .sign_in(&served.staff(), &Clock::system())
        .await;
    let reports = session.queue("").await;
    // The urgent one comes first; a form with strange fields besides the right ones was taken as well.
    assert_eq!(reports.len(), 2);
    work(&session, &reports[0]).await;
    let lead = installation
        .people
        .get("sokha")
        .sign_in(&served.staff(), &Clock::system())
        .await;
    decide(&lead, &session, &reports[0]).await;
    let mailbox = reporter.mailbox(&code).await;
    assert_eq!(mailbox.messages(), [marked("message"), marked("question")]);
    mailbox.write(&marked("answer")).await.expect(200);
    mailbox
        .write(&format!("{}\u{2}", marked("answer")))
        .await
        .expect(422);
    sign(&served, &installation, &session).await;
    let mails = installation.folder.path().join("mail");
    eventually("a mail goes out", || {
        let there = std::fs::read_dir(&mails).is_ok_and(|folder| folder.count() > 0);
        async move { there.then_some(()) }
    })
    .await;

    let mut search = Search::new();
    let parsed = ReceiptCode::parse(&code).unwrap();
    search
        .also(&code)
        .also(&parsed.grouped())
        .also(parsed.payload());
    search.also(&session.person.passphrase);
    for person in ["admin", "sokha", "custodian"] {
        let person = installation.people.get(person);
        search.also(&person.passphrase).also(&person.recovery_code);
    }
    // A handle may be found, in the clear: the search does read the database.
    let (_, handles) = Search::of("sokha").folder(installation.folder.path());
    assert!(
        handles.iter().any(|hit| hit.contains("kapea.db")),
        "{handles:?}"
    );
    let look = || {
        let (files, found) = search.folder(installation.folder.path());
        // Configuration, credentials, database with its two companions, log, a mail.
        assert!(files >= 7, "{files} files");
        assert!(found.is_empty(), "{found:#?}");
    };
    look();
    // As it lies there after the power went, and after the next start has tidied up.
    served.kill();
    look();
    another_day(&installation);
    let served = installation.serve().await;
    served.health().get("/readyz").await.expect(200);
    let anchors = eventually("an anchor of all that was done", || {
        let anchors = anchors(&mails);
        async move { (anchors.len() == 2).then_some(anchors) }
    })
    .await;
    for anchor in anchors {
        let said = unpack(&anchor);
        assert!(said.contains("kapea/anchor/1 ends"));
        assert_eq!(search.hits(said.as_bytes()), [""; 0]);
    }
    look();
}

/// As if the last anchor had been made yesterday.
fn another_day(installation: &Installation) {
    let path = installation.database();
    let mut conn = crate::support::sql::open(path);
    conn.batch_execute("DELETE FROM settings WHERE key = 'anchor_day'")
        .unwrap();
}

fn anchors(folder: &Path) -> Vec<Vec<u8>> {
    std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| std::fs::read(entry.unwrap().path()).ok())
        .filter(|mail| mail.len() > kapea::seal::anchor::SIZE)
        .collect()
}
