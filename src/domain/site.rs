//! Sites: the campuses of a member.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::check_period;
use super::fault::{Fault, Faults};
use super::ids::{MemberId, SiteId};
use super::text::{check_code, check_line, check_name};

/// What can be entered about a site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteFields {
    /// The member it belongs to; fixed once entered.
    pub member_id: MemberId,
    /// Short code, unique in the co-op.
    #[schema(example = "KIPP-VIC", min_length = 1, max_length = 32)]
    pub code: String,
    /// Name of the campus.
    #[schema(example = "KIPP Victory", min_length = 1, max_length = 120)]
    pub name: String,
    /// Street address.
    #[schema(max_length = 120)]
    #[serde(default)]
    pub address: String,
    /// Degrees north.
    #[schema(minimum = -90, maximum = 90)]
    #[serde(default)]
    pub latitude: Option<f64>,
    /// Degrees east (negative in the Americas).
    #[schema(minimum = -180, maximum = 180)]
    #[serde(default)]
    pub longitude: Option<f64>,
    /// Where the coordinates come from, for example "geocoded from the address".
    #[schema(max_length = 120)]
    #[serde(default)]
    pub coordinates_source: String,
    /// First day the site is open.
    pub open_from: NaiveDate,
    /// First day it is closed for good, once it is known.
    #[serde(default)]
    pub open_until: Option<NaiveDate>,
}

impl SiteFields {
    /// Every fault of the entries.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        check_code(&mut faults, "/code", &self.code);
        check_name(&mut faults, "/name", &self.name);
        check_line(&mut faults, "/address", &self.address);
        check_line(&mut faults, "/coordinates_source", &self.coordinates_source);
        check_period(&mut faults, "/open_until", self.open_from, self.open_until);
        let inside = |value: Option<f64>, limit: f64| value.is_none_or(|degrees| degrees.abs() <= limit);
        faults.require(inside(self.latitude, 90.0), "/latitude", || "Write degrees from -90 to 90".to_owned());
        faults.require(inside(self.longitude, 180.0), "/longitude", || "Write degrees from -180 to 180".to_owned());
        faults.require(self.latitude.is_some() == self.longitude.is_some(), "/longitude", || {
            "Write both latitude and longitude, or neither".to_owned()
        });
        faults.into_vec()
    }
}

/// A campus of a member.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Site {
    /// Identity.
    pub id: SiteId,
    /// What was entered.
    #[serde(flatten)]
    pub fields: SiteFields,
    /// Goes up with each change; the ETag.
    pub version: i64,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}
