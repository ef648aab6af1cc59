//! Crowds at the door: whoever waits is served, whoever has been here before does not wait behind strangers, and what strangers make the server
//! hold has an end.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use kapea::domain::receipt::ReceiptCode;
use kapea::web::access::{Access, Port, Verb};
use kapea::web::routes;
use tokio::task::JoinHandle;

use crate::support::client::{Page, Site, encode, fields};
use crate::support::settings::PHONE;
use crate::support::staff::Person;
use crate::support::{TestApp, eventually};

const STRANGERS: usize = 64;
const ENGLISH: &[(&str, &str)] = &[("accept-language", "en")];

/// Many who ask without end, each anew when the last one is answered.
struct Crowd {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    busy: Arc<AtomicUsize>,
    members: Vec<JoinHandle<()>>,
}

impl Crowd {
    /// They send this form to this path.
    fn gather(site: &Site, path: &'static str, form: &[(String, String)]) -> Self {
        let (stop, answered, busy) = (Arc::default(), Arc::default(), Arc::default());
        let members = (0..STRANGERS).map(|_| {
            let own = Site::new(site.address);
            let form = form.to_vec();
            let (stop, answered, busy) = (
                Arc::<AtomicBool>::clone(&stop),
                Arc::<AtomicUsize>::clone(&answered),
                Arc::<AtomicUsize>::clone(&busy),
            );
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let page = own.post(path, &form).await;
                    answered.fetch_add(1, Ordering::Relaxed);
                    busy.fetch_add(usize::from(page.status == 503), Ordering::Relaxed);
                }
            })
        });
        let members = members.collect();
        Self {
            stop,
            answered,
            busy,
            members,
        }
    }

    /// Until they are all at work.
    async fn is_here(&self) {
        eventually("the crowd is here", || async {
            (self.answered.load(Ordering::Relaxed) >= 8).then_some(())
        })
        .await;
    }

    /// How many of them were told to come back.
    async fn leave(self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        for member in self.members {
            member.await.expect("joined");
        }
        self.busy.load(Ordering::Relaxed)
    }
}

async fn guesses(app: &TestApp) -> Vec<(String, String)> {
    let page = app.staff.get_with("/login", ENGLISH).await.expect(200);
    let mut form = page.form_to("/login");
    form.set("handle", "sokha")
        .set("passphrase", "wrong words")
        .set("code", "000000");
    form.fields
}

/// Signs in with the cookies of an earlier time on the same device.
async fn on_the_same_device(app: &TestApp, person: &Person, cookie: &str) -> Page {
    let page = app.staff.get_with("/login", ENGLISH).await.expect(200);
    let mut form = page.form_to("/login");
    form.set("handle", &person.handle)
        .set("passphrase", &person.passphrase)
        .set("code", &person.code(&app.clock).await);
    let headers = [("cookie", cookie)];
    app.staff.post_with("/login", &headers, &form.fields).await
}

