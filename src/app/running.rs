//! From bound ports to a service that runs, and back.

use std::io;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

use super::descriptors::Connections;
use super::{Application, manager, threads};
use crate::service::Context;
use crate::service::readiness::Readiness;
use crate::web::Crowd;
use crate::web::access::Port;

/// Connections of whoever looks whether the service is well.
const HEALTH_CONNECTIONS: usize = 16;

/// How long what is written down at the end may wait for others who write.
const LAST_WORDS: Duration = Duration::from_secs(3);

impl Application {
    /// Serves until `shutdown` resolves, then lets requests in flight end.
    ///
    /// # Errors
    /// If a listener fails.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        self.context.beat(None).await;
        self.context.sample().await;
        let (stop, stopped) = watch::channel(false);
        let mut servers = Vec::new();
        let Connections { public, staff } = self.connections;
        for (port, listener, connections) in [
            (Port::Reporter, self.public, public),
            (Port::Staff, self.staff, staff),
            (Port::Health, self.health, HEALTH_CONNECTIONS),
        ] {
            if let Some(listener) = listener {
                let crowd = Crowd {
                    threads: threads(),
                    connections,
                };
                servers.push(crate::web::server(
                    port,
                    self.state.clone(),
                    listener,
                    crowd,
                )?);
            }
        }
        let handles: Vec<_> = servers.iter().map(|server| server.handle()).collect();
        // Each of them lives as long as the process; what ends before ends it.
        let mut parts: JoinSet<io::Result<&'static str>> = JoinSet::new();
        for server in servers {
            parts.spawn(async { server.await.map(|()| "a listener") });
        }
        manager::tell_ready();
        let readiness = self.services.readiness.clone();
        let beside = [
            parts.spawn(named(
                "the watchdog",
                manager::tell_alive(readiness.clone()),
            )),
            parts.spawn(named("the dry runs", readiness.clone().run())),
            parts.spawn(named(
                "the minute's work",
                tend(self.context.clone(), readiness),
            )),
            parts.spawn(named("the reloader", self.reloader.run())),
        ];
        if let Some(worker) = self.worker {
            parts.spawn(async move {
                let told = async { drop(stopped.clone().wait_for(|stop| *stop).await) };
                worker.run(told).await;
                Ok("the worker")
            });
        }
        let early = tokio::select! {
            () = shutdown => None,
            end = parts.join_next() => end,
        };
        tracing::info!("stopping");
        manager::tell_stopping();
        beside.iter().for_each(AbortHandle::abort);
        join_all(handles.iter().map(|handle| handle.stop(true))).await;
        // The worker is told last: a notice of the last report may still be on its way.
        stop.send_replace(true);
        let mut outcome = early.map_or(Ok(()), |end| match end? {
            Ok(part) => Err(io::Error::other(format!("{part} has ended"))),
            Err(error) => Err(error),
        });
        while let Some(end) = parts.join_next().await {
            match end {
                Err(error) if error.is_cancelled() => {}
                end => {
                    outcome =
                        outcome.and(end.map_err(io::Error::other).and_then(|end| end).map(drop))
                }
            }
        }
        if tokio::time::timeout(LAST_WORDS, remember(self.context))
            .await
            .is_err()
        {
            tracing::warn!(
                event = "put-off",
                "the database or the disk is busy: not all is remembered"
            );
        }
        outcome
    }
}

async fn named(part: &'static str, work: impl Future<Output = ()>) -> io::Result<&'static str> {
    work.await;
    Ok(part)
}

/// Once a minute: the log says what goes on, the clocks are compared, the memory that the slow hash keeps between reports is given back to the system, keys of forms that are over are
/// forgotten, the process says that it is there, and at the beginning of a quarter hour how the service is.
async fn tend(context: Context, readiness: Readiness) {
    let mut minute = tokio::time::interval(Duration::from_secs(60));
    loop {
        minute.tick().await;
        crate::telemetry::tend();
        crate::store::keep_threads();
        context.tend_clock().await;
        crate::seal::receipt::release_memory();
        context.tend_tickets().await;
        // The worker does so itself, and more often.
        if !context.process.is_some_and(|process| process.roles.worker) {
            context.tend_damage().await;
            context.tend_disk().await;
        }
        let takes = match context.process {
            Some(process) if process.roles.intake => Some(readiness.is_ready().await),
            _ => None,
        };
        context.beat(takes).await;
        context.sample().await;
    }
}

/// What only this process knows is written down before it ends.
async fn remember(context: Context) {
    let end = context.clock.now().quarter().next();
    let told = context.write(move |txn| txn.tell_failures(end)).await;
    if let Err(error) = told {
        tracing::warn!(event = "put-off", %error, "sign-ins that failed are in no entry");
    }
    let (audit_log, now) = (context.audit_log.clone(), context.clock.confirmed());
    let told = crate::store::aside(move || audit_log.tell_witness(now)).await;
    if let Ok(Err(error)) = told {
        tracing::error!(event = "witness-failing", %error, "the witness was not told how far the log has come");
    }
}
