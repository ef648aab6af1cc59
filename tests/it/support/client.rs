//! HTTP as a browser without script speaks it: no cookie unless asked, no redirect followed.

use std::net::SocketAddr;
use std::time::Duration;

use super::html::{Document, Form};

/// One side of a running Kapea, seen through one browser.
#[derive(Debug, Clone)]
pub struct Site {
    client: reqwest::Client,
    pub address: SocketAddr,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Page {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Site {
    pub fn new(address: SocketAddr) -> Self {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            // A deadline against a hang, not a measure of speed: the machine may be busy with other tests.
            .timeout(Duration::from_secs(120))
            .build()
            .expect("a client");
        Self { client, address }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub async fn get(&self, path: &str) -> Page {
        self.get_with(path, &[]).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Page {
        self.send(reqwest::Method::GET, path, headers, None).await
    }

    /// Sends fields as a browser does.
    pub async fn post(&self, path: &str, fields: &[(String, String)]) -> Page {
        self.post_with(path, &[], fields).await
    }

    pub async fn post_with(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        fields: &[(String, String)],
    ) -> Page {
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        all.extend_from_slice(headers);
        self.send(
            reqwest::Method::POST,
            path,
            &all,
            Some(encode(fields).into_bytes()),
        )
        .await
    }

    /// Sends anything at all.
    pub async fn send(
        &self,
        method: reqwest::Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Page {
        self.try_send(method, path, headers, body)
            .await
            .expect("an answer")
    }

    /// [`Site::send`] where the other side may be gone.
    pub async fn try_send(
        &self,
        method: reqwest::Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> reqwest::Result<Page> {
        let mut request = self.client.request(method, self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await?.to_vec();
        let page = Page {
            status,
            headers,
            bytes,
        };
        page.must_be_html();
        Ok(page)
    }

    /// Sends a form of a page with one of its buttons.
    pub async fn submit(&self, form: &Form, step: &str) -> Page {
        let mut fields = form.fields.clone();
        fields.push(("step".to_owned(), step.to_owned()));
        self.post(&form.action, &fields).await
    }

    /// Raw bytes over a connection of their own, and everything that comes back until it closes or the deadline passes.
    pub async fn raw(&self, bytes: &[u8], patience: Duration) -> String {
        use std::io::{Read as _, Write as _};
        let (address, bytes) = (self.address, bytes.to_vec());
        kapea::store::aside(move || {
            let mut stream = std::net::TcpStream::connect(address).expect("a connection");
            stream.write_all(&bytes).expect("sent");
            stream.set_read_timeout(Some(patience)).expect("a deadline");
            let mut answer = Vec::new();
            let mut buffer = [0_u8; 8192];
            loop {
                match stream.read(&mut buffer) {
                    Ok(0) | Err(_) => return String::from_utf8_lossy(&answer).into_owned(),
                    Ok(count) => answer.extend_from_slice(&buffer[..count]),
                }
            }
        })
        .await
        .expect("joined")
    }
}

impl Page {
    /// Every page that a test sees is looked over here: a browser mends what is malformed, each in its own way.
    fn must_be_html(&self) {
        let is_html = self
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html"));
        if is_html && !self.bytes.is_empty() && self.header("content-encoding").is_none() {
            let document = self.document();
            assert!(
                document.errors().is_empty(),
                "{:?} in\n{}",
                document.errors(),
                self.body()
            );
        }
    }

    pub fn body(&self) -> String {
        String::from_utf8(self.bytes.clone()).expect("a page is UTF-8")
    }

    pub fn document(&self) -> Document {
        Document::parse(&self.body())
    }

    pub fn text(&self) -> String {
        self.document().text()
    }

    /// Where the pager leads: `after` to the next page, `before` to the previous one.
    pub fn turn(&self, direction: &str) -> Option<String> {
        let mut links = self.document().attributes("a", "href").into_iter();
        links.find(|address| address.contains(&format!("&{direction}=")))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .map(|value| value.to_str().expect("ASCII"))
    }

    /// The form of that id.
    #[track_caller]
    pub fn form(&self, id: &str) -> Form {
        self.document()
            .forms()
            .into_iter()
            .find(|form| form.id == id)
            .unwrap_or_else(|| {
                panic!(
                    "no form {id} on a page of status {}:\n{}",
                    self.status,
                    self.text()
                )
            })
    }

    /// The forms that go to that address.
    pub fn forms_to(&self, action: &str) -> Vec<Form> {
        let mut forms = Vec::new();
        for mut form in self.document().forms() {
            let buttons = form.buttons.iter();
            let to = buttons.filter(|button| button.action.as_deref() == Some(action));
            let pressed: Vec<_> = to.cloned().collect();
            if form.action == action && pressed.is_empty() {
                forms.push(form);
                continue;
            }
            action.clone_into(&mut form.action);
            for button in pressed {
                let mut sent = form.clone();
                if !button.name.is_empty() {
                    sent.set(&button.name, &button.value);
                }
                forms.push(sent);
            }
        }
        forms
    }

    /// The one form that goes to that address. A new recovery code has been written on paper, and its end is typed back.
    #[track_caller]
    pub fn form_to(&self, action: &str) -> Form {
        let mut form = self.forms_to(action).into_iter().next().unwrap_or_else(|| {
            panic!(
                "no form to {action} on a page of status {}:\n{}",
                self.status,
                self.text()
            )
        });
        if form.value("typed-back") == Some("") {
            let printed = self.document().of_class("recovery-code").concat();
            form.set("typed-back", &printed);
        }
        form
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(
            self.status,
            status,
            "{}",
            String::from_utf8_lossy(&self.bytes)
        );
        self
    }

    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(
            self.text().contains(text),
            "no {text:?} on the page:\n{}",
            self.text()
        );
        self
    }

    #[track_caller]
    pub fn says_nothing_of(&self, text: &str) -> &Self {
        assert!(
            !self.body().contains(text),
            "{text:?} is on the page:\n{}",
            self.text()
        );
        self
    }

    /// The language the page says it is in.
    pub fn language(&self) -> String {
        self.document().attributes("html", "lang").join(",")
    }
}

/// `application/x-www-form-urlencoded`, every byte that is not a letter or digit in percent.
pub fn encode(fields: &[(String, String)]) -> String {
    let mut body = String::new();
    for (name, value) in fields {
        if !body.is_empty() {
            body.push('&');
        }
        escape(name, &mut body);
        body.push('=');
        escape(value, &mut body);
    }
    body
}

fn escape(text: &str, body: &mut String) {
    use std::fmt::Write as _;
    // Browsers send line ends as CR LF.
    for byte in text.replace("\r\n", "\n").replace('\n', "\r\n").bytes() {
        match byte {
            b' ' => body.push('+'),
            b if b.is_ascii_alphanumeric() || b"-_.*".contains(&b) => body.push(char::from(b)),
            b => write!(body, "%{b:02X}").expect("a string takes it"),
        }
    }
}

/// Pairs of text as fields.
pub fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}
