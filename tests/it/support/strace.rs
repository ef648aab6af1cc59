//! System calls of running processes that fail, where the system has `strace` and lets processes be traced.

use std::path::Path;
use std::process::{Child, Command, Stdio};

/// While it is there, calls of some processes on some files fail.
pub struct Failing(Child);

impl Failing {
    /// Has these calls on these files fail with that error in these processes from now on, `which` of them (`1+`: each). `None` where
    /// nobody may do so.
    pub fn over(
        processes: &[u32],
        (calls, error, which): (&str, &str, &str),
        files: &[&Path],
    ) -> Option<Self> {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-q", "-o", "/dev/null", "-e"]);
        strace.arg(format!("trace={calls}"));
        strace.arg("-e");
        strace.arg(format!("inject={calls}:error={error}:when={which}"));
        for file in files {
            strace.arg("-P").arg(file);
        }
        for process in processes {
            strace.arg("-p").arg(process.to_string());
        }
        let quiet = strace.stdin(Stdio::null()).stderr(Stdio::null());
        let Ok(mut child) = quiet.spawn() else {
            eprintln!("not looked at: the package strace is not here");
            return None;
        };
        while !processes.iter().all(|process| is_traced(*process, true)) {
            if child.try_wait().expect("its state").is_some() {
                eprintln!("not looked at: nobody may trace processes here");
                return None;
            }
            std::thread::yield_now();
        }
        Some(Self(child))
    }

    /// From now on they do what they are asked again.
    pub fn end(mut self, processes: &[u32]) {
        self.stop();
        while processes.iter().any(|process| is_traced(*process, false)) {
            std::thread::yield_now();
        }
    }

    fn stop(&mut self) {
        if self.0.try_wait().is_ok_and(|ended| ended.is_some()) {
            return;
        }
        // It lets them go only if it is told to end in order.
        let id = self.0.id().to_string();
        drop(Command::new("kill").args(["-TERM", &id]).status());
        drop(self.0.wait());
    }
}

impl Drop for Failing {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Whether all threads of a process are traced, or any is.
fn is_traced(process: u32, all: bool) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{process}/task"));
    let mut threads = threads.into_iter().flatten().flatten().map(|thread| {
        let status = std::fs::read_to_string(thread.path().join("status"));
        let status = status.unwrap_or_default();
        status.contains("TracerPid:") && !status.contains("TracerPid:\t0\n")
    });
    match all {
        true => threads.all(|is_traced| is_traced),
        false => threads.any(|is_traced| is_traced),
    }
}
