//! Source files with their comments and literals blanked out, so that rules look at code only.

use std::fs;
use std::path::{Path, PathBuf};

/// A Rust file of the project.
pub struct Source {
    /// Its path from the project's root, with `/`.
    pub path: String,
    /// As it is written.
    pub text: String,
    /// The same lines without comments and without what stands in string and character literals.
    pub code: String,
}

impl Source {
    /// The ring it belongs to: `db` for both `src/db.rs` and `src/db/emails.rs`.
    pub fn ring(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inside.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    /// How many modules it lies below the crate's root: 1 for `src/db.rs`.
    pub fn depth(&self) -> usize {
        self.path.matches('/').count()
    }

    /// Every line of code with its number.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// The line in which a byte of the code lies.
    pub fn line_of(&self, position: usize) -> usize {
        self.code[..position].matches('\n').count() + 1
    }
}

/// The project's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below a folder of the project, in order of their paths.
pub fn rust_files(folder: &str) -> Vec<Source> {
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a source file");
        let path = path.strip_prefix(root()).expect("below the root").to_string_lossy().replace('\\', "/");
        Source { path, code: code_of(&text), text }
    };
    files(&root().join(folder), "rs").into_iter().map(read).collect()
}

/// All files below a folder with this ending, in order of their paths.
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Whether code contains a name as a whole word, not as a part of a longer one.
pub fn names(code: &str, name: &str) -> bool {
    let part_of_name = |character: char| character.is_alphanumeric() || character == '_';
    code.match_indices(name)
        .any(|(at, _)| !code[..at].ends_with(part_of_name) && !code[at + name.len()..].starts_with(part_of_name))
}

/// The text with comments and the inside of literals blanked out; line ends stay.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (kept, skipped) = match literal_or_comment(rest) {
            Some(length) => ("", length),
            None => (&rest[..first.len_utf8()], first.len_utf8()),
        };
        code.push_str(kept);
        if kept.is_empty() {
            code.extend(rest[..skipped].chars().map(|character| if character == '\n' { '\n' } else { ' ' }));
        }
        // A whole word at once, so that the quotation mark of `b"` and `r#"` is seen only at its beginning.
        let word = rest[skipped..].find(|character: char| !character.is_alphanumeric() && character != '_');
        let word =
            if kept.starts_with(|one: char| one.is_alphanumeric() || one == '_') { word.unwrap_or(0) } else { 0 };
        code.push_str(&rest[skipped..skipped + word]);
        rest = &rest[skipped + word..];
    }
    code
}

/// The length of the comment or literal that begins here, if one does.
fn literal_or_comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(rest.find("*/").map_or(rest.len(), |end| end + 2));
    }
    if let Some(after) = rest.strip_prefix('\'') {
        // A character, or the tick of a lifetime.
        let mut characters = after.char_indices();
        return match characters.next() {
            Some((_, '\\')) => after[2..].find('\'').map(|end| end + 4),
            Some(_) => characters.next().filter(|(_, next)| *next == '\'').map(|(end, _)| end + 2),
            None => None,
        };
    }
    let (prefix, raw) = ["br", "cr", "r", "b", "c", ""].iter().find_map(|prefix| {
        let after = rest.strip_prefix(prefix)?;
        let raw = prefix.ends_with('r');
        after.trim_start_matches(|one| raw && one == '#').starts_with('"').then_some((*prefix, raw))
    })?;
    let body = &rest[prefix.len()..];
    let hashes = body.len() - body.trim_start_matches('#').len();
    let opening = prefix.len() + hashes + 1;
    if raw {
        let end = format!("\"{}", "#".repeat(hashes));
        return Some(rest[opening..].find(&end).map_or(rest.len(), |at| opening + at + end.len()));
    }
    let mut escaped = false;
    for (at, character) in rest[opening..].char_indices() {
        match character {
            '"' if !escaped => return Some(opening + at + 1),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    Some(rest.len())
}

#[test]
fn comments_and_literals_are_blanked_and_code_stays() {
    let text = "let a = \"async \\\" // x\"; // async\nfn f<'a>(x: &'a str) { '\"' } /* diesel */ r#\"highs\"s\"# done";
    let code = code_of(text);
    assert!(!["async", "diesel", "highs"].iter().any(|word| names(&code, word)), "{code}");
    assert!(code.contains("fn f<'a>(x: &'a str) {") && code.ends_with("done"), "{code}");
    assert_eq!(code.lines().count(), text.lines().count());
    assert!(names("use diesel::x", "diesel") && !names("my_diesel", "diesel"));
}
