//! Licences and certificates: until when a specialist may practise a discipline. Numbers are not kept; nothing needs them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::{Period, check_period};
use super::fault::{Fault, Faults};
use super::ids::{CredentialId, SpecialistId};
use super::text::{check_code, shortened};

/// How many days ahead people are told that a credential ends.
pub const WARNING_DAYS: [i64; 3] = [90, 30, 7];

/// What a credential is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// A state's licence, a provisional one as well.
    License,
    /// A certificate, of a department of education or a professional body.
    Certificate,
    /// A registration, as of assistants.
    Registration,
}

impl CredentialKind {
    /// In a sentence.
    pub fn word(self) -> &'static str {
        match self {
            CredentialKind::License => "license",
            CredentialKind::Certificate => "certificate",
            CredentialKind::Registration => "registration",
        }
    }
}

/// What can be entered about a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CredentialFields {
    /// For which discipline; one that the specialist holds.
    #[schema(example = "SLP", min_length = 1, max_length = 32)]
    pub discipline: String,
    /// What it is.
    pub kind: CredentialKind,
    /// Code of the body that issued it. A renewal has the same.
    #[schema(example = "MO-BHA", min_length = 1, max_length = 32)]
    pub issuer: String,
    /// For which state, by its two letters.
    #[schema(example = "MO", pattern = "^[A-Z]{2}$")]
    #[serde(default)]
    pub us_state: Option<String>,
    /// First day it is valid.
    pub valid_from: NaiveDate,
    /// First day it is no longer valid.
    #[serde(default)]
    pub valid_until: Option<NaiveDate>,
}

impl CredentialFields {
    /// Every fault of the entries.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        check_code(&mut faults, "/discipline", &self.discipline);
        check_code(&mut faults, "/issuer", &self.issuer);
        if let Some(state) = &self.us_state {
            let fits = state.len() == 2 && state.bytes().all(|letter| letter.is_ascii_uppercase());
            faults.require(fits, "/us_state", || {
                format!("\"{}\" is not a state; write its two capital letters, like MO", shortened(state))
            });
        }
        check_period(&mut faults, "/valid_until", self.valid_from, self.valid_until);
        faults.into_vec()
    }

    /// When it is valid.
    pub fn period(&self) -> Period {
        Period { from: self.valid_from, until: self.valid_until }
    }

    /// Whether the other one is of the same kind from the same body, so that one can renew the other.
    pub fn is_like(&self, other: &CredentialFields) -> bool {
        (self.kind, &self.issuer, &self.discipline) == (other.kind, &other.issuer, &other.discipline)
    }
}

/// A licence or certificate of a specialist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Credential {
    /// Identity.
    pub id: CredentialId,
    /// Whose.
    pub specialist_id: SpecialistId,
    /// What was entered.
    #[serde(flatten)]
    pub fields: CredentialFields,
    /// Goes up with each change; the ETag.
    pub version: i64,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// How a specialist stands in a discipline on a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is entered, and the co-op does not ask for it.
    NotOnFile,
    /// All that is entered is valid.
    Valid {
        /// The first day on which that is over, if it ends.
        until: Option<NaiveDate>,
    },
    /// Something that is entered is not valid.
    NotValid {
        /// Since when, if it was valid before.
        since: Option<NaiveDate>,
    },
    /// Nothing is entered, and the co-op asks for it.
    Missing,
}

impl Standing {
    /// Whether visits may be given.
    pub fn allows(self) -> bool {
        matches!(self, Standing::NotOnFile | Standing::Valid { .. })
    }
}

/// How a specialist stands in one of the disciplines held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DisciplineStanding {
    /// The discipline.
    pub discipline: String,
    /// How they stand today.
    pub standing: StandingWord,
    /// The first day on which a valid credential is no longer valid, if it ends.
    pub until: Option<NaiveDate>,
    /// Since when it is not valid, if it was valid before.
    pub since: Option<NaiveDate>,
}

/// How a specialist stands, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StandingWord {
    /// Nothing is entered, and the co-op does not ask for it.
    NotOnFile,
    /// All that is entered is valid.
    Valid,
    /// Something that is entered is not valid.
    NotValid,
    /// Nothing is entered, and the co-op asks for it.
    Missing,
}

impl DisciplineStanding {
    /// Told as the API tells it.
    pub fn new(discipline: String, standing: Standing) -> DisciplineStanding {
        let (standing, until, since) = match standing {
            Standing::NotOnFile => (StandingWord::NotOnFile, None, None),
            Standing::Valid { until } => (StandingWord::Valid, until, None),
            Standing::NotValid { since } => (StandingWord::NotValid, None, since),
            Standing::Missing => (StandingWord::Missing, None, None),
        };
        DisciplineStanding { discipline, standing, until, since }
    }
}

/// A credential that ends, with whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EndingCredential {
    /// The credential.
    #[serde(flatten)]
    pub credential: Credential,
    /// Code of the specialist.
    pub specialist_code: String,
    /// Name of the specialist.
    pub specialist_name: String,
    /// Whether another of the kind from the same body follows without a gap.
    pub renewed: bool,
}

/// Everything on file, and what the co-op asks for.
#[derive(Debug, Clone, Default)]
pub struct OnFile {
    credentials: HashMap<SpecialistId, Vec<CredentialFields>>,
    required: BTreeSet<String>,
}

impl OnFile {
    /// From all credentials and the disciplines for which one is required.
    pub fn new(all: impl IntoIterator<Item = Credential>, required: BTreeSet<String>) -> OnFile {
        let mut credentials: HashMap<SpecialistId, Vec<CredentialFields>> = HashMap::new();
        for one in all {
            credentials.entry(one.specialist_id).or_default().push(one.fields);
        }
        OnFile { credentials, required }
    }

