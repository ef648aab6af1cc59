//! The service as two processes: what a stranger can reach never holds a caseworker's key. The watcher starts this program once for each
//! part, and opens neither credentials nor database itself.
//!
//! Each part holds the other end of a line, its standard input: a byte means that the configuration is to be read again, the end of the
//! line that it is time to stop. So a part stops when the watcher is killed, too. If a part ends by itself the watcher stops the other and
//! fails, for whoever minds the service to start all of it anew: half of it must not pass for the whole.

use std::io::{self, ErrorKind, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::pin::pin;
use std::process::{ChildStdin, Command, ExitStatus, Stdio};

use anyhow::{Context as _, ensure};
use tokio::net::unix::pipe;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::app::Reloader;
use crate::cli::common::{process_name, stop_signal};
use crate::config::{Environment, Role, Roles};

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
    let mut lines = Vec::new();
    for roles in parts {
        let name = process_name(*roles);
        let line = start(file, *roles, tell.clone());
        lines.push((
            name,
            line.with_context(|| format!("{name} cannot be started"))?,
        ));
    }
    let first: Option<End> = loop {
        tokio::select! {
            biased;
            () = &mut stop => break None,
            _ = hangup.recv() => {
                for (_, line) in &mut lines {
                    // Whoever does not hear it has ended, and tells so.
                    drop(line.write_all(b"\n"));
                }
            }
            end = told.recv() => break end,
        }
    };
    let mut faults: Vec<String> = Vec::new();
    let mut ended = Vec::new();
    if let Some((name, status)) = first {
        faults.push(format!("{name} ended by itself ({})", said(&status)));
        ended.push(name);
    }
    // What strangers reach comes first: the other may still have a notice of the last report to send.
    for (name, line) in lines {
        drop(line);
        while !ended.contains(&name)
            && let Some((name, status)) = told.recv().await
        {
            if !status.as_ref().is_ok_and(ExitStatus::success) {
                faults.push(format!("{name} did not stop in order ({})", said(&status)));
            }
            ended.push(name);
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("; "));
    Ok(())
}

/// Starts one part. Gives the line to it.
fn start(
    file: &Path,
    roles: Roles,
    tell: mpsc::UnboundedSender<End>,
) -> anyhow::Result<ChildStdin> {
    let names: Vec<&str> = roles.list().into_iter().map(Role::name).collect();
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(["serve", "--watched", "--roles", &names.join(",")])
        .arg("--config")
        .arg(file)
        .stdin(Stdio::piped())
        // Ctrl-C is for the watcher, which stops one after the other.
        .process_group(0);
    if !roles.worker {
        for name in Environment::of_process().secrets() {
            command.env_remove(name);
        }
    }
    let mut child = command.spawn()?;
    let line = child.stdin.take().context("there is no line to it")?;
    tokio::task::spawn_blocking(move || {
        let status = child.wait();
        drop(tell.send((process_name(roles), status)));
    });
    Ok(line)
}

fn said(status: &io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    }
}

/// In a part: reads the configuration again whenever the watcher says so, until it hangs up.
pub(super) async fn until_hung_up(reloader: &Reloader) {
    if let Err(error) = hear(reloader).await {
        tracing::error!(%error, "the watcher cannot be heard");
    }
}

async fn hear(reloader: &Reloader) -> io::Result<()> {
    let line = io::stdin().as_fd().try_clone_to_owned()?;
    let line = pipe::Receiver::from_owned_fd(line)?;
    let mut said = [0; 16];
    loop {
        line.readable().await?;
        match line.try_read(&mut said) {
            Ok(0) => return Ok(()),
            Ok(_) => reloader.reload_and_tell().await,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}
