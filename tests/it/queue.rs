//! The queue over its pages: which reports a view shows, what is new to whom, and that a list stays what it was while somebody works on it.

use crate::epochs::leave;
use crate::support::TestApp;
use crate::support::sql::{count, id_of, run};
use crate::support::staff::Session;

const URGENT: &[(&str, &str)] = &[("danger", "now"), ("account", "He is breaking the door.")];
const ORDINARY: &[(&str, &str)] = &[("danger", "over"), ("account", "It was two years ago.")];
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// One that nobody has, one that sokha has, one that she acts on and one that dara acts on.
struct Four {
    app: TestApp,
    sokha: Session,
    dara: Session,
    new: String,
    taken: String,
    hers: String,
    his: String,
    /// Of the reporter of the one that she acts on.
    code: String,
}

async fn four() -> Four {
    let app = TestApp::start().await;
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    let code = app.reporter("en").file(ORDINARY).await;
    let hers = acted_upon(&app, &sokha, "sokha").await;
    app.reporter("km").file(ORDINARY).await;
    let his = acted_upon(&app, &dara, "dara").await;
    app.reporter("en").file(ORDINARY).await;
    let taken = sokha.queue("").await.remove(0);
    sokha.claim(&taken).await.expect(303);
    app.reporter("en").file(URGENT).await;
    let new = sokha.queue("?urgency=U0").await.remove(0);
    Four {
        app,
        sokha,
        dara,
        new,
        taken,
        hers,
        his,
        code,
    }
}

async fn acted_upon(app: &TestApp, by: &Session, handle: &str) -> String {
    let report = by.queue("").await.remove(0);
    by.claim(&report).await.expect(303);
    let me = id_of(app, handle);
    by.act_upon(&report, &[&me], 24).await.expect(303);
    by.release(&report).await.expect(303);
    report
}

async fn shows(who: &Session, query: &str, reports: &[&String]) {
    let mut shown = who.queue(query).await;
    let mut wanted: Vec<String> = reports.iter().map(|one| (*one).clone()).collect();
    shown.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(shown, wanted, "{query}");
}

