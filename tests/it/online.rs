//! A door for what was seen on the internet, which the form's file makes; and the drawings beside the kinds.

use kapea::domain::form::{BUILT_IN, FormDefinition, ICONS, Stage};

use crate::support::TestApp;
use crate::support::client::Page;
use crate::support::reporter::code_of;

const LINKS: &str = "https://one.invalid/a?b=c&d\nthe group Sunny";
const SAYS: &str = "says = [{ question = \"kind\", option = \"online\" }]";

async fn behind_the_door(app: &TestApp, lang: &str) -> Page {
    let home = app.public.get(&format!("/{lang}/")).await.expect(200);
    let forms = home.forms_to(&format!("/{lang}/report"));
    let door = forms.iter().find(|form| form.offers("door:online"));
    let page = app
        .public
        .submit(door.expect("a door"), "door:online")
        .await;
    page.expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn links_alone_are_a_report_in_three_taps_and_its_kind_is_known() {
    let app = TestApp::start().await;
    for lang in ["en", "km"] {
        let page = behind_the_door(&app, lang).await;
        let fields = page.document().attributes("textarea", "name");
        assert_eq!(fields, ["online-link", "online-account"]);
        let folded = page.document().of_element("details summary.question");
        assert_eq!(folded.len(), 1);
        let mut form = page.form("form");
        assert_eq!(form.value("kind"), Some("online"));
        // Without a link it says so there, and not on a page that nobody has seen.
        let wrong = app.public.submit(&form, "review").await.expect(422);
        assert_eq!(wrong.document().attributes("p.error", "id").len(), 1);
        assert_eq!(wrong.document().attributes("textarea", "name"), fields);
        form.set("online-link", LINKS);
        let review = app.public.submit(&form, "review").await.expect(200);
        let again = app.public.submit(&review.form("form"), "edit:online").await;
        let again = again.expect(200).form("form");
        assert_eq!(again.value("online-link").map(str::trim_start), Some(LINKS));
        let sent = app.public.submit(&review.form("form"), "send").await;
        code_of(&sent.expect(200));
    }
    let sokha = app.sign_in("sokha").await;
    let queue = sokha.get("/queue").await.expect(200);
    let cards = queue.document().of_class("card");
    let kind = |card: &String| card.contains("I saw something on the internet");
    assert!(cards.iter().any(kind), "{cards:?}");
    let page = sokha.read(&sokha.queue("").await[0]).await.expect(200);
    page.says("the group Sunny");
}

#[tokio::test(flavor = "multi_thread")]
async fn doors_are_what_the_form_says() {
    let app = TestApp::start().await;
    let folder = app.folder.path().join("forms");
    std::fs::create_dir_all(&folder).unwrap();
    let other = "says = [{ question = \"danger\", option = \"now\" }, { question = \"kind\", option = \"place\" }]";
    let own = BUILT_IN.replacen(SAYS, other, 1).replacen(
        "id = \"online\"\nstage",
        "id = \"venue\"\nstage",
        1,
    );
    std::fs::write(folder.join("report.toml"), own).unwrap();
    let setting = format!("directory = {folder:?}");
    app.reload(&[("forms", &setting)]).await.unwrap();
    let home = app.public.get("/en/").await.expect(200);
    let forms = home.forms_to("/en/report");
    let door = forms.iter().find(|form| form.offers("door:venue")).unwrap();
    let page = app.public.submit(door, "door:venue").await.expect(200);
    let mut form = page.form("form");
    form.set("online-link", LINKS);
    let review = app.public.submit(&form, "review").await.expect(200);
    review
        .says("I am worried about a place")
        .says("You said that it is happening now.");
    let sent = app.public.submit(&review.form("form"), "send").await;
    code_of(&sent.expect(200));
    let sokha = app.sign_in("sokha").await;
    let queue = sokha.get("/queue").await.expect(200);
    assert_eq!(queue.document().of_element("li.card.u0").len(), 1);
}

#[test]
fn what_is_wrong_with_a_door_is_said() {
    let problems = |from: &str, to: &str| {
        let text = BUILT_IN.replacen(from, to, 1);
        let problems = FormDefinition::from_toml(&text, &["main", "officials"]).unwrap_err();
        let problems = problems.problems.into_iter().map(|one| one.problem);
        problems.collect::<Vec<String>>()
    };
    assert_eq!(
        problems(SAYS, "says = [{ question = \"kind\", option = \"none\" }]"),
        ["section `online`: it says `none`, which is no option of `kind`"]
    );
    assert_eq!(
        problems("icon = \"place\"", "icon = \"palace\""),
        [
            "`icon` must be one of asking, hurting, missing, online, other, paying, pictures, place, threats, touching, trapped"
        ]
    );
    let more = problems("stage = \"door\"\n", "");
    let expected = "section `online`: only a section of stage `door` has `help` and `says`";
    assert!(more.contains(&expected.to_owned()), "{more:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_has_a_small_drawing_beside_its_words() {
    let app = TestApp::start().await;
    let form = FormDefinition::from_toml(BUILT_IN, &["main", "officials"]).unwrap();
    let mut more = form.of_stage(Stage::More);
    let section = more.find(|section| section.asks("kind")).unwrap();
    let review = app.reporter("en").review(&[("account", "x")]).await;
    let step = format!("edit:{}", section.id);
    let page = app
        .public
        .submit(&review.form("form"), &step)
        .await
        .expect(200);
    let document = page.document();
    let kinds = form.question("kind").unwrap().options.len();
    let drawings = document.attributes(".option label.drawn img[alt=\"\"]", "src");
    assert_eq!((drawings.len(), kinds), (ICONS.len(), ICONS.len()));
    let labels = document.of_element(".option label.drawn");
    assert!(
        labels.iter().all(|label| !label.trim().is_empty()),
        "{labels:?}"
    );
    // One file for all of them.
    let mut files: Vec<&str> = drawings
        .iter()
        .filter_map(|one| one.split('#').next())
        .collect();
    files.dedup();
    assert_eq!(files.len(), 1, "{files:?}");
    let file = app.public.get(files[0]).await.expect(200);
    assert_eq!(file.header("content-type"), Some("image/svg+xml"));
    let text = file.body();
    let (head, rest) = text.split_once("<view ").unwrap();
    assert_eq!(head.matches("http").count(), 1, "its name space alone");
    for foreign in [
        "<script",
        "<style",
        "<foreignObject",
        "<image",
        "<use",
        "href",
        "url(",
        "data:",
        " on",
        "http",
    ] {
        assert!(!rest.contains(foreign), "{foreign}");
    }
    for icon in ICONS {
        let named = format!("id=\"{icon}\"");
        let drawing = rest.split("<view ").find(|one| one.starts_with(&named));
        assert!(drawing.is_some_and(|one| one.len() < 1_000), "{icon}");
    }
    assert!(text.len() < 4_000, "{}", text.len());
}
