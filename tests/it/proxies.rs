//! The sample configurations in front of a running service, under an operator's own settings that compress everything: a page whose length is
//! padded keeps it on the wire, and nothing that holds a secret is compressed.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use kapea::domain::receipt::ReceiptCode;

use crate::support::client::{Page, Site, fields};
use crate::support::{TestApp, eventually};

const GZIP: (&str, &str) = ("accept-encoding", "gzip, zstd, br");

/// A proxy that is stopped when dropped.
struct Proxy(Child);

impl Drop for Proxy {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

async fn post(site: &Site, code: &str) -> Page {
    let form = fields(&[("step", "enter"), ("code", code)]);
    site.post_with("/en/mailbox", &[GZIP], &form).await
}

/// Whether the pages that tell something are as long as they were made.
async fn check(app: &TestApp, public: &Site, staff: &Site) {
    let code = app.reporter("en").file(&[("account", "text")]).await;
    eventually("the proxy is there", || async {
        let asked = public.try_send(reqwest::Method::GET, "/en/", &[], None);
        asked.await.ok().filter(|page| page.status == 200)
    })
    .await;
    let hit = post(public, &code).await.expect(200);
    let wrong = ReceiptCode::from_payload(1_234_567).grouped();
    let miss = post(public, &wrong).await.expect(422);
    assert_eq!(hit.bytes.len() % (16 << 10), 0);
    assert_eq!(hit.bytes.len(), miss.bytes.len());
    let login = staff.get_with("/login", &[GZIP]).await.expect(200);
    for page in [hit, miss, login] {
        assert_eq!(page.header("content-encoding"), Some("identity"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_that_compresses_everything_compresses_nothing_of_ours() {
    let app = TestApp::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let (public, staff) = (free_port(), free_port());
    let sample = include_str!("../../deploy/nginx/kapea.conf");
    let (_, sides) = sample.split_once("# Reporters.").expect("the sides");
    let (reporters, office) = sides.split_once("# Staff.").expect("two sides");
    let plain = |text: &str, port: u16| -> String {
        let kept = text.lines().filter(|line| {
            let line = line.trim();
            !(line.starts_with("listen [")
                || line.starts_with("http2 ")
                || line.starts_with("ssl_"))
        });
        let lines = kept.map(|line| {
            if line.trim().starts_with("listen ") {
                format!("listen 127.0.0.1:{port};\n")
            } else {
                format!("{line}\n")
            }
        });
        lines.collect()
    };
    let sides = format!("# {}\n# {}", plain(reporters, public), plain(office, staff))
        .replace("127.0.0.1:8080", &app.public.address.to_string())
        .replace("127.0.0.1:8081", &app.staff.address.to_string());
    let path = folder.path().display();
    let whole = format!(
        "daemon off; master_process off; pid {path}/pid; error_log /dev/null;\nevents {{}}\nhttp {{\n\
         gzip on; gzip_types *; gzip_min_length 0; gzip_proxied any;\n\
         client_body_temp_path {path}/body; proxy_temp_path {path}/proxy; fastcgi_temp_path {path}/f;\n\
         uwsgi_temp_path {path}/u; scgi_temp_path {path}/s;\n{sides}\n}}\n"
    );
    // Once as it is shipped, and once where somebody has taken the line out: the header alone is enough.
    for text in [whole.clone(), whole.replace("gzip off;", "")] {
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, text).expect("written");
        let child = Command::new("nginx")
            .arg("-c")
            .arg(&file)
            .stderr(Stdio::null())
            .spawn();
        let proxy = Proxy(child.expect("nginx is installed"));
        check(&app, &site(public), &site(staff)).await;
        drop(proxy);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn caddy_that_compresses_everything_compresses_nothing_of_ours() {
    let app = TestApp::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let (public, staff) = (free_port(), free_port());
    let text = include_str!("../../deploy/caddy/Caddyfile")
        .replace(
            "report.example.org {",
            &format!("http://127.0.0.1:{public} {{\n\tencode gzip zstd"),
        )
        .replace(
            "staff.example.org {",
            &format!("http://127.0.0.1:{staff} {{\n\tencode gzip zstd"),
        )
        .replace("127.0.0.1:8080", &app.public.address.to_string())
        .replace("127.0.0.1:8081", &app.staff.address.to_string());
    let file = folder.path().join("Caddyfile");
    std::fs::write(&file, text).expect("written");
    let child = Command::new("caddy")
        .args(["run", "--adapter", "caddyfile", "--config"])
        .arg(&file)
        .env("HOME", folder.path())
        .stderr(Stdio::null())
        .spawn();
    let _proxy = Proxy(child.expect("caddy is installed"));
    check(&app, &site(public), &site(staff)).await;
}

fn site(port: u16) -> Site {
    Site::new(([127, 0, 0, 1], port).into())
}
