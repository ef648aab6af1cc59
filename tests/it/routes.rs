//! Every route of both sides with everybody who might ask: who is not meant is told what an unknown path is told, a form that is not
//! ours does nothing, and looking changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use kapea::domain::staff::Role;
use kapea::web::access::{Access, Port, Verb};
use kapea::web::routes;

use crate::support::TestApp;
use crate::support::client::{Page, Site, encode};
use crate::support::sql::{connect, texts};
use crate::support::staff::{Person, Session};

/// Who lets themselves be told apart by what they may do. Nobody and a reporter have no session.
const ACTORS: &[&str] = &[
    "nobody",
    "reporter",
    "stranger",
    "member",
    "lead",
    "custodian",
    "auditor",
    "administrator",
];
const SIGNED_IN: &[&str] = &[
    "stranger",
    "member",
    "lead",
    "custodian",
    "auditor",
    "administrator",
];
/// Whoever renews a key of their own: a custodian's is pinned.
const UNPINNED: &[&str] = &["stranger", "member", "lead", "auditor", "administrator"];
const CASEWORKERS: &[&str] = &["stranger", "member", "lead"];
const MEMBERS: &[&str] = &["stranger", "member", "lead", "auditor"];
/// Caseworkers whose key opens the report.
const TEAM: &[&str] = &["member", "lead"];
const CUSTODIAN: &[&str] = &["custodian"];
const ADMINISTRATOR: &[&str] = &["administrator"];
const RECOVERY: &[&str] = &["custodian", "administrator"];
const WATCHERS: &[&str] = &["custodian", "auditor"];
/// The stranger leads another team.
const LEADS_AND_WATCHERS: &[&str] = &["stranger", "lead", "custodian", "auditor"];
const TRAIL: &[&str] = &["auditor", "administrator"];

