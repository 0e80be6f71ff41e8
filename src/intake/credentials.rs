//! `credentials.csv`: licences and certificates of specialists, one a row, without their numbers.

use super::table::{Shape, Table};
use super::{Codes, FileFault, cell};
use crate::domain::credential::{CredentialFields, CredentialKind};

pub(super) const SHAPE: Shape = Shape {
    file: "credentials.csv",
    columns: &["specialist", "discipline", "kind", "issuer", "us_state", "valid_from", "valid_until"],
    optional: &["us_state"],
};

/// One licence or certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialRow {
    /// Line in the file.
    pub line: usize,
    /// Code of the specialist.
    pub specialist: String,
    /// What is entered.
    pub fields: CredentialFields,
}

pub(super) fn read(table: &Table, codes: &Codes, faults: &mut Vec<FileFault>) -> Vec<CredentialRow> {
    let known = &codes.specialists;
    table.rows(faults, |row| {
        let specialist = row.required("specialist", cell::one_of_codes(known, "specialist", "specialists.csv"));
        let discipline = row.required("discipline", cell::code);
        let kind = row.required("kind", kind);
        let issuer = row.required("issuer", cell::code);
        let us_state = row.optional("us_state", state);
        let valid = cell::period(row, "valid_from", "valid_until");
        let (us_state, valid) = (us_state?, valid?);
        Some(CredentialRow {
            line: row.line(),
            specialist: specialist?,
            fields: CredentialFields {
                discipline: discipline?,
                kind: kind?,
                issuer: issuer?,
                us_state,
                valid_from: valid.from,
                valid_until: valid.until,
            },
        })
    })
}

fn kind(text: &str) -> Result<CredentialKind, String> {
    let all = [CredentialKind::License, CredentialKind::Certificate, CredentialKind::Registration];
    let found = all.into_iter().find(|kind| kind.word() == text);
    found.ok_or_else(|| "write license, certificate or registration".to_owned())
}

fn state(text: &str) -> Result<String, String> {
    let fits = text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_uppercase());
    if fits { Ok(text.to_owned()) } else { Err("write the two capital letters of the state, like MO".to_owned()) }
}
