//! Does a sentence name a student? A guess, made before it is stored: whoever wrote it can say that it does not.
//!
//! Nothing here knows any student. What looks like a name and is not one of the words that the co-op itself uses (staff,
//! sites, members, the trade) is asked about; so are initials, dates of birth and numbers of the length of a student's.

use std::collections::BTreeSet;

/// Words that stand before a name, or in its place.
const ABOUT_A_CHILD: [&str; 16] = [
    "student", "pupil", "child", "kid", "boy", "girl", "client", "learner", "son", "daughter", "brother", "sister",
    "twin", "kiddo", "scholar", "case",
];

/// First names that are given often, without those that are usual words or the months.
const FIRST_NAMES: &str = "aaliyah aaron abigail adam addison aiden alejandro alex alexander alexis alyssa amelia amir \
    ana andre andrea andrew angel anna anthony antonio aria ariana asher ashley aubrey austin ava avery bella benjamin \
    brandon brayden brian brianna brittany caleb cameron camila carlos carter charlotte chloe christian christopher \
    claire cody connor daniel danielle darius david deandre demetrius destiny diego dominic dylan ebony edward eli elijah \
    elizabeth ella emily emma eric ethan evan evelyn fatima gabriel gabriella gavin giovanni hailey hannah harper hassan \
    henry ian imani isaac isabella isaiah ivan jack jackson jacob jada jaden jalen jamal james jasmine jason javier jayden \
    jaylen jeremiah jeremy jessica jesus john jonathan jordan jorge jose joseph joshua juan julia julian justin kaitlyn \
    kayla keisha kennedy kevin kiara kyle kylie landon latoya laura lauren layla leah leo liam lillian logan lucas lucy \
    luis luke luna madeline madison malik marcus maria mariah marquis mateo matthew maya megan mia micah michael miguel \
    mila mohammed monique morgan muhammad natalie nathan nathaniel nevaeh nia nicholas nicole noah nora olivia omar oscar \
    owen paige patrick peyton precious quinn rachel rebecca riley robert ryan samantha samuel santiago sara sarah savannah \
    sean sebastian shaniqua sofia sophia stephanie stella steven sydney tanisha taylor terrence thomas tiana timothy \
    trevon trevor trinity tyler tyrone valeria vanessa victoria vincent william wyatt xavier yasmin zachary zoe zoey";

/// Capitalised words of the trade and of sentences that are no names.
const USUAL: &str = "a after all also an and any april are as ask at august autumn be because before board both but by \
    can central charter children city co-op closed community contact county december department detroit district during \
    each early east education elementary english evaluation every fall february for friday from full half hall have help high \
    home hours how iep if in is it january join july june kansas kindergarten language learning leave lighthouse longer \
    louis main march may middle missouri monday more most move mr mrs ms must new no north not november occupational \
    october office on one only open or our physical plan plans please preschool primary program public pull push request \
    requests room saint saturday school schools schedule second see september service services short shorter site south \
    spanish speech specialist spring st start stay street summer sunday teacher teachers term thank that the then there \
    therapist therapists therapy these they third this three thursday to too transport tuesday two until use video visit \
    visits wait we wednesday week weeks west when where why winter with work year you \
    american assistive childhood columbus conference day days dr fasting google holiday holidays independence indigenous \
    juneteenth labor literacy meet memorial parent parents conferences patriots peoples phonics president presidents \
    professional reading recovery sign special steps technology testing thanksgiving veteran veterans workshop years \
    zoom first break intersession";

/// Holidays and programs that are called like people.
const CALLED_LIKE_PEOPLE: [&str; 4] = ["Martin Luther King", "Christmas Eve", "New Year's Eve", "Wilson Reading"];

/// What is known not to be a student.
#[derive(Debug, Clone, Default)]
pub struct KnownWords(BTreeSet<String>);

impl KnownWords {
    /// Takes every word of a name or another text of the co-op's own.
    pub fn add(&mut self, text: &str) {
        self.0.extend(words(text).map(|word| plain(word.text)));
    }

    fn knows(&self, word: &str) -> bool {
        self.0.contains(word) || USUAL.split_whitespace().any(|usual| usual == word)
    }
}

/// A word and what stands right before it.
#[derive(Debug, Clone, Copy)]
struct Word<'a> {
    text: &'a str,
    /// Whether something other than one blank stands before it, such as a comma or the beginning.
    is_apart: bool,
    /// Whether it begins a sentence.
    is_first: bool,
}

fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '\'' | '’' | '-' | '.' | '/' | '&');
    let mut rest = text;
    let mut is_begun = false;
    let mut ended = true;
    std::iter::from_fn(move || {
        let start = rest.find(is_part)?;
        let gap = &rest[..start];
        let end = rest[start..].find(|letter| !is_part(letter)).map_or(rest.len(), |length| start + length);
        let found = &rest[start..end];
        rest = &rest[end..];
        let is_first = !is_begun || ended || gap.contains(['!', '?', ':', ';']);
        let is_apart = is_first || gap != " ";
        is_begun = true;
        ended = found.ends_with('.') && found.matches('.').count() == 1 && found.len() > 3;
        Some(Word { text: found.trim_matches(['\'', '’', '-', '.', '/']), is_apart, is_first })
    })
    .filter(|word| !word.text.is_empty())
}

/// In small letters, without a possessive.
fn plain(word: &str) -> String {
    let small = word.to_lowercase();
    let bare = small.strip_suffix("'s").or_else(|| small.strip_suffix("’s"));
    bare.unwrap_or(&small).trim_end_matches(['\'', '’']).to_owned()
}