/// Written down a second time, apart from the table of the program: a route that is let in by mistake is seen here.
const STAFF: &[(Verb, &str, &[&str])] = &[
    (Verb::Get, "/", SIGNED_IN),
    (Verb::Get, "/login", ACTORS),
    (Verb::Post, "/login", ACTORS),
    (Verb::Post, "/logout", SIGNED_IN),
    (Verb::Get, "/join/{token}", ACTORS),
    (Verb::Post, "/join/{token}", ACTORS),
    (Verb::Get, "/forgotten", ACTORS),
    (Verb::Post, "/forgotten", ACTORS),
    (Verb::Get, "/authenticator", ACTORS),
    (Verb::Post, "/authenticator", ACTORS),
    (Verb::Post, "/language", SIGNED_IN),
    (Verb::Get, "/account", SIGNED_IN),
    (Verb::Post, "/account/mail", SIGNED_IN),
    (Verb::Post, "/account/passphrase", SIGNED_IN),
    (Verb::Get, "/account/recovery", SIGNED_IN),
    (Verb::Post, "/account/recovery", SIGNED_IN),
    (Verb::Get, "/account/renew", UNPINNED),
    (Verb::Post, "/account/renew", UNPINNED),
    (Verb::Get, "/queue/counts", CASEWORKERS),
    (Verb::Get, "/glossary", CASEWORKERS),
    (Verb::Get, "/queue", CASEWORKERS),
    (Verb::Get, "/reports/{id}", TEAM),
    (Verb::Post, "/reports/{id}/claim", TEAM),
    (Verb::Post, "/reports/{id}/release", TEAM),
    (Verb::Post, "/reports/{id}/urgency", TEAM),
    (Verb::Post, "/reports/{id}/note", TEAM),
    (Verb::Post, "/reports/{id}/message", TEAM),
    (Verb::Post, "/reports/{id}/ask", TEAM),
    (Verb::Post, "/reports/{id}/rest", TEAM),
    (Verb::Post, "/reports/{id}/keep", TEAM),
    (Verb::Post, "/reports/{id}/act", TEAM),
    (Verb::Post, "/reports/{id}/assign", TEAM),
    (Verb::Post, "/reports/{id}/share", TEAM),
    (Verb::Post, "/reports/{id}/move", TEAM),
    (Verb::Post, "/reports/{id}/restrict", TEAM),
    (Verb::Post, "/reports/{id}/propose", TEAM),
    (Verb::Post, "/reports/{id}/approve", TEAM),
    (Verb::Post, "/reports/{id}/refuse", TEAM),
    (Verb::Post, "/reports/{id}/export", TEAM),
    (Verb::Post, "/reports/{id}/retain", TEAM),
    (Verb::Post, "/reports/{id}/hold", TEAM),
    (Verb::Get, "/team", MEMBERS),
    (Verb::Post, "/team/admit", MEMBERS),
    (Verb::Post, "/team/let-in", MEMBERS),
    (Verb::Post, "/team/lead", CASEWORKERS),
    (Verb::Post, "/team/object", MEMBERS),
    (Verb::Post, "/team/rules", CASEWORKERS),
    (Verb::Post, "/team/rules-confirm", CASEWORKERS),
    (Verb::Post, "/team/rules-stop", CASEWORKERS),
    (Verb::Post, "/team/rotate", MEMBERS),
    (Verb::Get, "/team/recovery", CASEWORKERS),
    (Verb::Post, "/team/recovery", CASEWORKERS),
    (Verb::Get, "/charters", CUSTODIAN),
    (Verb::Post, "/charters/sign", CUSTODIAN),
    (Verb::Get, "/recovery", RECOVERY),
    (Verb::Post, "/recovery/register", CUSTODIAN),
    (Verb::Post, "/recovery/sign", CUSTODIAN),
    (Verb::Get, "/status", ADMINISTRATOR),
    (Verb::Post, "/status/clock", ADMINISTRATOR),
    (Verb::Get, "/people", ADMINISTRATOR),
    (Verb::Post, "/people/invite", ADMINISTRATOR),
    (Verb::Post, "/people/invite-again", ADMINISTRATOR),
    (Verb::Post, "/people/disable", ADMINISTRATOR),
    (Verb::Get, "/people/reset", ADMINISTRATOR),
    (Verb::Post, "/people/reset", ADMINISTRATOR),
    (Verb::Get, "/teams", ADMINISTRATOR),
    (Verb::Post, "/teams", ADMINISTRATOR),
    (Verb::Get, "/form", ADMINISTRATOR),
    (Verb::Get, "/form/{language}", ADMINISTRATOR),
    (Verb::Get, "/form/{language}/{section}", ADMINISTRATOR),
    (Verb::Get, "/keys", ADMINISTRATOR),
    (Verb::Post, "/keys/rotate", ADMINISTRATOR),
    (Verb::Post, "/keys/renew", ADMINISTRATOR),
    (Verb::Post, "/keys/server", ADMINISTRATOR),
    (Verb::Post, "/keys/sessions", ADMINISTRATOR),
    (Verb::Get, "/mail", ADMINISTRATOR),
    (Verb::Post, "/mail/test", ADMINISTRATOR),
    (Verb::Post, "/mail/retry", ADMINISTRATOR),
    (Verb::Post, "/mail/dismiss", ADMINISTRATOR),
    (Verb::Get, "/alarms", LEADS_AND_WATCHERS),
    (Verb::Post, "/alarms/see", WATCHERS),
    (Verb::Get, "/audit", TRAIL),
    (Verb::Post, "/audit/check", &["auditor"]),
    (Verb::Get, "/demo/mail", ACTORS),
    (Verb::Get, "/static/{name}", ACTORS),
    (Verb::Get, "/favicon.ico", ACTORS),
    (Verb::Get, "/robots.txt", ACTORS),
    (Verb::Get, "/healthz", ACTORS),
];

const REPORTER: &[(Verb, &str)] = &[
    (Verb::Get, "/"),
    (Verb::Get, "/{lang}"),
    (Verb::Get, "/{lang}/"),
    (Verb::Post, "/{lang}/"),
    (Verb::Get, "/{lang}/help"),
    (Verb::Post, "/{lang}/help"),
    (Verb::Get, "/leave"),
    (Verb::Get, "/arrived"),
    (Verb::Get, "/face/{name}"),
    (Verb::Get, "/{lang}/later"),
    (Verb::Get, "/voice/{language}/{name}"),
    (Verb::Get, "/{lang}/report"),
    (Verb::Post, "/{lang}/report"),
    (Verb::Get, "/{lang}/mailbox"),
    (Verb::Post, "/{lang}/mailbox"),
    (Verb::Get, "/static/{name}"),
    (Verb::Get, "/favicon.ico"),
    (Verb::Get, "/robots.txt"),
    (Verb::Get, "/healthz"),
];

