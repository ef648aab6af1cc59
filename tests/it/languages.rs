//! A language is a folder: what a reader of one that lacks pages sees, and what is said of it to whoever looks after the pages.

use crate::support::TestApp;
use crate::support::reporter::code_of;

#[tokio::test]
async fn every_language_is_in_the_list_under_its_own_name() {
    let app = TestApp::start().await;
    for path in ["", "help"] {
        let page = app
            .public
            .get(&format!("/km/{path}"))
            .await
            .expect(200)
            .body();
        for (code, name) in [
            ("en", "English"),
            ("vi", "Tiếng Việt"),
            ("th", "ภาษาไทย"),
            ("zh-Hans", "简体中文"),
        ] {
            let link = format!(
                "<a href=\"/{code}/{path}\" lang=\"{code}\" hreflang=\"{code}\">{name}</a>"
            );
            assert!(page.contains(&link), "{link}\n{page}");
        }
        assert!(!page.contains("ar-XB"), "{page}");
    }
}

#[tokio::test]
async fn the_first_pages_are_in_the_readers_language_and_the_form_says_that_it_is_not() {
    let app = TestApp::start().await;
    for (code, asks, arrived) in [
        ("vi", "Các câu hỏi bằng tiếng Anh", "Tin của bạn đã đến nơi"),
        ("th", "คำถามเป็นภาษาอังกฤษ", "เรื่องของคุณมาถึงแล้ว"),
        ("zh-Hans", "问题是英文的", "我们已收到您的举报"),
    ] {
        for (path, status) in [
            ("", 200),
            ("help", 200),
            ("mailbox", 200),
            ("nothing-here", 404),
        ] {
            let page = app
                .public
                .get(&format!("/{code}/{path}"))
                .await
                .expect(status);
            assert_eq!(page.language(), code);
            assert!(
                !page.body().contains("main\" tabindex=\"-1\" lang="),
                "{path}"
            );
            // A name that is not given in it is the English one.
            if status == 200 {
                page.says("Test Hotline");
            }
        }
        let form = app.public.get(&format!("/{code}/report")).await.expect(200);
        assert_eq!(form.language(), code);
        form.says(asks).says("What is happening?");
        assert!(
            form.body()
                .contains("tabindex=\"-1\" lang=\"en\" dir=\"ltr\"")
        );
        let sent = app
            .reporter(code)
            .send(&[("account", "x")])
            .await
            .expect(200);
        sent.says(arrived);
        assert_eq!(sent.language(), code);
    }
}

/// Whoever has a page read aloud hears English spoken as English. Names are names in every language.
#[tokio::test]
async fn a_sentence_in_another_language_says_in_which() {
    let app = TestApp::start().await;
    for code in ["th", "zh-Hans"] {
        let reporter = app.reporter(code);
        let mut pages = Vec::new();
        for path in ["", "help", "mailbox", "report", "nothing-here"] {
            pages.push(app.public.get(&format!("/{code}/{path}")).await);
        }
        pages.push(
            reporter
                .review(&[("account", "x"), ("danger", "now")])
                .await,
        );
        let sent = reporter.send(&[("account", "x"), ("danger", "now")]).await;
        let mailbox = reporter.mailbox(&code_of(&sent)).await.page;
        pages.extend([sent, mailbox]);
        let mut borrowed = 0;
        for page in &pages {
            let unmarked = page.document().texts_in(code);
            let english = |text: &&String| {
                let is_word =
                    |word: &&str| word.len() > 1 && word.bytes().all(|b| b.is_ascii_lowercase());
                text.split([' ', ',']).filter(is_word).count() > 2
            };
            let found: Vec<&String> = unmarked.iter().filter(english).collect();
            assert_eq!(found, [&""; 0], "{code}: {}", page.status);
            borrowed += page.document().texts_in("en").len();
        }
        assert!(borrowed > 20, "{code}: {borrowed}");
    }
}

#[tokio::test]
async fn a_browser_that_asks_for_a_language_gets_it() {
    let app = TestApp::start().await;
    for (asked, path) in [
        ("vi-VN,vi;q=0.9,en;q=0.8", "/vi/"),
        ("zh-CN,zh;q=0.9", "/zh-Hans/"),
        ("fr,de", "/km/"),
        ("ar-XB", "/km/"),
    ] {
        let page = app
            .public
            .get_with("/", &[("accept-language", asked)])
            .await;
        assert_eq!(page.expect(303).header("location"), Some(path), "{asked}");
    }
}

#[tokio::test]
async fn staff_are_offered_only_what_says_everything() {
    let app = TestApp::start().await;
    let headers = [("accept-language", "vi,en;q=0.5")];
    for path in ["/login", "/login?lang=vi"] {
        let page = app.staff.get_with(path, &headers).await.expect(200);
        assert_eq!(page.language(), "en", "{path}");
        assert!(!page.body().contains("Tiếng Việt"), "{path}");
        page.says("ភាសាខ្មែរ");
    }
}

#[tokio::test]
async fn the_status_page_says_of_each_language_what_is_missing_and_who_has_read_it() {
    let app = TestApp::start().await;
    let page = app.sign_in("admin").await.get("/status").await.expect(200);
    let text = page.text();
    let at = |name: &str| {
        let start = text.rfind(name).unwrap_or_else(|| panic!("{name}: {text}"));
        text[start..].chars().take(160).collect::<String>()
    };
    assert!(at("ភាសាខ្មែរ").contains("Every sentence is there"), "{text}");
    for name in ["Tiếng Việt", "ภาษาไทย", "简体中文"] {
        let said = at(name);
        assert!(said.contains("sentences are missing"), "{said}");
        assert!(
            said.contains("Not yet checked by a native reader"),
            "{said}"
        );
    }
}
