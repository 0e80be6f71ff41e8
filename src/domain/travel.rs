//! Travel between sites.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::{Fault, Faults};
use super::ids::SiteId;
use super::text::check_range;

/// How long and how far one site is from another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TravelFields {
    /// Door to door, in minutes.
    #[schema(minimum = 0, maximum = 480)]
    pub minutes: i64,
    /// Distance in hundredths of a mile, so that money is computed from a whole number.
    #[schema(minimum = 0, maximum = 100_000)]
    pub miles_hundredths: i64,
    /// Whether this was estimated from coordinates rather than measured.
    #[serde(default)]
    pub estimated: bool,
}

impl TravelFields {
    /// Every fault of the entries.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        check_range(&mut faults, "/minutes", self.minutes, "minutes", 0..=480);
        check_range(&mut faults, "/miles_hundredths", self.miles_hundredths, "hundredths of a mile", 0..=100_000);
        faults.into_vec()
    }
}

/// Travel from one site to another; each direction is entered on its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Travel {
    /// Where the drive begins.
    pub from_site_id: SiteId,
    /// Where it ends.
    pub to_site_id: SiteId,
    /// What was entered.
    #[serde(flatten)]
    pub fields: TravelFields,
}