    /// How a specialist stands in a discipline on a date. Each kind from each body must be valid; a renewal follows on.
    /// What no longer counts is taken off the file.
    pub fn standing(&self, specialist: SpecialistId, discipline: &str, date: NaiveDate) -> Standing {
        let mut groups: BTreeMap<(CredentialKind, &str), Vec<Period>> = BTreeMap::new();
        for one in self.credentials.get(&specialist).into_iter().flatten().filter(|one| one.discipline == discipline) {
            groups.entry((one.kind, &one.issuer)).or_default().push(one.period());
        }
        if groups.is_empty() {
            let required = self.required.contains(discipline);
            return if required { Standing::Missing } else { Standing::NotOnFile };
        }
        let mut until: Option<NaiveDate> = None;
        for periods in groups.values_mut() {
            periods.sort_unstable();
            match valid_until(periods, date) {
                Ok(end) => until = [until, end].into_iter().flatten().min(),
                Err(since) => return Standing::NotValid { since },
            }
        }
        Standing::Valid { until }
    }

    /// Whether another credential like this one is valid on the day on which it ends.
    pub fn is_renewed(&self, specialist: SpecialistId, fields: &CredentialFields) -> bool {
        let Some(end) = fields.valid_until else { return false };
        let mut all = self.credentials.get(&specialist).into_iter().flatten();
        all.any(|other| other.is_like(fields) && other.period().contains(end))
    }
}

/// The first day after `date` that no period holds, the periods joined where they meet. When `date` itself is in none:
/// the last end before it.
fn valid_until(sorted: &[Period], date: NaiveDate) -> Result<Option<NaiveDate>, Option<NaiveDate>> {
    if !sorted.iter().any(|period| period.contains(date)) {
        return Err(sorted.iter().filter_map(|period| period.until).filter(|until| *until <= date).max());
    }
    let mut end = date + TimeDelta::days(1);
    for period in sorted.iter().filter(|period| period.until.is_none_or(|until| until > date)) {
        if period.from <= end {
            match period.until {
                None => return Ok(None),
                Some(until) => end = end.max(until),
            }
        }
    }
    Ok(Some(end))
}

/// The warning that is due on a date for a credential that ends on `until`, in days ahead: the last step that is reached.
/// None once it has ended.
pub fn warning_due(until: NaiveDate, today: NaiveDate) -> Option<i64> {
    let left = (until - today).num_days();
    if left <= 0 {
        return None;
    }
    WARNING_DAYS.into_iter().filter(|step| left <= *step).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn license(issuer: &str, from: &str, until: Option<&str>) -> Credential {
        Credential {
            id: CredentialId::new(),
            specialist_id: SpecialistId(uuid::Uuid::nil()),
            fields: CredentialFields {
                discipline: "SLP".to_owned(),
                kind: CredentialKind::License,
                issuer: issuer.to_owned(),
                us_state: None,
                valid_from: day(from),
                valid_until: until.map(day),
            },
            version: 1,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn standing(all: &[Credential], date: &str) -> Standing {
        OnFile::new(all.to_vec(), BTreeSet::new()).standing(SpecialistId(uuid::Uuid::nil()), "SLP", day(date))
    }

    #[test]
    fn the_day_until_is_the_first_day_outside_and_a_renewal_follows_on() {
        let first = license("MO-BHA", "2025-02-01", Some("2027-02-01"));
        let alone = [first.clone()];
        assert_eq!(standing(&alone, "2027-01-31"), Standing::Valid { until: Some(day("2027-02-01")) });
        assert_eq!(standing(&alone, "2027-02-01"), Standing::NotValid { since: Some(day("2027-02-01")) });
        assert_eq!(standing(&alone, "2025-01-31"), Standing::NotValid { since: None });
        let renewed = [license("MO-BHA", "2027-02-01", None), first.clone()];
        assert_eq!(standing(&renewed, "2027-01-31"), Standing::Valid { until: None });
        let gap = [license("MO-BHA", "2027-02-02", None), first];
        assert_eq!(standing(&gap, "2027-01-31"), Standing::Valid { until: Some(day("2027-02-01")) });
        assert_eq!(standing(&gap, "2027-02-01"), Standing::NotValid { since: Some(day("2027-02-01")) });
    }

    #[test]
    fn every_kind_and_body_on_file_must_be_valid_and_none_is_allowed_unless_required() {
        let both = [license("MO-BHA", "2025-02-01", None), license("ASHA", "2025-02-01", Some("2027-03-01"))];
        assert_eq!(standing(&both, "2027-02-01"), Standing::Valid { until: Some(day("2027-03-01")) });
        assert!(!standing(&both, "2027-03-01").allows());
        assert_eq!(standing(&[], "2027-03-01"), Standing::NotOnFile);
        let asked = OnFile::new([], BTreeSet::from(["SLP".to_owned()]));
        let nobody = SpecialistId(uuid::Uuid::nil());
        assert_eq!(asked.standing(nobody, "SLP", day("2027-03-01")), Standing::Missing);
        assert_eq!(asked.standing(nobody, "OT", day("2027-03-01")), Standing::NotOnFile);
    }

    #[test]
    fn a_warning_is_due_at_each_step_and_never_after_the_end() {
        let due = |today: &str| warning_due(day("2027-04-01"), day(today));
        assert_eq!(due("2026-12-31"), None);
        assert_eq!(due("2027-01-01"), Some(90));
        assert_eq!(due("2027-03-01"), Some(90));
        assert_eq!(due("2027-03-02"), Some(30));
        assert_eq!(due("2027-03-25"), Some(7));
        assert_eq!(due("2027-03-31"), Some(7));
        assert_eq!(due("2027-04-01"), None);
    }
}
