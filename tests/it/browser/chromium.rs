//! Chromium, driven through Debian's chromedriver.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::eventually;

const DRIVER: &str = "/usr/bin/chromedriver";
const BROWSER: &str = "/usr/bin/chromium";

/// How the browser is set up.
pub struct Setup<'a> {
    pub script: bool,
    /// Where this host name leads instead of where it leads.
    pub host: Option<(&'static str, SocketAddr)>,
    /// Whether a page that was left is kept for the Back button, as small phones and browsers inside apps do not.
    pub keeps_pages: bool,
    /// A profile that outlives the browser; a new one, gone with it, if there is none.
    pub profile: Option<&'a Path>,
    /// Whether it opens the tabs of the last time again.
    pub reopens: bool,
    /// Whether its window is that of a desk, and not a phone's.
    pub is_wide: bool,
}

impl Default for Setup<'_> {
    fn default() -> Self {
        Self {
            script: false,
            host: None,
            keeps_pages: true,
            profile: None,
            reopens: false,
            is_wide: false,
        }
    }
}

/// A browser with a driver and a profile of its own. Closed when dropped.
pub struct Browser {
    pub client: Client,
    session: String,
    driver: Driver,
    _profile: TempDir,
}

struct Driver {
    child: Child,
    // Held, so that the driver can go on printing.
    _printed: BufReader<ChildStdout>,
    port: u16,
}

impl Browser {
    pub async fn without_script() -> Self {
        Self::with(&Setup::default()).await
    }

    pub async fn with_script(host: Option<(&'static str, SocketAddr)>) -> Self {
        Self::with(&Setup {
            script: true,
            host,
            ..Setup::default()
        })
        .await
    }

    pub async fn with(setup: &Setup<'_>) -> Self {
        let browser = Self::start(setup).await;
        browser.prove_script(setup.script).await;
        browser
    }

    async fn start(setup: &Setup<'_>) -> Self {
        let driver = Driver::start();
        let profile = tempfile::tempdir().expect("a folder");
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(setup, setup.profile.unwrap_or(profile.path())))
            .connect(&driver.url(""))
            .await
            .expect("Chromium starts");
        let session = client
            .session_id()
            .await
            .expect("an answer")
            .expect("a session");
        Self {
            client,
            session,
            driver,
            _profile: profile,
        }
    }

    /// A page that would say so if it ran anything.
    async fn prove_script(&self, runs: bool) {
        let page =
            "data:text/html,<title>off</title><p id=it>off</p><script>document.title='on'</script>";
        self.client.goto(page).await.expect("a page");
        self.find("#it").await;
        let title = self.client.title().await.expect("a title");
        assert_eq!(title, if runs { "on" } else { "off" });
    }

    pub async fn open(&self, address: SocketAddr, path: &str) {
        let url = format!("http://{address}{path}");
        self.client.goto(&url).await.expect("a page");
    }

    /// Waits for the element to be there.
    pub async fn find(&self, css: &str) -> Element {
        self.wait(Locator::Css(css), css).await
    }

    /// Waits for the element to be there.
    pub async fn find_by_path(&self, path: &str) -> Element {
        self.wait(Locator::XPath(path), path).await
    }

