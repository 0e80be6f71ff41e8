//! `members.csv`: the members (LEAs) of the co-op.

use std::collections::BTreeMap;

use super::FileFault;
use super::cell;
use super::table::{Shape, Table};
use crate::domain::calendar::Period;

pub(super) const SHAPE: Shape = Shape {
    file: "members.csv",
    columns: &["code", "name", "member_from", "member_until", "contact_name", "contact_email"],
    optional: &[],
};

/// A member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// Line in the file.
    pub line: usize,
    /// Immutable code.
    pub code: String,
    /// Name, as people read it.
    pub name: String,
    /// When it belongs to the co-op.
    pub membership: Period,
    /// Whom the office writes to.
    pub contact_name: String,
    /// The address of that person.
    pub contact_email: String,
}

pub(super) fn read(table: &Table, faults: &mut Vec<FileFault>) -> Vec<MemberRow> {
    let mut seen = BTreeMap::new();
    table.rows(faults, |row| {
        cell::only_once(row, "code", &mut seen);
        let code = row.required("code", cell::code);
        let name = row.required("name", cell::text);
        let membership = cell::period(row, "member_from", "member_until");
        let contact_name = row.required("contact_name", cell::text);
        let contact_email = row.required("contact_email", cell::email);
        Some(MemberRow {
            line: row.line(),
            code: code?,
            name: name?,
            membership: membership?,
            contact_name: contact_name?,
            contact_email: contact_email?,
        })
    })
}
