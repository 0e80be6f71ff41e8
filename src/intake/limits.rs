//! How large a file or a figure may be.
//!
//! The figures are the limits of the domain (`SiteFields::check` and its like), so that what is read here can be stored.

use std::ops::RangeInclusive;

/// Bytes of one file.
pub const FILE_BYTES_MAX: usize = 1024 * 1024;
/// Rows of one file, without the header.
pub const FILE_ROWS_MAX: usize = 5_000;

/// Years in which a date may lie.
pub const YEARS: RangeInclusive<i32> = 2000..=2100;
/// Latitude in millionths of a degree.
pub const LATITUDE_MICRODEGREES: RangeInclusive<i64> = -90_000_000..=90_000_000;
/// Longitude in millionths of a degree.
pub const LONGITUDE_MICRODEGREES: RangeInclusive<i64> = -180_000_000..=180_000_000;
/// Cost of a specialist in cents per hour: up to $1,000.00.
pub const COST_CENTS_PER_HOUR: RangeInclusive<i64> = 0..=100_000;
/// Direct minutes of a specialist in a week: up to 50 hours.
pub const DIRECT_MINUTES_PER_WEEK: RangeInclusive<i64> = 0..=3_000;
/// Direct minutes of a specialist in a day: up to 12 hours.
pub const DIRECT_MINUTES_PER_DAY: RangeInclusive<i64> = 0..=720;
/// Minutes of a specialist in a week for other members than its employer.
pub const LENDABLE_MINUTES_PER_WEEK: RangeInclusive<i64> = 0..=3_000;
/// Sites of a specialist in a day.
pub const SITES_PER_DAY: RangeInclusive<i64> = 1..=10;
/// Travel minutes of a specialist in a day.
pub const TRAVEL_MINUTES_PER_DAY: RangeInclusive<i64> = 0..=480;
/// Travel minutes from a specialist's home site to the furthest site.
pub const REACH_MINUTES: RangeInclusive<i64> = 0..=480;
/// Length of a specialist's break.
pub const BREAK_MINUTES: RangeInclusive<i64> = 0..=120;
/// Minutes a week that stay free in one piece for evaluations.
pub const EVALUATION_BLOCK_MINUTES: RangeInclusive<i64> = 0..=600;
/// Travel minutes between two sites.
pub const TRAVEL_MINUTES: RangeInclusive<i64> = 0..=480;
/// Hundredths of a mile between two sites: up to 1,000 miles.
pub const TRAVEL_MILES_HUNDREDTHS: RangeInclusive<i64> = 0..=100_000;
/// Minutes of a request in a week: up to 50 hours.
pub const REQUEST_MINUTES_PER_WEEK: RangeInclusive<i64> = 15..=3_000;
/// Days a week on which a request may be visited.
pub const VISITS_PER_WEEK: RangeInclusive<i64> = 1..=7;
/// Length of a visit.
pub const VISIT_MINUTES: RangeInclusive<i64> = 15..=360;