/// What looking may add to the trail.
const READING: &[&str] = &["report-read", "trail-read"];
/// Tables that say when somebody was last seen and how far they have read, and the trail, which is looked at apart.
const TOUCHED: &[&str] = &["sessions", "claims", "activities", "audit"];

/// A service with one of each, and a report that `lead` has claimed.
struct House {
    app: TestApp,
    sessions: BTreeMap<&'static str, Session>,
    report: String,
}

impl House {
    async fn build() -> Self {
        let app = TestApp::start_with(&[("forms", "officials_channel = \"officials\"")]).await;
        app.reporter("en")
            .file(&[("danger", "over"), ("account", "Two years ago.")])
            .await;
        let admin = app.sign_in("admin").await;
        let team = admin.make_team("Elsewhere", &["officials"]).await;
        let token = admin.invite("bopha", "caseworker", Some(&team), true).await;
        let stranger = Person::join(&app.staff, &app.clock, &token, None).await;
        let lead = app.sign_in("sokha").await;
        let report = lead.queue("").await.remove(0);
        lead.claim(&report).await.expect(303);
        // The first reading tells the reporter so.
        lead.read(&report).await.expect(200);
        let sessions = BTreeMap::from([
            ("stranger", stranger.sign_in(&app.staff, &app.clock).await),
            ("member", app.sign_in("dara").await),
            ("custodian", app.sign_in("custodian").await),
            ("auditor", app.sign_in("auditor").await),
            ("administrator", admin),
            ("lead", lead),
        ]);
        Self {
            app,
            sessions,
            report,
        }
    }

    fn path(&self, pattern: &str) -> String {
        pattern
            .replace("{id}", &self.report)
            .replace("{lang}", "en")
            .replace("{language}", "en")
            .replace("{section}", "what")
            .replace("{name}", "style.css")
            .replace("{token}", "no-such-token")
    }

    /// What somebody sends along: a session, or a reporter's code in a cookie, which means nothing.
    fn headers<'a>(&'a self, actor: &str) -> Vec<(&'a str, &'a str)> {
        let mut headers = vec![("accept-language", "en")];
        match self.sessions.get(actor) {
            Some(session) => headers.push(("cookie", &session.cookie)),
            None if actor == "reporter" => {
                headers.push(("cookie", "session=000011112222333344445555"))
            }
            None => {}
        }
        headers
    }

    async fn get(&self, actor: &str, path: &str) -> Page {
        self.app.staff.get_with(path, &self.headers(actor)).await
    }

    /// A form with this token and whatever else a foreign page may send.
    async fn post(&self, actor: &str, path: &str, token: &str, more: &[(&str, &str)]) -> Page {
        let mut headers = self.headers(actor);
        headers.extend_from_slice(more);
        let fields = [("csrf".to_owned(), token.to_owned())];
        self.app.staff.post_with(path, &headers, &fields).await
    }

    fn token(&self, actor: &str) -> &str {
        self.sessions.get(actor).map_or("", |session| &session.csrf)
    }

    async fn unknown(&self, actor: &str) -> Page {
        self.get(actor, "/no-such-page").await.expect(404)
    }

    fn rows(&self) -> BTreeMap<String, BTreeSet<String>> {
        rows(&self.app)
    }
}

