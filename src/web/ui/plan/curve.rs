//! The small curve of a run: minutes of the best plan over time, against the limit.

use crate::domain::plan_run::{Progress, ProgressPoint};
use crate::web::ui::wording;

/// Size of the picture in its own units.
const WIDTH: i64 = 300;
const HEIGHT: i64 = 100;
/// Rows of the table beside it.
const ROWS_MAX: usize = 6;

/// The picture, what it says, and its numbers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Curve {
    /// Corners of the line of the best plan.
    pub best: String,
    /// And of the limit; empty while none is known.
    pub limit: String,
    /// Minutes at the top and at the bottom of the picture, seconds at its right edge.
    pub top: String,
    pub bottom: String,
    pub right: String,
    /// The same in words.
    pub words: String,
    /// When, the best plan and the limit.
    pub rows: Vec<(String, String, String)>,
}

impl Curve {
    /// Of what a run reported; nothing before there is a plan.
    pub(super) fn of(progress: &Progress) -> Option<Curve> {
        let (first, last) = (*progress.curve.first()?, *progress.curve.last()?);
        let now = ProgressPoint { elapsed_seconds: progress.elapsed_seconds.max(last.elapsed_seconds), ..last };
        let until = now.elapsed_seconds.max(1);
        let limits = progress.curve.iter().filter_map(|point| point.bound_mandated_minutes);
        let bests = progress.curve.iter().map(|point| point.best_mandated_minutes);
        let top = limits.chain(bests.clone()).max().unwrap_or(1);
        let lowest = bests.min().unwrap_or(0);
        // A tenth of the height stays free below; the numbers at the edge say that it does not begin at 0.
        let bottom = (lowest - ((top - lowest) / 9).max(1)).max(0);
        let corner = |seconds: i64, minutes: i64| {
            (seconds * WIDTH / until, HEIGHT - (minutes - bottom) * HEIGHT / (top - bottom).max(1))
        };
        let all: Vec<ProgressPoint> = progress.curve.iter().copied().chain([now]).collect();
        let best = all.iter().map(|point| (point.elapsed_seconds, point.best_mandated_minutes));
        let limit = all.iter().filter_map(|point| Some((point.elapsed_seconds, point.bound_mandated_minutes?)));
        let minutes = |minutes: i64| wording::count(minutes, "minute", "minutes");
        let grown = match first.best_mandated_minutes == last.best_mandated_minutes {
            true => format!("the best plan has {} of IEP-mandated visits", minutes(last.best_mandated_minutes)),
            false => format!(
                "the best plan went from {} to {} of IEP-mandated visits",
                wording::thousands(first.best_mandated_minutes),
                minutes(last.best_mandated_minutes)
            ),
        };
        let known = last.bound_mandated_minutes.map_or("no limit is known yet".to_owned(), |limit| {
            format!("no plan can have more than {}", wording::thousands(limit))
        });
        Some(Curve {
            best: steps(best, corner),
            limit: steps(limit, corner),
            top: wording::thousands(top),
            bottom: wording::thousands(bottom),
            right: wording::count(until, "second", "seconds"),
            words: format!("After {} {grown}; {known}.", wording::count(now.elapsed_seconds, "second", "seconds")),
            rows: sample(&progress.curve).into_iter().map(row).collect(),
        })
    }
}

/// Corners of a line that stays until it jumps.
fn steps(points: impl Iterator<Item = (i64, i64)>, corner: impl Fn(i64, i64) -> (i64, i64)) -> String {
    let mut corners: Vec<(i64, i64)> = Vec::new();
    for (seconds, minutes) in points {
        let (x, y) = corner(seconds, minutes);
        if let Some((_, before)) = corners.last().copied().filter(|(_, before)| *before != y) {
            corners.push((x, before));
        }
        corners.push((x, y));
    }
    corners.dedup();
    let told: Vec<String> = corners.iter().map(|(x, y)| format!("{x},{y}")).collect();
    told.join(" ")
}

/// A few of the points, the first and the last among them.
fn sample(points: &[ProgressPoint]) -> Vec<ProgressPoint> {
    if points.len() <= ROWS_MAX {
        return points.to_vec();
    }
    (0..ROWS_MAX).map(|row| points[row * (points.len() - 1) / (ROWS_MAX - 1)]).collect()
}

fn row(point: ProgressPoint) -> (String, String, String) {
    (
        wording::count(point.elapsed_seconds, "second", "seconds"),
        wording::thousands(point.best_mandated_minutes),
        point.bound_mandated_minutes.map_or("Not known yet".to_owned(), wording::thousands),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(points: &[(i64, i64, Option<i64>)], elapsed_seconds: i64) -> Progress {
        let point = |(elapsed_seconds, best_mandated_minutes, bound_mandated_minutes): &(i64, i64, Option<i64>)| {
            ProgressPoint {
                elapsed_seconds: *elapsed_seconds,
                best_mandated_minutes: *best_mandated_minutes,
                bound_mandated_minutes: *bound_mandated_minutes,
            }
        };
        Progress {
            phase: String::new(),
            best_mandated_minutes: None,
            bound_mandated_minutes: None,
            elapsed_seconds,
            curve: points.iter().map(point).collect(),
        }
    }

    #[test]
    fn a_curve_goes_in_steps_up_to_now_and_says_its_numbers() {
        assert_eq!(Curve::of(&progress(&[], 4)), None);
        let points = [(0, 910, None), (2, 910, Some(1_000)), (5, 1_000, Some(1_000))];
        let curve = Curve::of(&progress(&points, 10)).expect("a curve");
        assert_eq!((curve.top.as_str(), curve.bottom.as_str(), curve.right.as_str()), ("1,000", "900", "10 seconds"));
        assert_eq!(curve.best, "0,90 60,90 150,90 150,0 300,0");
        assert_eq!(curve.limit, "60,0 150,0 300,0");
        let words = "After 10 seconds the best plan went from 910 to 1,000 minutes of IEP-mandated visits; no plan can \
                     have more than 1,000.";
        assert_eq!(curve.words, words);
        assert_eq!(curve.rows[0], ("0 seconds".to_owned(), "910".to_owned(), "Not known yet".to_owned()));
        assert_eq!(curve.rows.len(), 3);
    }

    #[test]
    fn a_long_curve_is_told_in_a_few_rows_with_both_ends() {
        let points: Vec<(i64, i64, Option<i64>)> = (0..50).map(|at| (at, 100 + at, Some(200))).collect();
        let rows = Curve::of(&progress(&points, 60)).expect("a curve").rows;
        let seconds: Vec<&str> = rows.iter().map(|row| row.0.as_str()).collect();
        assert_eq!(seconds, ["0 seconds", "9 seconds", "19 seconds", "29 seconds", "39 seconds", "49 seconds"]);
    }
}