/// The lines of one report's card.
async fn card(who: &Session, query: &str, report: &str) -> String {
    let page = who.get(&format!("/queue{query}")).await.expect(200);
    let at = Session::reports_on(&page);
    let at = at.iter().position(|one| one == report).expect("a card");
    page.document().of_class("card").remove(at)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_view_shows_what_it_says() {
    let four = four().await;
    let (sokha, dara) = (&four.sokha, &four.dara);
    shows(sokha, "", &[&four.new, &four.taken]).await;
    shows(sokha, "?view=for-me", &[&four.taken]).await;
    shows(sokha, "?view=mine", &[&four.taken, &four.hers]).await;
    shows(sokha, "?view=unassigned", &[&four.new]).await;
    let all = [&four.new, &four.taken, &four.hers, &four.his];
    shows(sokha, "?view=open", &all).await;
    shows(dara, "?view=mine", &[&four.his]).await;
    shows(dara, "?view=for-me", &[]).await;
    shows(sokha, "?view=mine&state=acted_upon", &[&four.hers]).await;
    shows(sokha, "?state=acted_upon", &[&four.hers, &four.his]).await;
    // The reporter's word is for whoever acts on it.
    let mailbox = four.app.reporter("en").mailbox(&four.code).await;
    mailbox.write("He is back.").await.expect(200);
    shows(sokha, "?view=for-me", &[&four.taken, &four.hers]).await;
    let said = card(sokha, "?view=for-me", &four.hers).await;
    assert!(said.contains("The reporter has written"), "{said}");
    let page = sokha.get("/account").await.expect(200);
    page.says("1 waiting · 2 for you");
    let titles = page.document().of_element("title");
    assert!(titles.concat().starts_with("(3) "), "{titles:?}");
    dara.get("/account").await.expect(200).says("1 waiting");
    // What is at its end or set aside needs nobody, whose it ever was.
    sokha.claim(&four.hers).await.expect(303);
    sokha.act(&four.hers, "resume", "again").await.expect(303);
    sokha.act(&four.hers, "mark-spam", "junk").await.expect(303);
    let page = sokha.get("/account").await.expect(200);
    page.says("1 waiting · 1 for you");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_says_what_is_new_to_whoever_looks() {
    let app = TestApp::start().await;
    let code = app.reporter("en").file(ORDINARY).await;
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    let report = sokha.queue("").await.remove(0);
    let said = card(&sokha, "", &report).await;
    assert!(said.contains("You have not read it"), "{said}");
    sokha.read(&report).await.expect(200);
    let said = card(&sokha, "", &report).await;
    assert!(!said.contains("You have not read it"), "{said}");
    let said = card(&dara, "", &report).await;
    assert!(said.contains("You have not read it"), "each for themselves");
    dara.claim(&report).await.expect(303);
    dara.note(&report, "I know the place.").await.expect(303);
    dara.message(&report, "Where is it?").await.expect(303);
    dara.read(&report).await.expect(200);
    let said = card(&sokha, "", &report).await;
    assert!(said.contains("A colleague has written"), "{said}");
    assert!(said.contains("1 message · 1 note"), "{said}");
    assert!(said.contains("dara"), "who did it last: {said}");
    let mailbox = app.reporter("en").mailbox(&code).await;
    mailbox.write("By the river.").await.expect(200);
    for who in [&sokha, &dara] {
        let said = card(who, "", &report).await;
        assert!(said.contains("The reporter has written"), "{said}");
        assert!(said.contains("2 messages · 1 note"), "{said}");
    }
    let page = dara.read(&report).await.expect(200);
    assert_eq!(page.document().of_class("new").len(), 1, "her words alone");
    let said = card(&dara, "", &report).await;
    assert!(!said.contains("The reporter has written"), "{said}");
    assert!(said.contains("Not answered yet"), "{said}");
    dara.message(&report, "Thank you.").await.expect(303);
    let said = card(&dara, "", &report).await;
    assert!(!said.contains("Not answered yet"), "{said}");
    assert!(
        !said.contains("A colleague has written"),
        "it was she: {said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_has_read_stays_read_when_the_report_gets_its_next_key() {
    let mut app = TestApp::start().await;
    app.reporter("en").file(ORDINARY).await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    app.new_caseworker(&admin, &sokha, "vanna").await;
    let report = sokha.queue("").await.remove(0);
    sokha.read(&report).await.expect(200);
    leave(&app, &admin, "dara", &sokha).await;
    assert_eq!(count(&app, "epochs"), 1, "it has another key");
    let said = card(&sokha, "", &report).await;
    assert!(!said.contains("You have not read it"), "{said}");
    // Whatever somebody lays there, it says nothing, and keeps nobody from reading.
    run(&app, "UPDATE activities SET sealed = X'00010203'");
    let said = card(&sokha, "", &report).await;
    assert!(said.contains("You have not read it"), "{said}");
    sokha.read(&report).await.expect(200);
    let said = card(&sokha, "", &report).await;
    assert!(!said.contains("You have not read it"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_chosen_is_what_is_shown() {
    let app = TestApp::start().await;
    let sokha = app.sign_in("sokha").await;
    app.reporter("km").file(ORDINARY).await;
    let khmer = sokha.queue("").await.remove(0);
    app.later(26 * HOUR).await;
    let sokha = app.sign_in("sokha").await;
    app.reporter("en").file(URGENT).await;
    let both = sokha.queue("").await;
    let english = both.iter().find(|one| **one != khmer).unwrap().clone();
    assert_eq!(both, [english.clone(), khmer.clone()], "most urgent first");
    shows(&sokha, "?language=km", &[&khmer]).await;
    shows(&sokha, "?language=en", &[&english]).await;
    shows(&sokha, "?language=th", &[]).await;
    shows(&sokha, "?urgency=U0", &[&english]).await;
    assert_eq!(
        sokha.queue("?order=due").await,
        [khmer.clone(), english.clone()]
    );
    let page = sokha.get("/queue").await.expect(200);
    let today = app.clock.today();
    let (today, before) = (today.to_string(), today.plus(-1).to_string());
    shows(&sokha, &format!("?from={today}"), &[&english]).await;
    shows(&sokha, &format!("?to={before}"), &[&khmer]).await;
    shows(
        &sokha,
        &format!("?from={before}&to={today}"),
        &[&english, &khmer],
    )
    .await;
    shows(&sokha, "?channel=elsewhere", &[]).await;
    // What nobody has taken in time is late; what came just now is not.
    shows(&sokha, "?view=late", &[&khmer]).await;
    app.later(16 * MINUTE).await;
    let sokha = app.sign_in("sokha").await;
    assert_eq!(sokha.queue("?view=late").await, [khmer, english]);
    drop(page);
    // What cannot be read as a date is said, and the other choices stay.
    let page = sokha
        .get("/queue?from=yesterday&urgency=U0")
        .await
        .expect(200);
    page.says("This is no date");
    assert_eq!(
        page.document()
            .attributes("option[selected]", "value")
            .iter()
            .filter(|one| *one == "U0")
            .count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_stays_what_it_was_over_every_act() {
    let app = TestApp::start().await;
    for _ in 0..3 {
        app.reporter("en").file(ORDINARY).await;
    }
    let sokha = app.sign_in("sokha").await;
    let list = "?language=en&order=due";
    let three = sokha.queue(list).await;
    let page = sokha.get(&format!("/queue{list}")).await.expect(200);
    let address = page.document().attributes("a.read", "href").remove(1);
    assert!(address.starts_with(&format!("/reports/{}?list=", three[1])));
    let page = sokha.get(&address).await.expect(200);
    let crumbs = page.document().attributes(".crumb a", "href");
    assert_eq!(crumbs, ["/queue?language=en&order=due"]);
    for (rel, report) in [("prev", &three[0]), ("next", &three[2])] {
        let beside = page.document().attributes(&format!("a[rel={rel}]"), "href");
        let list = format!("/reports/{report}?list=language%3Den%26order%3Ddue");
        assert_eq!(beside, [list]);
    }
    // Taking, noting and the language go on in it.
    let form = page.form("work");
    let path = format!("/reports/{}", three[1]);
    let taken = sokha
        .post_fields(&format!("{path}/claim"), &form.fields)
        .await
        .expect(303);
    let after = taken.header("location").unwrap().to_owned();
    assert!(
        after.contains("?list=language%3Den%26order%3Ddue&done="),
        "{after}"
    );
    let mut form = sokha.get(&after).await.expect(200).form("work");
    form.set("note", "Seen.");
    let noted = sokha
        .post_fields(&format!("{path}/note"), &form.fields)
        .await
        .expect(303);
    let form = sokha
        .get(noted.header("location").unwrap())
        .await
        .expect(200)
        .form("work");
    let kept = sokha
        .post_fields(&format!("{path}/keep"), &form.fields)
        .await
        .expect(200);
    assert_eq!(kept.document().attributes(".crumb a", "href"), crumbs);
    let gone = sokha
        .post_fields(&format!("{path}/release"), &form.fields)
        .await
        .expect(303);
    let back = gone.header("location").unwrap();
    assert_eq!(back, "/queue?language=en&order=due&done=released");
    // Whatever else stands there leads nowhere else.
    let page = sokha
        .get(&format!("{path}?list=https://evil.example"))
        .await
        .expect(200);
    assert_eq!(page.document().attributes(".crumb a", "href")[0], "/queue");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_waits_until_its_writer_has_seen_what_came_meanwhile() {
    let app = TestApp::start().await;
    let code = app.reporter("en").file(ORDINARY).await;
    let sokha = app.sign_in("sokha").await;
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    let mut form = sokha.read(&report).await.expect(200).form("work");
    form.set("message", "We will call your aunt.");
    let mailbox = app.reporter("en").mailbox(&code).await;
    mailbox.write("Do not call my aunt!").await.expect(200);
    for act in ["message", "ask"] {
        let path = format!("/reports/{report}/{act}");
        let page = sokha.post_fields(&path, &form.fields).await.expect(409);
        page.says("Something was written since you opened this page");
        page.says("Do not call my aunt!");
        let again = page.form("work");
        assert_eq!(again.value("message"), Some("We will call your aunt."));
    }
    let read = app.reporter("en").mailbox(&code).await.messages();
    assert!(read.iter().all(|text| !text.contains("aunt.")), "{read:?}");
    // Neither does an order of what was written that somebody has changed hide anything.
    let mut form = sokha.read(&report).await.expect(200).form("work");
    form.set("note", "mine");
    let path = format!("/reports/{report}/note");
    sokha.post_fields(&path, &form.fields).await.expect(303);
    mailbox.write("And not my uncle!").await.expect(200);
    run(&app, "UPDATE objects SET number = 99 WHERE number = 3");
    run(&app, "UPDATE objects SET number = 3 WHERE number = 4");
    form.set("note", "")
        .set("message", "We will call your uncle.");
    let path = format!("/reports/{report}/message");
    sokha.post_fields(&path, &form.fields).await.expect(409);
    run(&app, "UPDATE objects SET number = 4 WHERE number = 3");
    run(&app, "UPDATE objects SET number = 3 WHERE number = 99");
    let mut form = sokha.read(&report).await.expect(200).form("work");
    form.set("message", "We will not.");
    let path = format!("/reports/{report}/message");
    sokha.post_fields(&path, &form.fields).await.expect(303);
    // Two clicks are one message, although the page does not show the first.
    sokha.post_fields(&path, &form.fields).await.expect(303);
    let read = app.reporter("en").mailbox(&code).await.messages();
    assert_eq!(
        read.iter()
            .filter(|text| text.contains("We will not."))
            .count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_read_again_by_itself_keeps_no_session_alive() {
    let app = TestApp::start().await;
    let sokha = app.sign_in("sokha").await;
    let page = sokha.get("/queue?view=open&refresh=yes").await.expect(200);
    let again = page.document().attributes("meta[http-equiv]", "content");
    assert_eq!(
        again,
        ["60; url=/queue?view=open&refresh=yes&unattended=yes"]
    );
    for _ in 0..3 {
        app.clock.advance(10 * MINUTE);
        sokha.get("/queue?view=open&refresh=yes").await.expect(200);
    }
    let mut turns = 0;
    while sokha
        .get("/queue?view=open&refresh=yes&unattended=yes")
        .await
        .status
        == 200
    {
        app.clock.advance(5 * MINUTE);
        turns += 1;
        assert!(turns < 20, "nobody is there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_no_key_yet_is_shown_the_digits_that_a_colleague_needs() {
    let mut app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let newcomer = app.newcomer(&admin, "newcomer").await;
    let page = newcomer.get("/queue").await.expect(200);
    page.says("read them these digits");
    let digits = page.document().of_class("fingerprint").concat();
    let own = newcomer.get("/team").await.expect(200);
    assert!(!digits.is_empty() && own.document().of_class("fingerprint").contains(&digits));
}
