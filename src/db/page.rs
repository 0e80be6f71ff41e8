//! Lists in pages: ordered by identity, continued after the last one seen.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// How many at most.
    pub limit: i64,
    /// Continue after this identity.
    pub after: Option<Uuid>,
}

impl PageRequest {
    /// Everything, for the program's own use.
    pub const ALL: PageRequest = PageRequest { limit: i64::MAX - 1, after: None };

    /// The identity to continue after, or one before all.
    pub(in crate::db) fn start<Id: From<Uuid>>(self) -> Id {
        Id::from(self.after.unwrap_or(Uuid::nil()))
    }
}

/// A part of a list, in order of entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Page<T> {
    /// The records.
    pub items: Vec<T>,
    /// Give this as `after` to read on; absent at the end.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Cuts a list that was read with one record more than asked.
    pub(in crate::db) fn cut(mut items: Vec<T>, page: PageRequest, id: impl Fn(&T) -> Uuid) -> Page<T> {
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(|item| id(item).to_string()) } else { None };
        Page { items, next }
    }
}
