//! Carries out plan runs: the planner works in a process of its own, which is stopped by force if it does not obey.
//!
//! The solver's own time limit does not bound it, and a crash of it must not take the server along. No transaction is
//! open while it works.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::Worked;
use crate::domain::plan_run::{PlanRunState, Progress, STEPS};
use crate::operations::plan_runs::{self, ClaimedRun, RunHeartbeat, TRIES_MAX};
use crate::operations::{OperationError, Operations};

/// How often progress is written down and the lease renewed.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// How long the planner has to stop after it was asked to.
const STOP_PATIENCE: Duration = Duration::from_secs(10);
/// More than this of the planner's last words is not kept.
const LAST_WORDS_BYTES: u64 = 4_000;

/// What the planner's worker needs.
#[derive(Clone)]
pub struct Planner {
    /// Runs and plans.
    pub operations: Operations,
    /// The program with the `plan` command: this one.
    pub program: PathBuf,
    /// Threads it may use.
    pub threads: usize,
    /// Memory it may use.
    pub memory_mib: u64,
    /// After its time limit it is stopped by force.
    pub grace: Duration,
}

/// One line of the planner's progress.
#[derive(Debug, Deserialize)]
struct Line {
    phase: String,
    best_mandated_minutes: Option<i64>,
    bound_mandated_minutes: Option<i64>,
}

/// How the planner's process ended.
enum End {
    /// It ended, well or not.
    ByItself,
    /// It was asked to, and ended or was stopped by force.
    AskedTo,
    /// It was stopped by force after so many seconds.
    Forced(u64),
}

/// Why a run has no plan.
enum Ending {
    /// Somebody asked to stop and there was no plan yet.
    Cancelled,
    /// The server is going down: another worker takes the run over.
    HandedBack,
    /// Another worker has taken it over.
    Lost,
    /// It failed, and this is why.
    Failed(String),
}

impl Planner {
    /// Carries out one run that waits.
    pub fn work(&self, stop: &AtomicBool) -> Worked {
        match plan_runs::claim(&self.operations) {
            Ok(Some(run)) => {
                self.carry_out(&run, stop);
                Worked::One
            }
            Ok(None) => Worked::Nothing,
            Err(error) => {
                tracing::error!(%error, source = ?std::error::Error::source(&error), "plan runs could not be claimed");
                Worked::Nothing
            }
        }
    }

    fn carry_out(&self, run: &ClaimedRun, stop: &AtomicBool) {
        tracing::info!(run = %run.code, attempt = run.attempts, "planning");
        let outcome = if run.cancel_requested {
            Err(Ending::Cancelled)
        } else if run.attempts > TRIES_MAX {
            Err(Ending::Failed(format!("The planner was started {TRIES_MAX} times and never came to an end")))
        } else {
            self.plan(run, stop)
        };
        let ended = match outcome {
            Ok(plan_json) => match plan_runs::store(&self.operations, run, &plan_json) {
                Ok(_) => Ok(()),
                Err(OperationError::Conflict { detail, changes }) => {
                    self.fail(run, PlanRunState::Failed, &[vec![detail], changes].concat().join("; "))
                }
                Err(error) => Err(error),
            },
            Err(Ending::Cancelled) => self.fail(run, PlanRunState::Cancelled, "Stopped on request"),
            Err(Ending::Failed(why)) => self.fail(run, PlanRunState::Failed, &why),
            Err(Ending::HandedBack) => plan_runs::hand_back(&self.operations, run),
            Err(Ending::Lost) => Ok(()),
        };
        if let Err(error) = ended {
            // The lease runs out and the run is claimed again.
            tracing::error!(%error, source = ?std::error::Error::source(&error), run = %run.code, "a run could not be ended");
        }
    }

    fn fail(&self, run: &ClaimedRun, state: PlanRunState, why: &str) -> Result<(), OperationError> {
        tracing::warn!(run = %run.code, ?state, why, "no plan");
        plan_runs::fail(&self.operations, run, state, why)
    }

