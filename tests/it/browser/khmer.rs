//! What only a browser knows: where lines break, what a screen reader is given, what a script does that runs the other way.

use std::net::SocketAddr;

use serde_json::Value;

use super::chromium::Browser;
use super::service::Demo;

/// Words of our pages, taken from a dictionary and not from our files. None may stand on two lines.
const WORDS: &[&str] = &[
    "របាយការណ៍",
    "រាយការណ៍",
    "កុំព្យូទ័រ",
    "ទូរស័ព្ទ",
    "អ៊ីនធឺណិត",
    "រក្សាទុក",
    "គ្រោះថ្នាក់",
    "ក្រុមការងារ",
    "សុវត្ថិភាព",
    "ជំនួយ",
    "កុមារ",
    "ធ្វើបាប",
    "នរណា",
    "ខាងក្រោម",
    "ឥឡូវនេះ",
    "អ្នកដទៃ",
    "ចម្លើយ",
    "សំណួរ",
    "មនុស្ស",
    "មិត្តភក្តិ",
    "គ្រួសារ",
    "តួអក្សរ",
    "កើតឡើង",
    "ប៉ូលិស",
    "មន្ត្រី",
    "គេហទំព័រ",
    "បន្ថែម",
    "ត្រឹមត្រូវ",
    "ឈ្មោះ",
    "ផ្ទៀងផ្ទាត់",
    "ប្រៀបធៀប",
];

/// For each of 60 widths around that of a phone: the words of which a part stands on another line. Invisible marks do not count.
const BROKEN: &str = "
    const words = WORDS, broken = new Set(), main = document.querySelector('#main');
    const texts = document.createTreeWalker(main, NodeFilter.SHOW_TEXT), places = [];
    let seen = 0;
    while (texts.nextNode()) {
      const node = texts.currentNode, kept = [...node.data].map((c, i) => [c, i]).filter(([c]) => c !== '\\u200b' && c !== '\\u2060');
      const plain = kept.map(([c]) => c).join('');
      for (const word of words)
        for (let at = plain.indexOf(word); at >= 0; at = plain.indexOf(word, at + 1)) {
          const range = document.createRange();
          range.setStart(node, kept[at][1]);
          range.setEnd(node, kept[at + word.length - 1][1] + 1);
          places.push([word, range]);
        }
    }
    for (let width = 360; width > 300; width--) {
      main.style.width = width + 'px';
      for (const [word, range] of places) {
        const lines = [...range.getClientRects()].filter(box => box.width > 0).map(box => Math.round(box.bottom));
        if (lines.length) seen++;
        if (new Set(lines).size > 1) broken.add(word + ' at ' + width);
      }
    }
    return { seen, broken: [...broken] };";

async fn no_word_is_broken(browser: &Browser, page: &str) {
    let script = BROKEN.replace("WORDS", &serde_json::to_string(WORDS).unwrap());
    let found = browser.run(&script).await;
    assert!(found["seen"].as_u64() > Some(500), "{page}: {found}");
    assert_eq!(found["broken"], Value::Array(Vec::new()), "{page}");
}

#[tokio::test]
async fn no_line_of_khmer_ends_inside_a_word() {
    let demo = Demo::start();
    let browser = Browser::with_script(None).await;
    for page in ["/km/", "/km/help", "/km/report"] {
        browser.open(demo.public, page).await;
        no_word_is_broken(&browser, page).await;
    }
    browser.type_in("textarea[name=account]", "x").await;
    browser.click("#form .row button[value=review]").await;
    browser.click("form.review .row button[value=send]").await;
    browser.find(".code").await;
    no_word_is_broken(&browser, "the code").await;
}

#[tokio::test]
async fn a_screen_reader_is_given_the_words_as_they_are_written() {
    let demo = Demo::start();
    let browser = Browser::with_script(None).await;
    browser.open(demo.public, "/km/").await;
    for (element, words) in [
        (".top .help", "ជំនួយតាមទូរស័ព្ទ"),
        ("#leave", "ចេញភ្លាម"),
        ("a[href='/km/report']", "ប្រាប់យើងពីរឿង"),
    ] {
        let label = browser.label(element).await;
        // What is left out here, Unicode has everybody leave out (Default_Ignorable_Code_Point).
        let said = label.replace(['\u{200b}', '\u{2060}'], "");
        assert!(said.starts_with(words), "{element}: {said}");
        assert!(!label.contains('\u{fffd}'), "{label}");
    }
}

