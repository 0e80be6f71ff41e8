//! The hard rules of a plan by name. The same names appear in the search, in verification, in messages, tests and docs.

use std::fmt;

use serde::{Serialize, Serializer};

/// A hard rule. Its text form is [`Rule::name`]; `docs/planning-format.md` says what each one means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The specialist holds the discipline and every qualification of the request.
    OnlyQualifiedSpecialist,
    /// The visit lies inside one interval of the specialist's hours.
    VisitWithinAvailability,
    /// The visit lies inside one window of the request.
    VisitWithinWindow,
    /// A multiple of the unit, between the shortest and the longest visit of the request.
    VisitLength,
    /// At most one visit for a request a day, on at most so many days.
    OneVisitPerRequestAndDay,
    /// No more minutes than asked for.
    RequestNotExceeded,
    /// Visits of a specialist never overlap, and the drive between sites fits.
    SpecialistInOnePlace,
    /// Direct minutes of a specialist on one day.
    SpecialistDayWithinLimit,
    /// Direct minutes of a specialist in the week.
    SpecialistWeekWithinContract,
    /// Minutes that a member's specialist gives to other members.
    LendableWithinLimit,
    /// Different sites of a specialist on one day.
    SitesPerDay,
    /// A site is not left and entered again on the same day.
    NoReturnToSite,
    /// Driving minutes between sites on one day.
    TravelWithinDay,
    /// The site is near enough to the specialist's home site.
    SiteWithinReach,
    /// A long day leaves a break in the middle.
    BreakKept,
    /// A stay away from the home site is worth the drive.
    StayLongEnough,
    /// One member other than the employer gets no more than a part of a specialist's week.
    MemberShareWithinLimit,
    /// One piece of the week is left free for evaluations.
    EvaluationBlockKept,
    /// Different sites of a specialist in the week.
    SitesWithinCap,
    /// Different requests that a specialist serves.
    RequestsWithinCap,
    /// An assistant works where and when a supervisor can, and never evaluates.
    AssistantSupervised,
    /// The credential for the discipline is valid when the plan begins.
    CredentialValid,
    /// Every fixed visit is in the plan.
    FixedVisitsStand,
    /// A member that lends staff keeps at least the mandated minutes that it could place alone.
    NoLenderWorseThanAlone,
    /// The visit is given at the requesting site, or from the home site for teletherapy.
    VisitAtRequestSite,
    /// Every code of the plan exists in the instance.
    UnknownCode,
    /// The stated totals are the true totals.
    Totals,
    /// The stated shortfalls are the true shortfalls, and the causes of each add up to it.
    Shortfalls,
    /// No stated bound is below what the plan itself reaches.
    Bounds,
}

impl Rule {
    /// Every rule, in the order of the table in `docs/planning-format.md`.
    pub const ALL: [Rule; 29] = [
        Rule::OnlyQualifiedSpecialist,
        Rule::VisitWithinAvailability,
        Rule::VisitWithinWindow,
        Rule::VisitLength,
        Rule::OneVisitPerRequestAndDay,
        Rule::RequestNotExceeded,
        Rule::SpecialistInOnePlace,
        Rule::SpecialistDayWithinLimit,
        Rule::SpecialistWeekWithinContract,
        Rule::LendableWithinLimit,
        Rule::SitesPerDay,
        Rule::NoReturnToSite,
        Rule::TravelWithinDay,
        Rule::SiteWithinReach,
        Rule::BreakKept,
        Rule::StayLongEnough,
        Rule::MemberShareWithinLimit,
        Rule::EvaluationBlockKept,
        Rule::SitesWithinCap,
        Rule::RequestsWithinCap,
        Rule::AssistantSupervised,
        Rule::CredentialValid,
        Rule::FixedVisitsStand,
        Rule::NoLenderWorseThanAlone,
        Rule::VisitAtRequestSite,
        Rule::UnknownCode,
        Rule::Totals,
        Rule::Shortfalls,
        Rule::Bounds,
    ];

    /// The name used everywhere.
    pub fn name(self) -> &'static str {
        match self {
            Rule::OnlyQualifiedSpecialist => "only_qualified_specialist",
            Rule::VisitWithinAvailability => "visit_within_availability",
            Rule::VisitWithinWindow => "visit_within_window",
            Rule::VisitLength => "visit_length",
            Rule::OneVisitPerRequestAndDay => "one_visit_per_request_and_day",
            Rule::RequestNotExceeded => "request_not_exceeded",
            Rule::SpecialistInOnePlace => "specialist_in_one_place",
            Rule::SpecialistDayWithinLimit => "specialist_day_within_limit",
            Rule::SpecialistWeekWithinContract => "specialist_week_within_contract",
            Rule::LendableWithinLimit => "lendable_within_limit",
            Rule::SitesPerDay => "sites_per_day",
            Rule::NoReturnToSite => "no_return_to_site",
            Rule::TravelWithinDay => "travel_within_day",
            Rule::SiteWithinReach => "site_within_reach",
            Rule::BreakKept => "break_kept",
            Rule::StayLongEnough => "stay_long_enough",
            Rule::MemberShareWithinLimit => "member_share_within_limit",
            Rule::EvaluationBlockKept => "evaluation_block_kept",
            Rule::SitesWithinCap => "sites_within_cap",
            Rule::RequestsWithinCap => "requests_within_cap",
            Rule::AssistantSupervised => "assistant_supervised",
            Rule::CredentialValid => "credential_valid",
            Rule::FixedVisitsStand => "fixed_visits_stand",
            Rule::NoLenderWorseThanAlone => "no_lender_worse_than_alone",
            Rule::VisitAtRequestSite => "visit_at_request_site",
            Rule::UnknownCode => "unknown_code",
            Rule::Totals => "totals",
            Rule::Shortfalls => "shortfalls",
            Rule::Bounds => "bounds",
        }
    }

    /// The rule of a name.
    pub fn named(name: &str) -> Option<Rule> {
        Rule::ALL.into_iter().find(|rule| rule.name() == name)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