fn device_of(page_cookies: &str) -> String {
    page_cookies
        .split("; ")
        .find(|cookie| cookie.contains("kapea-device="))
        .expect("a device cookie")
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_signed_in_on_this_device_is_not_behind_strangers() {
    // Nobody may wait here: in one lane for all, nearly everybody would be refused.
    let app = TestApp::start_with(&[
        ("limits", "staff_permits = 1"),
        ("limits", "staff_queue = 0"),
        ("limits", "stranger_permits = 1"),
        ("limits", "stranger_queue = 0"),
    ])
    .await;
    let session = app.sign_in("sokha").await;
    let device = device_of(&session.cookie);
    let crowd = Crowd::gather(&app.staff, "/login", &guesses(&app).await);
    crowd.is_here().await;
    for _ in 0..3 {
        let page = on_the_same_device(&app, &session.person, &device).await;
        assert_eq!(page.status, 303, "{}", page.text());
    }
    // Nor is what a colleague does who is signed in.
    let page = session.get("/account/recovery").await.expect(200);
    let mut form = page.form_to("/account/recovery");
    form.set("passphrase", &session.person.passphrase)
        .set("code", &session.person.code(&app.clock).await);
    let headers = [("cookie", session.cookie.as_str())];
    let page = app
        .staff
        .post_with("/account/recovery", &headers, &form.fields)
        .await;
    assert_eq!(page.status, 303, "{}", page.text());
    assert!(crowd.leave().await > 0, "the strangers were not refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_of_guesses_refuses_nobody() {
    let app = TestApp::start().await;
    let crowd = Crowd::gather(&app.staff, "/login", &guesses(&app).await);
    crowd.is_here().await;
    // From a new laptop.
    app.sign_in("dara").await;
    assert_eq!(crowd.leave().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_of_wrong_codes_refuses_nobody() {
    let app = TestApp::start().await;
    let reporter = app.reporter("km");
    let code = reporter.file(&[("account", "text")]).await;
    let wrong = ReceiptCode::from_payload(1_234_567).grouped();
    let guess = fields(&[("step", "enter"), ("code", &wrong)]);
    let crowd = Crowd::gather(&app.public, "/km/mailbox", &guess);
    crowd.is_here().await;
    reporter.try_code(&code).await.expect(200);
    assert_eq!(crowd.leave().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_cookie_is_a_lane_and_nothing_else() {
    let app = TestApp::start().await;
    let session = app.sign_in("sokha").await;
    let device = device_of(&session.cookie);
    for handle in ["sokha", "dara"] {
        assert!(!device.contains(handle));
    }
    let headers = [("cookie", device.as_str())];
    let page = app.staff.get_with("/queue", &headers).await.expect(303);
    assert_eq!(page.header("location"), Some("/login"));
    // Another's words on the same device go their way, and the device knows both afterwards.
    let dara = app.people.get("dara").clone();
    let page = on_the_same_device(&app, &dara, &device).await.expect(303);
    let cookies: Vec<&str> = page
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().expect("ASCII"))
        .collect();
    let both = cookies
        .iter()
        .find(|cookie| cookie.contains("kapea-device="))
        .expect("a device cookie");
    assert_eq!(both.matches('.').count(), 1, "two people");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=15552000"] {
        assert!(both.contains(part), "{both} lacks {part}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_staff_page_reads_a_body_before_it_knows_who_asks() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let mut seen = 0;
    for route in routes::all() {
        if (route.port, route.verb) != (Port::Staff, Verb::Post) || route.access == Access::Anyone {
            continue;
        }
        let path = route
            .path
            .replace("{id}", "00000000000000000000000000000000");
        // A wrong session, none, and one whose role has no business here; the body never comes.
        let nobody = "kapea=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let mut askers = vec![(nobody, "401"), ("", "401")];
        let outsider = matches!(route.access, Access::Roles(roles)
            if !roles.contains(&kapea::domain::staff::Role::Administrator));
        if outsider {
            askers.push((&admin.cookie, "404"));
        }
        for (cookie, status) in askers {
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\n",
                app.staff.address
            );
            let answer = app
                .staff
                .raw(head.as_bytes(), Duration::from_secs(90))
                .await;
            let start = format!("HTTP/1.1 {status}");
            assert!(answer.starts_with(&start), "{path} {cookie}: {answer}");
        }
        seen += 1;
    }
    assert!(seen > 20, "{seen} rows");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_without_a_session_take_little() {
    let app = TestApp::start().await;
    let long = "x".repeat(20_000);
    let rows = routes::all().filter(|route| {
        (route.port, route.verb, route.access) == (Port::Staff, Verb::Post, Access::Anyone)
    });
    let mut seen = 0;
    for route in rows {
        let path = route.path.replace("{token}", "no-such-token");
        let page = app.staff.post(&path, &fields(&[("own", &long)])).await;
        assert_eq!(page.status, 413, "{path}");
        seen += 1;
    }
    assert!(seen >= 3, "{seen} rows");
}

/// A form whose account is too long: it comes back with all that was typed.
async fn large(app: &TestApp, character: &str, count: usize) -> Vec<(String, String)> {
    let account = character.repeat(count);
    let form = app.reporter("km").fill(&[("account", &account)]).await;
    let mut fields = form.fields;
    fields.push(("step".to_owned(), "send".to_owned()));
    fields
}

fn post_head(site: &Site, path: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {length}\r\n\r\n",
        site.address
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_does_not_fit_now_gets_the_numbers_and_small_ones_always_fit() {
    let app = TestApp::start_with(&[("limits", "memory = \"450 KiB\"")]).await;
    let form = large(&app, "x", 300_000).await;
    let short = large(&app, "x", 25_000).await;
    let half = {
        let mut stream = TcpStream::connect(app.public.address).expect("a connection");
        let head = post_head(&app.public, "/km/report", 400_000);
        stream.write_all(head.as_bytes()).expect("sent");
        stream.write_all(&vec![b'a'; 350_000]).expect("sent");
        stream
    };
    let refused = eventually("the other form is there", || async {
        let page = app.public.post("/km/report", &form).await;
        (page.status == 503).then_some(page)
    })
    .await;
    assert_eq!(refused.language(), "km");
    refused.says(PHONE);
    let small = app.public.post("/km/report", &short).await;
    assert_ne!(small.status, 503);
    drop(half);
    eventually("there is room again", || async {
        let page = app.public.post("/km/report", &form).await;
        (page.status != 503).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_a_byte_at_a_time_and_one_who_reads_nothing_are_left() {
    for reads in [false, true] {
        let app = TestApp::start_with(&[
            ("limits", "memory = \"700 KiB\""),
            ("limits", "answer_seconds = 10"),
        ])
        .await;
        // Quotation marks: the answer is several times as long.
        let form = large(&app, "\"", 90_000).await;
        let body = encode(&form);
        let mut stream = TcpStream::connect(app.public.address).expect("a connection");
        let head = post_head(&app.public, "/km/report", body.len());
        stream.write_all(head.as_bytes()).expect("sent");
        stream.write_all(body.as_bytes()).expect("sent");
        let mut byte = [0];
        assert_eq!(stream.read(&mut byte).expect("an answer"), 1);
        let page = app.public.post("/km/report", &form).await;
        assert_eq!(
            page.status,
            503,
            "the answer of {} is not counted",
            page.bytes.len()
        );
        eventually("the slow reader is left", || {
            if reads {
                stream.read_exact(&mut byte).ok();
            }
            async {
                let page = app.public.post("/km/report", &form).await;
                (page.status != 503).then_some(())
            }
        })
        .await;
    }
}
