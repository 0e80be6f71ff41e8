//! Which passwords are accepted: long enough and not one that is guessed first. No rules about kinds of characters.

use unicode_normalization::UnicodeNormalization;

/// Fewest characters of a password that stands alone.
pub const ALONE_MIN: usize = 15;
/// Fewest characters of a password beside a second factor.
pub const BESIDE_SECOND_FACTOR_MIN: usize = 8;
/// Most characters.
pub const CHARACTERS_MAX: usize = 128;

/// Our own selection of words and runs of keys that guesses begin with, one a line.
const BLOCK_LIST: &str = include_str!("password/block_list.txt");

/// Shortest part of a name or an address that counts: shorter ones would stand inside many good passwords.
const PART_MIN: usize = 3;

/// The form that is hashed: the same characters however a keyboard composes them. Nothing is cut off.
pub fn normalized(password: &str) -> String {
    password.nfkc().collect()
}

/// Why a password is not accepted, in words for the person who chose it. `about` is what others know about the person:
/// name, e-mail address, the co-op's name.
///
/// # Errors
/// The first reason.
pub fn check(password: &str, has_second_factor: bool, about: &[&str]) -> Result<(), String> {
    let password = normalized(password);
    let length = password.chars().count();
    let min = if has_second_factor { BESIDE_SECOND_FACTOR_MIN } else { ALONE_MIN };
    if length < min {
        return Err(format!(
            "Choose a password of at least {min} characters, for example four words; this has {length}"
        ));
    }
    if length > CHARACTERS_MAX {
        return Err(format!("Choose a password of at most {CHARACTERS_MAX} characters; this has {length}"));
    }
    if is_listed(&password, about) {
        return Err(
            "This password is one of the first that are guessed. Choose words that do not go together".to_owned()
        );
    }
    Ok(())
}

/// Whether nothing is left of a password besides listed words, what is known about the person, digits at its ends,
/// repetition and runs.
fn is_listed(password: &str, about: &[&str]) -> bool {
    let plain = letters(password);
    let own: Vec<String> =
        about.iter().flat_map(|text| text.split(|one: char| !one.is_alphanumeric())).map(letters).collect();
    let words: Vec<&str> = BLOCK_LIST
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .chain(own.iter().map(String::as_str).filter(|part| part.len() >= PART_MIN))
        .collect();
    let as_typed: String = password.to_lowercase().chars().filter(|one| one.is_alphanumeric()).collect();
    let bare = as_typed.trim_matches(|one: char| one.is_ascii_digit());
    let within = letters(password.trim_matches(|one: char| !one.is_alphabetic()));
    repeats(&as_typed)
        || is_run(&as_typed)
        || bare.is_empty()
        || [plain.as_str(), as_typed.as_str(), bare, &within].iter().any(|text| is_made_of(text, &words))
}

/// Lower case, with digits and signs that stand for letters read as letters, and the rest left out.
fn letters(text: &str) -> String {
    let letter = |one: char| match one {
        '0' => Some('o'),
        '1' | '!' | '|' => Some('i'),
        '3' => Some('e'),
        '4' | '@' => Some('a'),
        '5' | '$' => Some('s'),
        '7' => Some('t'),
        '8' => Some('b'),
        one if one.is_alphanumeric() => Some(one),
        _ => None,
    };
    text.to_lowercase().chars().filter_map(letter).collect()
}

/// Whether a text is nothing but words of the list, one after another.
fn is_made_of(text: &str, words: &[&str]) -> bool {
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for at in 0..text.len() {
        if !reached[at] {
            continue;
        }
        for word in words.iter().filter(|word| text.as_bytes()[at..].starts_with(word.as_bytes())) {
            reached[at + word.len()] = true;
        }
    }
    reached[text.len()] && !text.is_empty()
}

/// Whether a text is a short piece again and again: `abcabcabcabcabc`.
fn repeats(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    (1..=4).any(|period| {
        characters.len() > period && characters.iter().zip(&characters[period..]).all(|(one, later)| one == later)
    })
}

/// Whether a text counts up or down: `123456789012345`, `zyxwvu`.
fn is_run(text: &str) -> bool {
    let codes: Vec<i64> = text.chars().map(|one| i64::from(u32::from(one))).collect();
    let steps = |wanted: i64| {
        // From 9 to 0 the run goes on.
        codes.windows(2).all(|pair| [wanted, -9 * wanted].contains(&(pair[1] - pair[0])))
    };
    codes.len() > 2 && (steps(1) || steps(-1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(password: &str) -> bool {
        check(password, false, &["Keisha Brown", "keisha.brown@momentum.example.org", "Gateway Co-op"]).is_ok()
    }

    #[test]
    fn c23_short_passwords_are_refused() {
        assert!(!fits("lamp otter 12x") && fits("lamp otter 12xy"), "15 characters");
        assert!(check("ottrlmp", true, &[]).is_err() && check("ottrlmp4", true, &[]).is_ok(), "8 with a second factor");
        assert!(fits(&"tundra otter ".repeat(10)[..128]) && !fits(&"tundra otter ".repeat(10)[..129]));
        assert!(fits("größe 木 lampe otter 🦦"), "characters count, not bytes");
        assert!(!fits("木木木木木木木木木木木木木木"), "14 characters of three bytes each");
        assert_eq!(normalized("e\u{301}"), normalized("é"), "however a keyboard composes it");
    }

    #[test]
    fn c24_listed_passwords_are_refused() {
        for listed in [
            "passwordpassword",
            "Password1234567",
            "P@ssw0rdP@ssw0rd!",
            "123456789012345",
            "987654321098765",
            "aaaaaaaaaaaaaaaa",
            "abcabcabcabcabcabc",
            "qwertyuiopasdfghjkl",
            "qwertyqwerty12345",
            "letmeinletmein2026",
            "iloveyouiloveyou",
            "correct horse battery staple",
            "SchoolSchool2026!",
            "coopschedulercoop",
            "Welcome-to-school",
            "specialeducation1",
            "Teacher-Teacher-1",
            "speech therapist 1",
            "keishabrownkeisha",
            "MomentumMomentum1",
            "GatewayCoop2026!!",
            "summer2026summer",
            "1qaz2wsx3edc4rfv",
            "trustno1trustno1",
        ] {
            assert!(!fits(listed), "{listed}");
        }
        for good in ["lamp otter violin", "seven green umbrellas", "school otter violin lamp", "xkqvzmwrtplbndg"] {
            assert!(fits(good), "{good}");
        }
    }
}