#[test]
fn the_tables_agree() {
    let program: BTreeSet<String> = routes::all()
        .map(|route| format!("{:?} {:?} {}", route.port, route.verb, route.path))
        .collect();
    let staff = STAFF
        .iter()
        .map(|(verb, path, _)| format!("Staff {verb:?} {path}"));
    let reporter = REPORTER
        .iter()
        .map(|(verb, path)| format!("Reporter {verb:?} {path}"));
    // No port that a stranger reaches answers whether a report could be taken: each answer is a write.
    let health = ["/healthz", "/readyz", "/metrics"].map(|path| format!("Health Get {path}"));
    assert_eq!(program, staff.chain(reporter).chain(health).collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_answered_where_they_are_meant_and_nowhere_else() {
    let house = House::build().await;
    let before = house.rows();
    for actor in ACTORS {
        let unknown = house.unknown(actor).await;
        for (verb, pattern, meant) in STAFF {
            let path = house.path(pattern);
            let what = format!("{actor} {verb:?} {path}");
            if meant.contains(actor) {
                if *verb == Verb::Get {
                    let page = house.get(actor, &path).await;
                    let expected: &[u16] = match *pattern {
                        "/" => &[200, 303],
                        "/join/{token}" | "/demo/mail" => &[404],
                        _ => &[200],
                    };
                    assert!(expected.contains(&page.status), "{what}: {}", page.status);
                }
                continue;
            }
            let page = match verb {
                Verb::Get => house.get(actor, &path).await,
                Verb::Post => house.post(actor, &path, house.token(actor), &[]).await,
            };
            if house.sessions.contains_key(actor) {
                assert_eq!(page.status, 404, "{what}");
                assert_eq!(
                    page.bytes, unknown.bytes,
                    "{what} is told apart from an unknown path"
                );
            } else if *verb == Verb::Get {
                assert_eq!(
                    (page.status, page.header("location")),
                    (303, Some("/login")),
                    "{what}"
                );
            } else {
                assert_eq!(page.status, 401, "{what}");
            }
        }
    }
    let after = house.rows();
    assert_same(&before, &after, "looking");
    let classes = audit_classes(&house.app, before["audit"].len());
    assert!(
        classes
            .iter()
            .all(|class| READING.contains(&class.as_str())),
        "{classes:?}"
    );
    assert!(!classes.is_empty(), "reading a report is not in the trail");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_not_ours_does_nothing() {
    let house = House::build().await;
    let before = house.rows();
    let wrong = "x".repeat(house.token("lead").len());
    let host = format!("http://{}", house.app.staff.address);
    let foreign: &[(&str, &str)] = &[
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ];
    for (_, pattern, meant) in STAFF.iter().filter(|(verb, _, _)| *verb == Verb::Post) {
        let path = house.path(pattern);
        for actor in *meant {
            let what = format!("{actor} {path}");
            let (session, own) = (house.sessions.contains_key(actor), house.token(actor));
            if session
                && !matches!(
                    *pattern,
                    "/login" | "/join/{token}" | "/forgotten" | "/authenticator"
                )
            {
                let another = house.token(if *actor == "lead" { "member" } else { "lead" });
                for token in ["", &wrong, another, &format!("{own}x")] {
                    let page = house.post(actor, &path, token, &[]).await;
                    assert_eq!(page.status, 403, "{what} with another token");
                }
            }
            for header in foreign {
                let page = house.post(actor, &path, own, &[*header]).await;
                assert_eq!(page.status, 403, "{what} with {header:?}");
            }
            let both = [("origin", host.as_str()), ("sec-fetch-site", "cross-site")];
            assert_eq!(
                house.post(actor, &path, own, &both).await.status,
                403,
                "{what}"
            );
        }
    }
    let after = house.rows();
    assert_same(&before, &after, "refused forms");
    assert_eq!(before["audit"], after["audit"]);
    assert_eq!(before["claims"], after["claims"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_too_large_is_refused_everywhere() {
    let house = House::build().await;
    let before = house.rows();
    let fields = [
        ("csrf".to_owned(), house.token("lead").to_owned()),
        ("text".to_owned(), "x".repeat(600 * 1024)),
    ];
    let body = encode(&fields).into_bytes();
    let kind = ("content-type", "application/x-www-form-urlencoded");
    for route in routes::all().filter(|route| route.verb == Verb::Post) {
        let (site, mut headers): (&Site, _) = match route.port {
            Port::Staff => (&house.app.staff, house.headers("lead")),
            Port::Reporter => (&house.app.public, house.headers("nobody")),
            Port::Health => (&house.app.health, house.headers("nobody")),
        };
        headers.push(kind);
        let path = house.path(route.path);
        let page = site
            .try_send(reqwest::Method::POST, &path, &headers, Some(body.clone()))
            .await;
        let for_others =
            matches!(route.access, Access::Roles(roles) if !roles.contains(&Role::Caseworker));
        match page {
            Ok(page) if for_others => assert_eq!(page.status, 404, "{path}"),
            Ok(page) => assert_eq!(page.status, 413, "{path}"),
            // What is not read at all may find the line closed.
            Err(_) => assert!(for_others, "{path}"),
        }
    }
    assert_same(&before, &house.rows(), "forms that are too large");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_token_opens_the_forms_it_is_meant_for() {
    let house = House::build().await;
    for (_, pattern, meant) in STAFF.iter().filter(|(verb, _, _)| *verb == Verb::Post) {
        // Signing in and joining carry a ticket of their own; leaving ends the session of the ones that follow.
        if matches!(
            *pattern,
            "/login" | "/join/{token}" | "/forgotten" | "/authenticator" | "/logout"
        ) {
            continue;
        }
        let path = house.path(pattern);
        for actor in meant
            .iter()
            .filter(|actor| house.sessions.contains_key(**actor))
        {
            let page = house.post(actor, &path, house.token(actor), &[]).await;
            assert!(
                !matches!(page.status, 401 | 403 | 405) && page.status < 500,
                "{actor} {path}: {}",
                page.status
            );
        }
    }
    for actor in SIGNED_IN {
        house
            .post(actor, "/logout", house.token(actor), &[])
            .await
            .expect(303);
        assert_eq!(
            house.get(actor, "/account").await.header("location"),
            Some("/login")
        );
    }
    // Those on call come first at each look: what one finds for them goes at the next.
    house.app.worker.step().await;
    house.app.worker.step().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_two_sides_know_nothing_of_each_other() {
    let house = House::build().await;
    let before = house.rows();
    let nobody = house
        .app
        .public
        .get_with("/no-such-page", &house.headers("nobody"))
        .await
        .expect(404);
    for (_, pattern, _) in STAFF {
        // A path of one word is taken for a language that is unknown, and both have static files.
        let shared = REPORTER.iter().any(|(_, path)| path == pattern);
        if shared {
            continue;
        }
        let path = house.path(pattern);
        let page = house
            .app
            .public
            .get_with(&path, &house.headers("lead"))
            .await;
        assert_eq!((page.status, &page.bytes), (404, &nobody.bytes), "{path}");
    }
    for (verb, pattern) in REPORTER {
        let path = house.path(pattern);
        if *verb == Verb::Get {
            let (with, without) = (house.headers("lead"), house.headers("nobody"));
            let (with, without) = (
                house.app.public.get_with(&path, &with).await,
                house.app.public.get_with(&path, &without).await,
            );
            assert_eq!(
                (with.status, with.bytes.len()),
                (without.status, without.bytes.len()),
                "{path}"
            );
        }
        if !STAFF.iter().any(|(_, path, _)| path == pattern) {
            house.get("lead", &path).await.expect(404);
        }
    }
    let after = house.rows();
    assert_same(&before, &after, "looking at the other side");
    assert_eq!(before["audit"], after["audit"]);
}

fn assert_same(
    before: &BTreeMap<String, BTreeSet<String>>,
    after: &BTreeMap<String, BTreeSet<String>>,
    what: &str,
) {
    for (table, rows) in before {
        if !TOUCHED.contains(&table.as_str()) {
            assert_eq!(rows, &after[table], "{what} changed {table}");
        }
    }
}

/// Every row of every table.
fn rows(app: &TestApp) -> BTreeMap<String, BTreeSet<String>> {
    let conn = &mut connect(app);
    let tables = texts(
        conn,
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
    );
    tables
        .into_iter()
        .map(|table| {
            let columns = texts(
                conn,
                &format!("SELECT 'quote(' || name || ')' FROM pragma_table_info('{table}')"),
            );
            let rows = texts(
                conn,
                &format!("SELECT {} FROM {table}", columns.join(" || '|' || ")),
            );
            // Whether the service is ready is tried with a real write.
            let probe = |row: &String| row.starts_with("'probe'|");
            (table, rows.into_iter().filter(|row| !probe(row)).collect())
        })
        .collect()
}

/// The kinds of the acts in the trail after the first `known`.
fn audit_classes(app: &TestApp, known: usize) -> BTreeSet<String> {
    let known = i64::try_from(known).unwrap();
    app.trail(known)
        .into_iter()
        .map(|told| told.event.name().to_owned())
        .collect()
}
