//! Travel between two sites estimated from their coordinates, for pairs that nobody has driven and timed.
//!
//! distance = great circle × road factor; time = fixed minutes + distance ÷ speed, rounded up to five minutes.
//!
//! The great circle is the haversine formula on a sphere of the Earth's mean radius, 6371.0088 km (IUGG). The road
//! factor, the speed and the fixed minutes are *assumptions* for city streets, not measurements; every result is
//! marked as estimated, and a row in `travel.csv` replaces it.

/// The Earth's mean radius (IUGG: (2a + b) / 3 of the GRS 80 ellipsoid).
const EARTH_RADIUS_KILOMETERS: f64 = 6_371.008_8;
/// The international mile.
const KILOMETERS_PER_MILE: f64 = 1.609_344;
/// Estimated times are multiples of this.
const STEP_MINUTES: i64 = 5;

/// A place, in millionths of a degree: about 11 cm, and equal places are equal values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coordinates {
    /// North of the equator.
    pub latitude_microdegrees: i64,
    /// East of Greenwich; negative in America.
    pub longitude_microdegrees: i64,
}

impl Coordinates {
    /// The place of degrees as the database has them; rounded to a millionth.
    pub fn from_degrees(latitude: f64, longitude: f64) -> Coordinates {
        let microdegrees = |degrees: f64| (degrees * 1_000_000.0).round() as i64;
        Coordinates { latitude_microdegrees: microdegrees(latitude), longitude_microdegrees: microdegrees(longitude) }
    }

    /// Degrees north and east.
    pub fn degrees(self) -> (f64, f64) {
        (self.latitude_microdegrees as f64 / 1_000_000.0, self.longitude_microdegrees as f64 / 1_000_000.0)
    }
}

/// The assumptions of an estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How much longer the road is than the great circle, in hundredths of a percent; 13,500 is a factor of 1.35.
    pub road_factor_basis_points: i64,
    /// Average speed on the road, in miles per hour; at least 1.
    pub miles_per_hour: i64,
    /// Minutes for parking and walking on every drive.
    pub fixed_minutes: i64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { road_factor_basis_points: 13_500, miles_per_hour: 25, fixed_minutes: 5 }
    }
}

/// An estimated drive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// Minutes from door to door, a multiple of five.
    pub minutes: i64,
    /// Hundredths of a mile on the road.
    pub miles_hundredths: i64,
}

/// Estimates the drive between two places. The same both ways.
pub fn estimate(from: Coordinates, to: Coordinates, settings: &Settings) -> Estimate {
    let road_factor = settings.road_factor_basis_points as f64 / 10_000.0;
    let miles = great_circle_kilometers(from, to) * road_factor / KILOMETERS_PER_MILE;
    let miles_hundredths = (miles * 100.0).round() as i64;
    // From here on in whole numbers: minutes * 100 * speed, so that nothing is rounded before the last step.
    let scale = 100 * settings.miles_per_hour.max(1);
    let scaled_minutes = settings.fixed_minutes * scale + miles_hundredths * 60;
    let step = STEP_MINUTES * scale;
    let minutes = (scaled_minutes + step - 1) / step * STEP_MINUTES;
    Estimate { minutes: minutes.max(STEP_MINUTES), miles_hundredths }
}

/// Distance on the sphere, by the haversine formula, which is exact enough for short distances too.
fn great_circle_kilometers(from: Coordinates, to: Coordinates) -> f64 {
    let radians = |place: Coordinates| (place.degrees().0.to_radians(), place.degrees().1.to_radians());
    let ((from_latitude, from_longitude), (to_latitude, to_longitude)) = (radians(from), radians(to));
    let (latitudes, longitudes) = (to_latitude - from_latitude, to_longitude - from_longitude);
    let half_chord_squared =
        (latitudes / 2.0).sin().powi(2) + from_latitude.cos() * to_latitude.cos() * (longitudes / 2.0).sin().powi(2);
    // Rounding may push the sine of antipodes a hair above 1.
    2.0 * EARTH_RADIUS_KILOMETERS * half_chord_squared.sqrt().min(1.0).asin()
}
