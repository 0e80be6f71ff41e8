//! How much supervision an interval adds to a week.

use crate::domain::calendar::{CLOCK_STEP_MINUTES, Interval, Weekday, WeeklyHours};
use crate::planning::instance::Specialist;

/// Minutes of an interval in which a specialist does not supervise yet, and how many of these lie outside of the working
/// hours, so that they are paid.
pub(crate) fn new_minutes(specialist: &Specialist, day: Weekday, interval: Interval) -> (u32, u32) {
    let works = &specialist.availability;
    let supervises = specialist.supervision_hours.as_ref().unwrap_or(works);
    let holds = |hours: &WeeklyHours, minute: u16| {
        hours.on(day).iter().any(|open| open.starts.minutes() <= minute && minute < open.ends.minutes())
    };
    let step = u32::from(CLOCK_STEP_MINUTES);
    let steps = (interval.starts.minutes()..interval.ends.minutes()).step_by(usize::from(CLOCK_STEP_MINUTES));
    steps
        .filter(|minute| !holds(supervises, *minute))
        .fold((0, 0), |(new, paid), minute| (new + step, if holds(works, minute) { paid } else { paid + step }))
}
