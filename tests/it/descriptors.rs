//! Open files are shared out: strangers who hold connections keep neither staff out nor the database closed.

use std::io::Write as _;
use std::net::TcpStream;
use std::process::Command;

use kapea::domain::clock::Clock;

use crate::support::binary::Installation;

#[tokio::test(flavor = "multi_thread")]
async fn strangers_who_hold_connections_keep_neither_staff_out_nor_the_database_closed() {
    let installation = Installation::settled();
    let mut command = Command::new("/bin/sh");
    command
        .env_clear()
        .args(["-c", "ulimit -n 256 && exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_kapea"))
        .args(["serve", "--config"])
        .arg(installation.config());
    let served = installation.serve_as(command, 2).await;
    let public = served.public.as_ref().expect("a public side").address;
    let strangers: Vec<TcpStream> = (0..400)
        .map(|_| {
            let mut stream = TcpStream::connect(public).expect("a connection");
            stream.write_all(b"GET /en/ HTTP/1.1\r\n").expect("sent");
            stream
        })
        .collect();
    let staff = served.staff.as_ref().expect("a staff side");
    let person = installation.people.get("sokha");
    let session = person.sign_in(staff, &Clock::system()).await;
    session.get("/queue").await.expect(200);
    let log = std::fs::read_to_string(&served.log).expect("a log");
    assert!(log.contains("few files may be open"), "{log}");
    assert!(!log.contains("os error 24"), "{log}");
    drop(strangers);
}