    /// Runs the planner's process and gives the plan file's text.
    fn plan(&self, run: &ClaimedRun, stop: &AtomicBool) -> Result<String, Ending> {
        let failed = |what: &str| {
            let what = what.to_owned();
            move |error: std::io::Error| Ending::Failed(format!("{what}: {error}"))
        };
        let folder = tempfile::tempdir().map_err(failed("No folder for the planner's files could be made"))?;
        let (instance, plan) = (folder.path().join("instance.json"), folder.path().join("plan.json"));
        let stop_file = folder.path().join("stop");
        std::fs::write(&instance, &run.instance_json).map_err(failed("The planner's input could not be written"))?;
        let mut command = Command::new(&self.program);
        command
            .arg("plan")
            .arg(&instance)
            .arg("--out")
            .arg(&plan)
            .args(["--progress-json", "--stop-file"])
            .arg(&stop_file)
            .args(["--seconds", &run.seconds_max.to_string()])
            .args(["--seed", &run.seed.to_string()])
            .args(["--threads", &self.threads.to_string()])
            .args(["--memory-mib", &self.memory_mib.to_string()]);
        if let Some((text, minutes)) = &run.start {
            let start = folder.path().join("start.json");
            std::fs::write(&start, text).map_err(failed("The plan to start from could not be written"))?;
            command.arg("--start").arg(&start).args(["--minutes-per-moved-visit", &minutes.to_string()]);
        }
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed("The planner could not be started"))?;
        let mut process = Process { child, stop_file, asked_to_stop: None };
        let end = self.attend(run, &mut process, stop)?;
        // The planner writes its best plan early, and again when it finds a better one: also a planner that was stopped
        // by force, or died, leaves the best so far. It is verified before it is stored like any other.
        match (std::fs::read_to_string(&plan), end) {
            (Ok(text), _) => Ok(text),
            (Err(_), End::AskedTo) => Err(Ending::Cancelled),
            (Err(_), End::Forced(seconds)) => Err(Ending::Failed(format!(
                "The planner did not end within {seconds} seconds and was stopped by force"
            ))),
            (Err(_), End::ByItself) => Err(Ending::Failed(process.last_words())),
        }
    }

    /// Follows the planner until it ends.
    fn attend(&self, run: &ClaimedRun, process: &mut Process, stop: &AtomicBool) -> Result<End, Ending> {
        let lines = process.progress_lines();
        let started = Instant::now();
        let limit = Duration::from_secs(run.seconds_max.unsigned_abs()) + self.grace;
        let mut progress = Progress {
            phase: "Starting".to_owned(),
            best_mandated_minutes: None,
            bound_mandated_minutes: None,
            elapsed_seconds: 0,
            curve: Vec::new(),
        };
        let mut reported = None::<Instant>;
        loop {
            let ended = match lines.recv_timeout(HEARTBEAT) {
                Ok(line) => {
                    progress.phase = in_words(&line.phase).to_owned();
                    progress.best_mandated_minutes = line.best_mandated_minutes.or(progress.best_mandated_minutes);
                    progress.bound_mandated_minutes = line.bound_mandated_minutes.or(progress.bound_mandated_minutes);
                    progress.elapsed_seconds = i64::try_from(started.elapsed().as_secs()).unwrap_or(i64::MAX);
                    progress.note();
                    false
                }
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => true,
            };
            if ended || reported.is_none_or(|at| at.elapsed() >= HEARTBEAT) {
                reported = Some(Instant::now());
                progress.elapsed_seconds = i64::try_from(started.elapsed().as_secs()).unwrap_or(i64::MAX);
                self.heartbeat(run, process, &progress)?;
            }
            if ended {
                process.wait_until(started + limit);
                return Ok(if process.asked_to_stop.is_some() { End::AskedTo } else { End::ByItself });
            }
            if stop.load(Ordering::Relaxed) {
                process.kill();
                return Err(Ending::HandedBack);
            }
            let overdue = process.asked_to_stop.is_some_and(|at| at.elapsed() > STOP_PATIENCE);
            if started.elapsed() > limit || overdue {
                process.kill();
                tracing::warn!(run = %run.code, "the planner was stopped by force");
                return Ok(if overdue { End::AskedTo } else { End::Forced(limit.as_secs()) });
            }
        }
    }

    fn heartbeat(&self, run: &ClaimedRun, process: &mut Process, progress: &Progress) -> Result<(), Ending> {
        match plan_runs::report(&self.operations, run, progress) {
            Ok(RunHeartbeat::GoOn) => Ok(()),
            Ok(RunHeartbeat::Stop) => {
                process.ask_to_stop();
                Ok(())
            }
            Ok(RunHeartbeat::Lost) => {
                process.kill();
                Err(Ending::Lost)
            }
            // The database is busy or away: the planner goes on, the next heartbeat tries again.
            Err(error) => {
                tracing::warn!(%error, run = %run.code, "progress could not be written down");
                Ok(())
            }
        }
    }
}

/// The planner's phases as people read them.
fn in_words(phase: &str) -> &str {
    STEPS.iter().find(|(name, _)| *name == phase).map_or(phase, |(_, words)| words)
}

/// The planner's process; killed when it is dropped.
struct Process {
    child: Child,
    stop_file: PathBuf,
    asked_to_stop: Option<Instant>,
}

impl Process {
    /// Reads progress in a thread of its own; the channel closes when the planner closes its output.
    fn progress_lines(&mut self) -> Receiver<Line> {
        let (sender, receiver) = channel();
        if let Some(output) = self.child.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    if let Ok(line) = serde_json::from_str(&line)
                        && sender.send(line).is_err()
                    {
                        return;
                    }
                }
            });
        }
        receiver
    }

    fn ask_to_stop(&mut self) {
        if self.asked_to_stop.is_none() && std::fs::write(&self.stop_file, b"stop").is_ok() {
            self.asked_to_stop = Some(Instant::now());
        }
    }

    /// Waits for its end, and forces it when that does not come in time.
    fn wait_until(&mut self, deadline: Instant) {
        while Instant::now() < deadline {
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(10)),
                _ => return,
            }
        }
        self.kill();
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// How it ended, with what it said on its error output.
    fn last_words(&mut self) -> String {
        let mut text = String::new();
        if let Some(output) = self.child.stderr.take() {
            let _ = output.take(LAST_WORDS_BYTES).read_to_string(&mut text);
        }
        let status = self.child.wait().map(|status| status.to_string()).unwrap_or_default();
        format!("The planner ended without a plan ({status}). {}", text.trim())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
