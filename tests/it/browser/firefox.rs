//! Firefox, driven through its own Marionette: messages of JSON with their length before them.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

use super::profile::Phone;
use crate::support::eventually;

const BROWSER: &str = "/usr/bin/firefox-esr";
/// What an element is called in an answer.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How the browser is set up.
#[derive(Clone, Copy, Default)]
pub struct Setup {
    pub script: bool,
    /// Whether no page that was left is kept for the Back button.
    pub forgets_pages: bool,
    /// Whether it opens the tabs of the last time again.
    pub reopens: bool,
}

/// A browser on a profile folder. Killed when dropped, as a phone that is turned off.
pub struct Firefox<'a> {
    child: Child,
    line: Mutex<BufReader<TcpStream>>,
    phone: &'a Phone,
}

impl<'a> Firefox<'a> {
    pub async fn with(phone: &'a Phone, setup: Setup) -> Self {
        assert!(
            Path::new(BROWSER).exists(),
            "{BROWSER} is missing. These tests need a real browser: ./test.sh installs it, or apt-get install firefox-esr"
        );
        fs::write(phone.path().join("user.js"), preferences(setup)).expect("preferences");
        let port = phone.path().join("MarionetteActivePort");
        drop(fs::remove_file(&port));
        let child = Command::new(BROWSER)
            .args(["--headless", "--marionette", "--no-remote", "--profile"])
            .arg(phone.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Firefox starts");
        let port: u16 = eventually("Firefox says its port", || async {
            fs::read_to_string(&port).ok()?.trim().parse().ok()
        })
        .await;
        let stream = TcpStream::connect(("127.0.0.1", port)).await;
        let browser = Self {
            child,
            line: Mutex::new(BufReader::new(stream.expect("a line to Firefox"))),
            phone,
        };
        receive(&mut *browser.line.lock().await).await;
        browser.command("NewSession", json!({})).await;
        if !setup.reopens {
            browser.prove_script(setup.script).await;
        }
        browser
    }

    /// A page that would say so if it ran anything.
    async fn prove_script(&self, runs: bool) {
        let page =
            "data:text/html,<title>off</title><p id=it>off</p><script>document.title='on'</script>";
        self.command("Navigate", json!({ "url": page })).await;
        self.find("#it").await;
        let title = self.command("GetTitle", json!({})).await;
        assert_eq!(title["value"], if runs { "on" } else { "off" });
    }

    pub async fn open(&self, address: SocketAddr, path: &str) {
        let url = format!("http://{address}{path}");
        self.command("Navigate", json!({ "url": url })).await;
    }

    /// Waits for the element to be there.
    pub async fn find(&self, css: &str) -> Value {
        eventually(&format!("there is {css}"), || async {
            let asked = json!({ "using": "css selector", "value": css });
            let found = self.ask("FindElement", asked).await.ok()?;
            Some(found["value"][ELEMENT].clone())
        })
        .await
    }

    pub async fn has(&self, css: &str) -> bool {
        let asked = json!({ "using": "css selector", "value": css });
        self.ask("FindElement", asked).await.is_ok()
    }

    pub async fn text(&self, css: &str) -> String {
        let asked = json!({ "id": self.find(css).await });
        words(self.command("GetElementText", asked).await)
    }

    pub async fn value(&self, css: &str) -> String {
        let asked = json!({ "id": self.find(css).await, "name": "value" });
        words(self.command("GetElementProperty", asked).await)
    }

    pub async fn click(&self, css: &str) {
        let element = self.find(css).await;
        let scrolled = json!({ "script": "arguments[0].scrollIntoView({ block: 'center' })", "args": [{ ELEMENT: element }] });
        self.command("ExecuteScript", scrolled).await;
        // Where it leads may be out of reach, which is an error to the driver.
        drop(self.ask("ElementClick", json!({ "id": element })).await);
    }

    pub async fn type_in(&self, css: &str, text: &str) {
        let asked = json!({ "id": self.find(css).await, "text": text });
        self.command("ElementSendKeys", asked).await;
    }

    pub async fn source(&self) -> String {
        words(self.command("GetPageSource", json!({})).await)
    }

    pub async fn url(&self) -> String {
        words(self.command("GetCurrentURL", json!({})).await)
    }

    /// One back. What is not there any more is an error to the driver.
    pub async fn back(&self) {
        drop(self.ask("Back", json!({})).await);
    }

    /// The text of every tab, once the first one is at `path`.
    pub async fn tabs(&self, path: &str) -> Vec<String> {
        eventually(&format!("a tab at {path} is open again"), || async {
            let mut pages = Vec::new();
            let mut is_there = false;
            for tab in self
                .command("GetWindowHandles", json!({}))
                .await
                .as_array()?
            {
                self.ask("SwitchToWindow", json!({ "handle": tab }))
                    .await
                    .ok()?;
                is_there |= self.url().await.contains(path) && self.has("#leave").await;
                pages.push(self.source().await);
            }
            is_there.then_some(pages)
        })
        .await
    }

    /// Waits until the browser has written down what is in the fields of this page: what a field of ours is given after all others, that
    /// does not say that it must not be kept.
    pub async fn writes_down(&self, mark: &str) {
        let script = format!(
            "const field = document.createElement('input'); field.id = '{mark}'; document.body.prepend(field); scrollTo(0, 0)"
        );
        self.command("ExecuteScript", json!({ "script": script, "args": [] }))
            .await;
        self.type_in(&format!("#{mark}"), &format!("typed-{mark}"))
            .await;
        let typed = format!("typed-{mark}");
        eventually("the browser writes down what is typed", || async {
            self.phone.keeps(&typed).then_some(())
        })
        .await;
    }

    /// As by its menu.
    pub async fn quit(mut self) {
        drop(
            self.ask_as("Marionette:Quit", json!({ "flags": ["eForceQuit"] }))
                .await,
        );
        drop(self.child.wait());
    }

    async fn command(&self, name: &str, body: Value) -> Value {
        let answer = self.ask(name, body).await;
        answer.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    async fn ask(&self, name: &str, body: Value) -> Result<Value, Value> {
        self.ask_as(&format!("WebDriver:{name}"), body).await
    }

    async fn ask_as(&self, name: &str, body: Value) -> Result<Value, Value> {
        let mut line = self.line.lock().await;
        let message = json!([0, 1, name, body]).to_string();
        let message = format!("{}:{message}", message.len());
        line.write_all(message.as_bytes()).await.expect("asked");
        let mut answer = receive(&mut line).await;
        match answer[2].take() {
            Value::Null => Ok(answer[3].take()),
            error => Err(error),
        }
    }
}

impl Drop for Firefox<'_> {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

async fn receive(line: &mut BufReader<TcpStream>) -> Value {
    let mut length = Vec::new();
    line.read_until(b':', &mut length).await.expect("a length");
    length.pop();
    let length = String::from_utf8(length).expect("digits");
    let mut message = vec![0; length.parse().expect("a length")];
    line.read_exact(&mut message).await.expect("a message");
    serde_json::from_slice(&message).expect("JSON")
}

fn words(answer: Value) -> String {
    answer["value"].as_str().expect("words").to_owned()
}

/// What it keeps it writes down after half a second instead of 15, so that nobody waits for it.
fn preferences(setup: Setup) -> String {
    let all = [
        ("marionette.port", json!(0)),
        ("browser.sessionstore.interval", json!(500)),
        ("toolkit.startup.max_resumed_crashes", json!(-1)),
        (
            "browser.startup.page",
            json!(if setup.reopens { 3 } else { 0 }),
        ),
        ("javascript.enabled", json!(setup.script)),
        ("browser.aboutwelcome.enabled", json!(false)),
        ("browser.startup.homepage_override.mstone", json!("ignore")),
        ("datareporting.policy.dataSubmissionEnabled", json!(false)),
        ("app.normandy.enabled", json!(false)),
        ("network.captive-portal-service.enabled", json!(false)),
        ("network.connectivity-service.enabled", json!(false)),
        ("browser.safebrowsing.update.enabled", json!(false)),
    ];
    let pages = setup
        .forgets_pages
        .then_some(("browser.sessionhistory.max_total_viewers", json!(0)));
    let lines = all.into_iter().chain(pages);
    lines
        .map(|(name, value)| format!("user_pref(\"{name}\", {value});\n"))
        .collect()
}
