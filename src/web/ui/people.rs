//! Names of specialists, for sentences of the planner, which knows people by codes only.

use std::collections::BTreeMap;

use crate::operations::{Context, OperationError, PageRequest, ReadTx, specialists};

/// Names by code, of the specialists that the visitor can see.
#[derive(Debug, Clone, Default)]
pub(super) struct People(BTreeMap<String, String>);

impl People {
    pub(super) fn read(tx: &mut ReadTx, ctx: &Context) -> Result<People, OperationError> {
        match specialists::list(tx, ctx, PageRequest::ALL) {
            Ok(page) => Ok(People(page.items.into_iter().map(|one| (one.fields.code, one.fields.name)).collect())),
            // A coordinator sees no specialists and reads codes.
            Err(OperationError::NotFound) => Ok(People::default()),
            Err(error) => Err(error),
        }
    }

    /// The sentence with names in place of the codes that are known.
    pub(super) fn named(&self, sentence: &str) -> String {
        let mut named = String::new();
        let mut rest = sentence;
        while !rest.is_empty() {
            let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '&');
            let word = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
            named.push_str(self.0.get(&rest[..word]).map_or(&rest[..word], String::as_str));
            rest = &rest[word..];
            let gap = rest.find(is_part).unwrap_or(rest.len());
            named.push_str(&rest[..gap]);
            rest = &rest[gap..];
        }
        named
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_codes_become_names_and_nothing_else_changes() {
        let people = People(BTreeMap::from([("SLP-05".to_owned(), "Ruth Beech".to_owned())]));
        let told = |sentence: &str| people.named(sentence);
        assert_eq!(told("Extend SLP-05's week (not SLP-055)."), "Extend Ruth Beech's week (not SLP-055).");
        assert_eq!(told("  SR-SLP-05, 45 min – ok "), "  SR-SLP-05, 45 min – ok ");
        assert_eq!(told(""), "");
    }
}
