//! The service as two processes: what a stranger can reach never holds a caseworker's key. The watcher starts this program once for each
//! part, and opens neither credentials nor database itself.
//!
//! Each part holds the other end of a line, its standard input. It says a byte when it listens; from then on a byte means that the
//! configuration is to be read again, and the end of the line that it is time to stop. So a part stops when the watcher is killed, too. If
//! a part ends by itself the watcher stops the other and fails, for whoever minds the service to start all of it anew: half of it must not
//! pass for the whole.

use std::future::pending;
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream as Socket;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::pin::pin;
use std::process::{Command, ExitStatus};

use anyhow::{Context as _, ensure};
use tokio::net::UnixStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::app::Reloader;
use crate::cli::common::{process_name, stop_signal};
use crate::config::{Environment, Role, Roles};
use crate::store::aside;

/// Which part has ended, and how.
type End = (&'static str, io::Result<ExitStatus>);

/// Runs the parts until the service is told to stop, or one of them ends.
///
/// # Errors
/// If one cannot be started, ends by itself, or does not stop in order.
pub(super) fn run(file: &Path, parts: &[Roles]) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start threads")?;
    runtime.block_on(watch(file, parts))
}

async fn watch(file: &Path, parts: &[Roles]) -> anyhow::Result<()> {
    let mut hangup = signal(SignalKind::hangup()).context("SIGHUP cannot be heard")?;
    let mut stop = pin!(stop_signal());
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut lines: Vec<(&str, UnixStream)> = Vec::new();
    let mut waiting = parts.iter();
    let mut is_starting = false;
    let first: Option<End> = loop {
        // One after the other: what is wrong for both is said once.
        if !is_starting && let Some(roles) = waiting.next() {
            let name = process_name(*roles);
            let line = start(file, *roles, tell.clone());
            let line = line.with_context(|| format!("{name} cannot be started"))?;
            lines.push((name, line));
            is_starting = true;
        }
        tokio::select! {
            biased;
            () = &mut stop => break None,
            _ = hangup.recv() => lines.iter().for_each(|(_, line)| say(line)),
            end = told.recv() => break end,
            () = listens(lines.last()), if is_starting => is_starting = false,
        }
    };
    let mut faults: Vec<String> = Vec::new();
    let mut ended = Vec::new();
    if let Some((name, status)) = first {
        faults.push(format!("{name} ended by itself ({})", said(&status)));
        ended.push(name);
    }
    // All at once: each takes a few seconds at most, and what the last report needs is told at the next start.
    let names: Vec<&str> = lines.into_iter().map(|(name, _)| name).collect();
    while ended.len() < names.len()
        && let Some((name, status)) = told.recv().await
    {
        if !status.as_ref().is_ok_and(ExitStatus::success) {
            faults.push(format!("{name} did not stop in order ({})", said(&status)));
        }
        ended.push(name);
    }
    ensure!(faults.is_empty(), "{}", faults.join("; "));
    Ok(())
}

/// Starts one part. Gives the line to it.
fn start(
    file: &Path,
    roles: Roles,
    tell: mpsc::UnboundedSender<End>,
) -> anyhow::Result<UnixStream> {
    let (line, end) = Socket::pair()?;
    line.set_nonblocking(true)?;
    let names: Vec<&str> = roles.list().into_iter().map(Role::as_str).collect();
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(["serve", "--watched", "--roles", &names.join(",")])
        .arg("--config")
        .arg(file)
        .stdin(OwnedFd::from(end))
        // Ctrl-C is for the watcher, which stops one after the other.
        .process_group(0);
    if !roles.worker {
        for name in Environment::of_process().secrets() {
            command.env_remove(name);
        }
    }
    let mut child = command.spawn()?;
    aside(move || {
        let status = child.wait();
        drop(tell.send((process_name(roles), status)));
    });
    Ok(UnixStream::from_std(line)?)
}

/// A byte: it listens, or it is to read the configuration again.
fn say(line: &UnixStream) {
    if let Err(error) = rustix::io::write(line, b"\n") {
        tracing::debug!(%error, "the other end of the line has ended");
    }
}

/// Whether a byte was said, or nothing more ever will be.
async fn heard(line: &UnixStream) -> io::Result<bool> {
    loop {
        line.readable().await?;
        match line.try_read(&mut [0; 16]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            read => return Ok(read? > 0),
        }
    }
}

/// Waits until the newest part says that it listens; one that ends before that is told of elsewhere.
async fn listens(newest: Option<&(&str, UnixStream)>) {
    if let Some((_, line)) = newest
        && heard(line).await.is_ok_and(|said| said)
    {
        return;
    }
    pending().await
}

fn said(status: &io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    }
}

/// In a part that listens: reads the configuration again whenever the watcher says so, until it hangs up.
pub(super) async fn until_hung_up(reloader: &Reloader) {
    if let Err(error) = hear(reloader).await {
        tracing::error!(event = "manager-deaf", %error, "the watcher cannot be heard");
    }
}

async fn hear(reloader: &Reloader) -> io::Result<()> {
    let line = Socket::from(io::stdin().as_fd().try_clone_to_owned()?);
    line.set_nonblocking(true)?;
    let line = UnixStream::from_std(line)?;
    say(&line);
    while heard(&line).await? {
        reloader.reload_and_tell().await;
    }
    Ok(())
}