/// Real bold is wider; one that is smeared by the browser is as wide as the regular.
#[tokio::test]
async fn headings_are_in_a_bold_face_of_their_own() {
    let demo = Demo::start();
    let browser = Browser::with_script(None).await;
    browser.open(demo.public, "/km/").await;
    let script = "await document.fonts.ready;
        const heading = document.querySelector('h1'), probe = document.createElement('span');
        probe.textContent = heading.textContent;
        probe.style.cssText = 'position: absolute; white-space: nowrap';
        heading.append(probe);
        const bold = probe.getBoundingClientRect().width;
        probe.style.fontWeight = '400';
        return { bold, regular: probe.getBoundingClientRect().width, synthesis: getComputedStyle(heading).fontSynthesis };";
    let seen = browser
        .run(&format!("return (async () => {{ {script} }})()"))
        .await;
    let width = |which: &str| seen[which].as_f64().unwrap();
    assert!(width("bold") > width("regular") * 1.01, "{seen}");
    assert_eq!(seen["synthesis"], "none");
}

/// Everything that can be seen lies within the width of a phone, on the right side.
const OUTSIDE: &str = "return [...document.body.querySelectorAll('*')]
    .filter(e => e.checkVisibility() && !e.closest('.unseen, .skip, option'))
    .map(e => [e, e.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.left < -0.5 || box.right > innerWidth + 0.5))
    .map(([e]) => e.outerHTML.slice(0, 120))";

async fn stays_inside(browser: &Browser, page: &str) {
    assert_eq!(browser.run("return innerWidth").await, 360);
    assert_eq!(
        browser.run(OUTSIDE).await,
        Value::Array(Vec::new()),
        "{page}"
    );
}

async fn open_list(browser: &Browser, public: SocketAddr, page: &str) {
    browser.open(public, page).await;
    browser.click(".switch summary").await;
}

#[tokio::test]
async fn what_runs_from_right_to_left_keeps_its_place() {
    let demo = Demo::start();
    let browser = Browser::with_script(None).await;
    for page in ["", "help", "mailbox", "report", "nothing-here"] {
        let page = format!("/ar-XB/{page}");
        open_list(&browser, demo.public, &page).await;
        assert_eq!(
            browser.run("return document.documentElement.dir").await,
            "rtl"
        );
        stays_inside(&browser, &page).await;
    }
    browser.open(demo.public, "/ar-XB/").await;
    let sides = "const home = document.querySelector('.top .home').getBoundingClientRect(),
        text = document.createRange(); text.selectNodeContents(document.querySelector('h1'));
        return [home.left > 180, text.getBoundingClientRect().right > 300, getComputedStyle(document.querySelector('.plain, .numbers, p')).direction]";
    assert_eq!(
        browser.run(sides).await,
        serde_json::json!([true, true, "rtl"])
    );
    for page in [
        "/vi/",
        "/th/help",
        "/zh-Hans/",
        "/vi/report",
        "/km/",
        "/km/report",
    ] {
        open_list(&browser, demo.public, page).await;
        stays_inside(&browser, page).await;
    }
}

#[tokio::test]
async fn the_list_of_languages_works_without_script_and_keeps_the_words() {
    let demo = Demo::start();
    let browser = Browser::without_script().await;
    open_list(&browser, demo.public, "/km/help").await;
    browser.click(".switch li [lang=vi]").await;
    browser.arrives("/vi/help").await;
    browser.open(demo.public, "/en/report").await;
    browser.type_in("textarea[name=account]", "kept").await;
    for code in ["vi", "th", "km"] {
        browser.click(".switch summary").await;
        browser.click(&format!(".switch li [lang={code}]")).await;
        browser.arrives(&format!("/{code}/report")).await;
        assert_eq!(browser.value("textarea[name=account]").await, "kept");
    }
}
