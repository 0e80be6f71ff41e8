//! Sentences that must be asked about, and sentences that must not.

use super::*;

fn known() -> KnownWords {
    let mut known = KnownWords::default();
    for name in [
        "Keisha Brown",
        "Ruth Beech",
        "Ana Alvarez-Lee",
        "KIPP Victory Academy",
        "Lafayette Prep",
        "Gateway Science Academy",
        "Martin Luther King Elementary",
        "Normandy Schools Collaborative",
        "Gateway Therapy",
    ] {
        known.add(name);
    }
    known
}

#[test]
fn what_may_name_a_child_is_asked_about() {
    let known = known();
    for text in [
        "student Jordan needs more",
        "For Student Tyvon",
        "the child Makenzy moved away",
        "her daughter Lizbet",
        "Jordan Smith needs a longer visit",
        "Declined because Jordan moved",
        "jordan's teacher asked, Jordan is away on Fridays",
        "Please see Tyrell Washington first",
        "Talk to Shanice Whitlow's mother",
        "Same group as Zyaire Bonds",
        "Aaliyah is ready for discharge",
        "We wait for the report of Noah",
        "Mateo García",
        "twin Xiomara comes too",
        "DeShawn Prewitt starts in January",
        "J.S. needs 30 minutes",
        "for J. S. only",
        "T.W.'s IEP is not signed",
        "(M.K.) has moved",
        "initials A.B.C.",
        "DOB 3/4/2017",
        "born 2016-05-12",
        "d.o.b. unknown",
        "date of birth missing",
        "an 8 year old with autism",
        "a nine-year-old",
        "born on a Monday",
        "6/11/15 in the file",
        "MOSIS 1234567890",
        "ID 123456789 is not enrolled",
        "SSN 123-45-6789",
        "number 9876543210 in the system",
        "Case Devonte was closed",
        "pupil Imogen",
        "Keisha Tolliver is not staff: Emma is meant",
        "Sibling of Malik",
        "Not for Brayden, he left",
        "scholar Quanisha",
        "Meet Lakesha Odom on Tuesday",
        "moved to O'Fallon with Sophia",
        "Anh Nguyen has graduated",
        "ask for Isaiah",
        "JORDAN needs speech",
        "Wesley Wilson has moved",
    ] {
        assert!(likely_child(text, &known).is_some(), "{text}");
    }
}

#[test]
fn what_names_no_child_is_not() {
    let known = known();
    for text in [
        "",
        "No",
        "Too late for this term",
        "Ask again in August",
        "Speech specialist, half time",
        "Occupational Therapy",
        "We have no Speech Therapist on Mondays",
        "Keisha Brown has no hours left",
        "Ruth Beech's week is full",
        "Ask Ruth Beech or Ana Alvarez-Lee",
        "Martin Luther King Elementary is closed on Friday",
        "KIPP Victory Academy asked twice",
        "Duplicate of SR-2026-0042",
        "SR-2026-0042 and SR-2026-0043 are the same",
        "PLAN-2026-0001 from 2027-01-04 to 2027-05-28",
        "until 1/4/2027",
        "from 8:00 to 9:15 a.m.",
        "$1,234.50 a week",
        "30 to 60 minutes, 2 visits a week",
        "call 314-555-0142",
        "314-555-0142 or 636-555-0199",
        "The IEP does not ask for it",
        "The IEP team must meet first",
        "U.S. history has no therapy",
        "SLP-05 cannot drive to B-1",
        "Spanish Speaking therapist is missing",
        "Normandy Schools Collaborative pays",
        "Please Wait",
        "All students of the school are seen",
        "The student moved away",
        "The child is served elsewhere",
        "two students in one group",
        "case load is full",
        "Gateway Therapy sends nobody before March",
        "Longer visits at Lafayette Prep",
        "No room on Monday and Wednesday",
        "St. Louis County",
        "New Year",
        "BCBA hours are used up",
        "School is closed during Spring break",
        "Half day on Tuesdays only",
        "MO 63101",
        "Export for finance",
        "10 years of data",
        "Labor Day",
        "Closed on Labor Day and Veterans Day",
        "Thanksgiving Break begins on Wednesday",
        "Presidents Day",
        "Martin Luther King Day",
        "Closed from Christmas Eve to New Year's Day",
        "Needs American Sign Language",
        "Assistive Technology",
        "Early Childhood Special Education",
        "Wilson Reading twice a week",
        "First Steps hands over in May",
        "By Google Meet",
        "Parent Teacher Conferences",
    ] {
        assert_eq!(likely_child(text, &known), None, "{text}");
    }
}

#[test]
fn odd_text_is_no_trouble() {
    for text in ["'", "...", "’s", "É", "ß ß", "--- / .", "\u{202e}Jordan", "🙂 Jordan"] {
        let _ = likely_child(text, &KnownWords::default());
    }
}
