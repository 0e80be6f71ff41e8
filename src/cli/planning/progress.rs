//! How far a plan is: a bar for people, JSON lines for the service that started the process.

use std::io::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::planning::{Progress, Report};

/// Between two lines of the same phase.
const PAUSE: Duration = Duration::from_millis(300);

/// A line that tells the phase and the best plan so far; only on a terminal.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new() -> Bar {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed_precise} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Bar(bar)
    }
}

impl Progress for Bar {
    fn report(&self, report: &Report) {
        let Report { phase, best_mandated_minutes: best, bound_mandated_minutes: bound, .. } = report;
        self.0.set_message(format!("{phase}: {best} of at most {bound} mandated minutes"));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// One JSON object a line on standard output, a few a second at most.
pub(super) struct JsonLines(Mutex<Option<(&'static str, Instant)>>);

impl JsonLines {
    pub(super) fn new() -> JsonLines {
        JsonLines(Mutex::new(None))
    }
}

impl Progress for JsonLines {
    fn report(&self, report: &Report) {
        let Ok(mut last) = self.0.lock() else { return };
        if last.is_some_and(|(phase, at)| phase == report.phase && at.elapsed() < PAUSE) {
            return;
        }
        *last = Some((report.phase, Instant::now()));
        let line = serde_json::json!({
            "phase": report.phase,
            "best_mandated_minutes": report.best_mandated_minutes,
            "bound_mandated_minutes": report.bound_mandated_minutes,
            "seconds": (report.seconds * 1_000.0).round() / 1_000.0,
        });
        // A reader that went away is no reason to stop planning.
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }
}
