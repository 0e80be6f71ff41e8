//! Travel estimated from coordinates.

use coop_scheduler::intake::estimate::{Coordinates, Estimate, Settings, estimate};

fn place(latitude: f64, longitude: f64) -> Coordinates {
    Coordinates::from_degrees(latitude, longitude)
}

#[test]
fn one_degree_of_latitude() {
    // 6371.0088 km * pi / 180 = 111.1951 km = 69.0934 miles on the sphere; road factor 1.35 makes 93.28.
    let drive = estimate(place(38.0, -90.0), place(39.0, -90.0), &Settings::default());
    assert_eq!(drive.miles_hundredths, 9_328);
    // 93.28 miles at 25 mph are 223.872 minutes; with the fixed 5 that is 228.872, rounded up to 230.
    assert_eq!(drive.minutes, 230);
}

#[test]
fn a_parallel_is_shorter_than_a_meridian() {
    let plain = Settings { road_factor_basis_points: 10_000, ..Settings::default() };
    // On the equator a degree is as long as a meridian's; at 60 degrees north it is half as long.
    assert_eq!(estimate(place(0.0, 0.0), place(0.0, 1.0), &plain).miles_hundredths, 6_909);
    let half = estimate(place(60.0, 0.0), place(60.0, 1.0), &plain).miles_hundredths;
    assert!((3_452..=3_456).contains(&half), "{half}");
}

#[test]
fn the_same_place_still_takes_the_fixed_minutes() {
    let here = place(38.62009, -90.25539);
    assert_eq!(estimate(here, here, &Settings::default()), Estimate { minutes: 5, miles_hundredths: 0 });
}

#[test]
fn the_way_back_is_the_same_and_the_ends_of_the_earth_are_finite() {
    let (a, b) = (place(38.62009, -90.25539), place(38.6905, -90.2515));
    assert_eq!(estimate(a, b, &Settings::default()), estimate(b, a, &Settings::default()));
    let antipodes = estimate(place(90.0, 0.0), place(-90.0, 0.0), &Settings::default());
    // Half the circumference: pi * 6371.0088 km = 12,436.82 miles, times 1.35.
    assert_eq!(antipodes.miles_hundredths, 1_678_970);
}

#[test]
fn the_assumptions_are_settings() {
    let (a, b) = (place(38.0, -90.0), place(39.0, -90.0));
    let slow = Settings { road_factor_basis_points: 10_000, miles_per_hour: 60, fixed_minutes: 0 };
    // 69.09 miles at a mile a minute.
    assert_eq!(estimate(a, b, &slow), Estimate { minutes: 70, miles_hundredths: 6_909 });
}
