//! What the search is after: goals 1 to 5 as one number to climb by, and as an exact order to choose the best by.

use std::cmp::Ordering;

use super::instance::StayPreference;
use super::timetable::Timetable;
use crate::domain::service_request::Priority;

/// Worth of a minute and cost of everything else, in points. The steps between the goals are so wide that trading an
/// earlier goal for a later one hardly pays; the last word has [`Rank`], which never trades.
pub(crate) const MANDATED: i64 = 1_000_000;
/// Added for minutes up to what a lender could place alone.
pub(crate) const UP_TO_ALONE: i64 = 1_000_000;
/// Taken off for minutes above a member's fair quota, so that the worse-served member goes first.
pub(crate) const ABOVE_QUOTA: i64 = 300_000;
pub(crate) const EVALUATION: i64 = 30_000;
pub(crate) const CONSULT: i64 = 6_000;
/// A specialist and a request that meet for the first time.
pub(crate) const NEW_PAIR: i64 = 45_000;
/// One that already meets today.
pub(crate) const KEPT_PAIR: i64 = 5_000;
/// A minute of driving.
pub(crate) const DRIVE: i64 = 300;
/// A stay at a site away from home, without a preference for long stays.
pub(crate) const STAY: i64 = 5_000;
/// A visit left as people know it, as far as goal 4 is concerned.
pub(crate) const KEPT_VISIT: i64 = 25_000;

/// Points of a stay away from home under a preference: a half day has about two long stays, a whole day one.
pub(crate) fn stay(preference: StayPreference) -> i64 {
    match preference {
        StayPreference::Any => STAY,
        StayPreference::HalfDay => 4 * STAY,
        StayPreference::WholeDay => 10 * STAY,
    }
}

/// What a search is asked to reach, by member.
#[derive(Debug, Clone)]
pub(crate) struct Aims {
    /// Mandated minutes that each member could place alone (rule `no_lender_worse_than_alone`).
    pub alone: Vec<u32>,
    /// Fair share of mandated minutes of each member in this component.
    pub quota: Vec<u32>,
    /// Mandated minutes that each member gets in other components of the same timetable.
    pub elsewhere: Vec<u32>,
    /// Mandated minutes that each member gets outside of the timetable.
    pub outside: Vec<u32>,
    /// Mandated minutes that each member asks for in the whole co-op.
    pub asked: Vec<u32>,
    /// When set, only requests of this member are planned.
    pub only: Option<usize>,
    /// Mandated minutes that moving one visit of the plan to stay close to must bring.
    pub minutes_per_moved_visit: u32,
    /// Whether the worst-served members come first (goal 2), or only the sum counts.
    pub fair: bool,
}

impl Aims {
    /// Nothing to reach but as much as possible.
    pub(crate) fn none(members: usize) -> Aims {
        Aims {
            alone: vec![0; members],
            quota: vec![u32::MAX; members],
            elsewhere: vec![0; members],
            outside: vec![0; members],
            asked: vec![0; members],
            only: None,
            minutes_per_moved_visit: 0,
            fair: false,
        }
    }

    /// Points of a member's mandated minutes, those in other components not counted.
    pub(crate) fn member_points(&self, member: usize, minutes: u32) -> i64 {
        let minutes = minutes.saturating_sub(self.elsewhere[member]);
        i64::from(minutes) * MANDATED + i64::from(minutes.min(self.alone[member])) * UP_TO_ALONE
            - i64::from(minutes.saturating_sub(self.quota[member])) * ABOVE_QUOTA
    }

    /// Points of a visit that stays as it is.
    pub(crate) fn kept_worth(&self) -> i64 {
        KEPT_VISIT + i64::from(self.minutes_per_moved_visit) * MANDATED
    }

    /// Points of the next mandated minute of a member that has so many.
    pub(crate) fn next_minute(&self, member: usize, minutes: u32) -> i64 {
        self.member_points(member, minutes + 1) - self.member_points(member, minutes)
    }
}

/// Points of a minute of a priority that is not mandated.
pub(crate) fn minute(priority: Priority) -> i64 {
    match priority {
        Priority::Mandated => MANDATED,
        Priority::Evaluation => EVALUATION,
        Priority::Consult => CONSULT,
    }
}

/// How good a timetable is, goal after goal. Greater is better.
#[derive(Debug, Clone)]
pub(crate) struct Rank {
    missing_alone: u32,
    /// Mandated minutes, and for each visit that stays as it is what moving it would have to bring.
    mandated: u64,
    /// Placed and asked mandated minutes of each member, worst served first.
    shares: Vec<(u32, u32)>,
    evaluation: u32,
    consult: u32,
    soft: i64,
}

impl Rank {
    /// The rank of a timetable under some aims.
    pub(crate) fn of(timetable: &Timetable, aims: &Aims) -> Rank {
        let placed = &timetable.mandated;
        let missing = |(member, alone): (usize, &u32)| (alone + aims.elsewhere[member]).saturating_sub(placed[member]);
        let mut shares: Vec<(u32, u32)> = (0..placed.len())
            .filter(|member| aims.fair && aims.asked[*member] > 0)
            .map(|member| (placed[member] + aims.outside[member], aims.asked[member]))
            .collect();
        shares.sort_by(compare_shares);
        Rank {
            missing_alone: aims.alone.iter().enumerate().map(missing).sum(),
            mandated: Rank::mandated_of(timetable, aims),
            shares,
            evaluation: timetable.evaluation,
            consult: timetable.consult,
            soft: timetable.soft + i64::from(timetable.kept) * KEPT_VISIT,
        }
    }

    /// Mandated minutes, with what visits that stay as they are count for.
    pub(crate) fn mandated_of(timetable: &Timetable, aims: &Aims) -> u64 {
        u64::from(timetable.mandated.iter().sum::<u32>())
            + u64::from(timetable.kept) * u64::from(aims.minutes_per_moved_visit)
    }

    /// The same, of this rank.
    pub(crate) fn mandated(&self) -> u64 {
        self.mandated
    }

    /// Whether this is better than another rank.
    pub(crate) fn beats(&self, other: &Rank) -> bool {
        let fairness = || {
            let pairs = self.shares.iter().zip(&other.shares);
            pairs.map(|(ours, theirs)| compare_shares(ours, theirs)).find(|order| order.is_ne())
        };
        let order = other
            .missing_alone
            .cmp(&self.missing_alone)
            .then(self.mandated.cmp(&other.mandated))
            .then_with(|| fairness().unwrap_or(Ordering::Equal))
            .then(self.evaluation.cmp(&other.evaluation))
            .then(self.consult.cmp(&other.consult))
            .then(self.soft.cmp(&other.soft));
        order.is_gt()
    }
}

/// Compares fractions exactly.
fn compare_shares(left: &(u32, u32), right: &(u32, u32)) -> Ordering {
    (u64::from(left.0) * u64::from(right.1)).cmp(&(u64::from(right.0) * u64::from(left.1)))
}