/// `Jordan`, not `IEP`, `SLP-05` or `jordan`.
fn is_capitalised(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_uppercase)
        && letters.clone().any(char::is_lowercase)
        && word.chars().all(|letter| letter.is_alphabetic() || matches!(letter, '\'' | '’' | '-' | '.'))
}

/// What looks like a student, with the words that say how to write it instead; nothing when nothing does.
pub fn likely_child(text: &str, known: &KnownWords) -> Option<String> {
    let rest = CALLED_LIKE_PEOPLE.iter().fold(text.to_owned(), |text, phrase| text.replace(phrase, ","));
    let found = number(text).or_else(|| initials(text)).or_else(|| birth(text)).or_else(|| name(&rest, known))?;
    Some(format!(
        "\"{found}\" may tell who a student is; write what the school needs without it, such as \"the request for \
         speech on Mondays\""
    ))
}

/// A run of 9 or 10 digits, as a student's or a social security number has.
fn number(text: &str) -> Option<String> {
    let is_part = |letter: char| letter.is_ascii_digit() || letter == '-';
    let runs = text.split(|letter: char| !is_part(letter));
    let digits = |run: &str| run.bytes().filter(u8::is_ascii_digit).count();
    // A telephone number of staff has ten digits in groups.
    let is_phone = |run: &str| digits(run) == 10 && run.contains('-');
    runs.map(|run| run.trim_matches('-')).find(|run| matches!(digits(run), 9 | 10) && !is_phone(run)).map(str::to_owned)
}

/// `J.S.` or `J. S.`
fn initials(text: &str) -> Option<String> {
    let is_initial = |word: &str| {
        let mut letters = word.chars();
        letters.next().is_some_and(char::is_uppercase) && letters.next() == Some('.') && letters.next().is_none()
    };
    let parts: Vec<&str> = text.split([' ', ',', '(', ')', ';', ':']).filter(|part| !part.is_empty()).collect();
    for (index, part) in parts.iter().enumerate() {
        let bare = part.strip_suffix("'s").or_else(|| part.strip_suffix("’s")).unwrap_or(part);
        let letters: Vec<&str> = bare.split('.').filter(|piece| !piece.is_empty()).collect();
        let is_one_letter = |piece: &&str| piece.chars().count() == 1 && piece.chars().all(char::is_uppercase);
        // U.S. is a country; a.m. is small.
        let is_run = bare.contains('.') && (2..=3).contains(&letters.len()) && letters.iter().all(is_one_letter);
        if is_run && !["U.S", "U.S.", "D.C", "D.C."].contains(&bare) {
            return Some(bare.to_owned());
        }
        if is_initial(part) && parts.get(index + 1).is_some_and(|next| is_initial(next)) {
            return Some(format!("{part} {}", parts[index + 1]));
        }
    }
    None
}

/// A birthday: a word for it, or a date far in the past.
fn birth(text: &str) -> Option<String> {
    let small = text.to_lowercase();
    for mark in [
        "dob",
        "d.o.b",
        "date of birth",
        "birthday",
        "birth date",
        "born on",
        "born in",
        "years old",
        "year-old",
        "year old",
    ] {
        let at = small.match_indices(mark).find(|(at, _)| {
            let before = small[..*at].chars().next_back();
            let after = small[at + mark.len()..].chars().next();
            !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphabetic)
        });
        if at.is_some() {
            return Some(mark.to_owned());
        }
    }
    let is_part = |letter: char| letter.is_ascii_digit() || letter == '/' || letter == '-' || letter == '.';
    text.split(|letter: char| !is_part(letter)).find(|run| is_birth_date(run)).map(str::to_owned)
}

/// A whole date of a year in which students of today were born.
fn is_birth_date(run: &str) -> bool {
    let numbers: Vec<&str> = run.trim_matches(['.', '-', '/']).split(['/', '-', '.']).collect();
    let [first, second, third] = numbers[..] else { return false };
    let year = if first.len() == 4 { first } else { third };
    let others = if first.len() == 4 { [second, third] } else { [first, second] };
    let is_short = others.iter().all(|part| (1..=2).contains(&part.len()));
    match (year.len(), year.parse::<i64>()) {
        (4, Ok(year)) => is_short && (2000..=2024).contains(&year),
        (2, Ok(year)) => is_short && year <= 24,
        _ => false,
    }
}

/// A word after `student`, a usual first name, or two capitalised words that nobody here knows.
fn name(text: &str, known: &KnownWords) -> Option<String> {
    let words: Vec<Word> = words(text).collect();
    for (index, word) in words.iter().enumerate() {
        let small = plain(word.text);
        let next = words.get(index + 1).filter(|next| !next.is_apart);
        if ABOUT_A_CHILD.contains(&small.as_str())
            && let Some(next) = next
            && is_capitalised(next.text)
            && !known.knows(&plain(next.text))
        {
            return Some(format!("{} {}", word.text, next.text));
        }
        let is_first_name = FIRST_NAMES.split_whitespace().any(|one| one == small);
        let is_shouted = is_first_name && word.text.chars().all(char::is_uppercase);
        if !(is_capitalised(word.text) || is_shouted) || known.knows(&small) {
            continue;
        }
        if is_first_name {
            return Some(word.text.to_owned());
        }
        if let Some(next) = next
            && is_capitalised(next.text)
            && !known.knows(&plain(next.text))
            && !(word.is_first && index == 0 && words.len() == 2)
        {
            return Some(format!("{} {}", word.text, next.text));
        }
    }
    None
}

#[cfg(test)]
mod tests;
