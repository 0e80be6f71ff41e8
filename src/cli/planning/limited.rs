//! A limit of memory. The plan is made in a process of its own, so that somebody is left to say what happened when memory
//! runs out: a program that gets none ends on the spot.

use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, anyhow};

/// Tells the process of its own that it is the one.
pub(super) const INSIDE: &str = "--inside-memory-limit";
/// How a program ends that found no memory and could say so.
const PANICKED: i32 = 101;
/// Between two looks at the process.
const PAUSE: Duration = Duration::from_millis(10);

/// Runs this command again under the limit and ends as it does.
pub(super) fn run_inside(mebibytes: u64, out: &Path) -> Result<ExitCode> {
    let before = written_at(out);
    let stop = Arc::new(AtomicBool::new(false));
    // Ctrl-C reaches both; a signal to end is passed on.
    signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::new(AtomicBool::new(false)))?;
    signal_hook::flag::register(signal_hook::consts::SIGTERM, stop.clone())?;
    let program = std::env::current_exe().context("cannot find this program to start it under the limit")?;
    let mut command = Command::new(program);
    command.args(std::env::args_os().skip(1)).arg(INSIDE);
    // By default glibc keeps a heap for every thread; what one gives back the others cannot take. With one heap a state took
    // a fifth less memory.
    command.env("MALLOC_ARENA_MAX", "1");
    let mut child = command.spawn().context("cannot start the planner under the limit of --memory-mib")?;
    let status = wait(&mut child, &stop)?;
    match status.code() {
        Some(code) if code != PANICKED => Ok(ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX))),
        _ => Err(anyhow!(too_little(mebibytes, status, (out, before)))),
    }
}

/// When a file was last written; nothing where there is none.
fn written_at(file: &Path) -> Option<SystemTime> {
    file.metadata().and_then(|file| file.modified()).ok()
}

fn wait(child: &mut Child, stop: &AtomicBool) -> Result<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait().context("cannot wait for the planner")? {
            return Ok(status);
        }
        if stop.swap(false, Ordering::Relaxed)
            && let Some(process) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw)
        {
            // Should it have ended meanwhile, there is nobody to tell.
            let _ = rustix::process::kill_process(process, rustix::process::Signal::TERM);
        }
        std::thread::sleep(PAUSE);
    }
}

fn too_little(mebibytes: u64, status: ExitStatus, (out, before): (&Path, Option<SystemTime>)) -> String {
    let written = written_at(out).is_some_and(|at| before != Some(at));
    let best = match written {
        true => format!("; the best plan until then is in {}", out.display()),
        false => String::new(),
    };
    format!(
        "the planner ended early ({status}), most likely because --memory-mib {mebibytes} is too low for this instance: allow \
         more, for example --memory-mib {}, or leave the option out (a server's setting is planner.memory_mib){best}",
        mebibytes.saturating_mul(2).max(256)
    )
}

/// Limits this process, which ends with the one that started it.
pub(super) fn set(mebibytes: u64) -> Result<()> {
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
        .context("cannot end with the process that limits memory")?;
    let bytes = mebibytes.saturating_mul(1024 * 1024);
    let limit = rustix::process::Rlimit { current: Some(bytes), maximum: Some(bytes) };
    rustix::process::setrlimit(rustix::process::Resource::As, limit).context("cannot limit memory to --memory-mib")
}