    async fn wait(&self, locator: Locator<'_>, what: &str) -> Element {
        // The driver also answers that a page went away while it was asked.
        let found = async {
            loop {
                if let Ok(element) = self.client.find(locator).await {
                    return element;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let found = tokio::time::timeout(Duration::from_secs(60), found).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!(
                "no {what}: {error}\n{}",
                self.client.source().await.unwrap_or_default()
            ),
        }
    }

    /// Waits until the page at this path is the one that is shown: on a slow machine a click returns before it is.
    pub async fn arrives(&self, path: &str) {
        eventually(&format!("{path} is shown"), || async {
            let url = self.client.current_url().await.expect("an address");
            (url.path() == path).then_some(())
        })
        .await;
    }

    pub async fn source(&self) -> String {
        self.client.source().await.expect("a page")
    }

    /// Loads the page again and, if that is to send a form again, does.
    pub async fn again(&self) {
        self.client.refresh().await.expect("it loads");
    }

    pub async fn has(&self, css: &str) -> bool {
        let found = self.client.find_all(Locator::Css(css)).await;
        !found.expect("an answer").is_empty()
    }

    pub async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.expect("a text")
    }

    pub async fn value(&self, css: &str) -> String {
        let value = self.find(css).await.prop("value").await;
        value.expect("an answer").unwrap_or_default()
    }

    pub async fn click(&self, css: &str) {
        self.click_on(self.find(css).await).await;
    }

    /// Scrolls to it first, as a person does: the driver leaves it at the edge of the window, under the leave bar.
    pub async fn click_on(&self, element: Element) {
        let argument = serde_json::to_value(&element).expect("JSON");
        let script = "arguments[0].scrollIntoView({ block: 'center' })";
        let scrolled = self.client.execute(script, vec![argument]).await;
        scrolled.expect("it scrolls");
        element.click().await.expect("a click");
    }

    pub async fn type_in(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.send_keys(text).await.expect("typed");
    }

    /// What a screen reader is told of an element: its accessible name, as the browser works it out.
    pub async fn label(&self, css: &str) -> String {
        let element = self.find(css).await;
        let id = element.element_id();
        let url = format!("/session/{}/element/{}/computedlabel", self.session, &*id);
        let answer = reqwest::get(self.driver.url(&url))
            .await
            .expect("an answer");
        let answer: Value =
            serde_json::from_str(&answer.text().await.expect("a text")).expect("JSON");
        answer["value"].as_str().expect("a label").to_owned()
    }

    pub async fn run(&self, script: &str) -> Value {
        let ran = self.client.execute(script, Vec::new()).await;
        ran.unwrap_or_else(|error| panic!("{error}: {script}"))
    }

    /// Everything on the console since the last time: script errors, refused by policy, missing files.
    pub async fn console(&self) -> Vec<String> {
        let entries = self.command("se/log", &json!({ "type": "browser" })).await;
        let entries = entries.as_array().expect("a log");
        entries.iter().map(ToString::to_string).collect()
    }

    /// What goes on paper: the words, and whether any of these can be seen there.
    pub async fn printed(&self, css: &str) -> (String, bool) {
        let emulate = async |media: &str| {
            self.tell("Emulation.setEmulatedMedia", json!({ "media": media }))
                .await
        };
        emulate("print").await;
        let text = self.run("return document.body.innerText").await;
        let seen = self
            .run(&format!(
                "return [...document.querySelectorAll('{css}')].some(e => getComputedStyle(e).visibility === 'visible' && e.getClientRects().length > 0)"
            ))
            .await;
        emulate("").await;
        let text = text.as_str().expect("words").to_owned();
        (text, seen.as_bool().expect("yes or no"))
    }

    /// The addresses behind Back and Forward, the present one included.
    pub async fn history(&self) -> Vec<String> {
        let history = self.tell("Page.getNavigationHistory", json!({})).await;
        let entries = history["entries"].as_array().expect("a history");
        let url = |entry: &Value| entry["url"].as_str().expect("an address").to_owned();
        entries.iter().map(url).collect()
    }

    /// A script that runs before those of every page from here on.
    pub async fn bring(&self, script: &str) {
        let source = json!({ "source": script });
        self.tell("Page.addScriptToEvaluateOnNewDocument", source)
            .await;
    }

    /// Whether the reader wants pages `light` or `dark`. At once: no colour is on its way to another.
    pub async fn prefers(&self, scheme: &str) {
        let features = [
            ("prefers-color-scheme", scheme),
            ("prefers-reduced-motion", "reduce"),
        ];
        let features = features.map(|(name, value)| json!({ "name": name, "value": value }));
        self.tell(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        )
        .await;
    }

    /// What is asked of the browser by its own protocol, past the driver's.
    pub async fn tell(&self, name: &str, parameters: Value) -> Value {
        let command = json!({ "cmd": name, "params": parameters });
        self.command("goog/cdp/execute", &command).await
    }

    async fn command(&self, name: &str, body: &Value) -> Value {
        let url = self
            .driver
            .url(&format!("/session/{}/{name}", self.session));
        let ask = || {
            reqwest::Client::new()
                .post(&url)
                .body(body.to_string())
                .send()
        };
        // Of some thousand questions the driver hangs up on one before it has read it.
        let answer = match ask().await {
            Ok(answer) => answer,
            Err(_) => ask().await.expect("an answer"),
        };
        let text = answer.text().await.expect("a text");
        let mut answer: Value = serde_json::from_str(&text).expect("JSON");
        answer["value"].take()
    }
}

impl Drop for Browser {
    /// Without this the browser would outlive a test that failed.
    fn drop(&mut self) {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.driver.port)) else {
            return;
        };
        let request = format!(
            "DELETE /session/{} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
            self.session, self.driver.port
        );
        drop(stream.set_read_timeout(Some(Duration::from_secs(20))));
        if stream.write_all(request.as_bytes()).is_ok() {
            drop(stream.read(&mut [0; 512]));
        }
    }
}

impl Driver {
    fn start() -> Self {
        for program in [DRIVER, BROWSER] {
            assert!(
                Path::new(program).exists(),
                "{program} is missing. These tests need a real browser: ./test.sh installs it, or apt-get install chromium chromium-driver"
            );
        }
        let mut child = Command::new(DRIVER)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let mut printed = BufReader::new(child.stdout.take().expect("its output"));
        let port = printed
            .by_ref()
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                let said = line.split("successfully on port ").nth(1)?;
                said.trim_end_matches('.').parse().ok()
            })
            .expect("chromedriver says its port");
        Self {
            child,
            _printed: printed,
            port,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn capabilities(setup: &Setup<'_>, profile: &Path) -> Capabilities {
    let mut arguments = vec![
        "--headless".to_owned(),
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-quic".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        format!("--user-data-dir={}", profile.display()),
    ];
    if let Some((name, address)) = setup.host {
        arguments.push(format!("--host-resolver-rules=MAP {name}:443 {address}"));
    }
    if setup.reopens {
        arguments.push("--restore-last-session".to_owned());
    }
    if setup.is_wide {
        arguments.push("--window-size=1280,1000".to_owned());
    }
    if !setup.keeps_pages {
        arguments.push("--disable-features=BackForwardCache".to_owned());
    }
    let mut preferences = json!({});
    if !setup.script {
        preferences["profile.managed_default_content_settings.javascript"] = json!(2);
    }
    let mut options = json!({ "binary": BROWSER, "args": arguments, "prefs": preferences });
    // A window cannot be as narrow as a phone; what it shows can.
    if !setup.is_wide {
        let phone = json!({ "width": 360, "height": 740, "pixelRatio": 1.0, "touch": false, "mobile": true });
        options["mobileEmulation"] = json!({ "deviceMetrics": phone });
    }
    let all = json!({
        "browserName": "chrome",
        // A page that is being left must not hold up the next question about it.
        "pageLoadStrategy": if setup.host.is_some() { "none" } else { "normal" },
        "goog:loggingPrefs": { "browser": "ALL" },
        "goog:chromeOptions": options,
    });
    match all {
        Value::Object(all) => all,
        other => panic!("{other}"),
    }
}
