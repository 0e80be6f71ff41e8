//! Rules over all visits of one request.

use super::Found;
use super::facts::{Facts, Known};

/// At most one visit for a request a day, on at most so many days.
pub(super) fn one_visit_per_request_and_day(facts: &Facts, found: &mut Found) {
    for (code, visits) in &facts.by_request {
        let mut days: Vec<_> = visits.iter().map(|known| known.visit.day).collect();
        days.sort();
        let repeated = days.windows(2).any(|pair| pair[0] == pair[1]);
        let most = visits[0].request.visits_per_week_max as usize;
        found.require(!repeated && days.len() <= most, || {
            format!("{code} {}", days.iter().map(|day| day.code()).collect::<Vec<_>>().join(" "))
        });
    }
}

/// No more minutes than asked for.
pub(super) fn request_not_exceeded(facts: &Facts, found: &mut Found) {
    for (code, visits) in &facts.by_request {
        let minutes: u32 = visits.iter().map(Known::minutes).sum();
        found.require(minutes <= visits[0].request.minutes_per_week, || format!("{code} {minutes}"));
    }
}
