//! The links of the person who is signed in, and what more could be followed, for their page.

use crate::db::{self, PageRequest, ReadTx};
use crate::domain::account::Role;
use crate::domain::actor::{Action, Resource, Scope, may};
use crate::domain::calendar_feed::{CalendarFeed, CalendarFeedFields};
use crate::operations::access::visible;
use crate::operations::error::OperationError;
use crate::operations::runner::Context;

/// A link of the own account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnFeed {
    /// The link.
    pub feed: CalendarFeed,
    /// The school; absent for the own visits.
    pub site_name: Option<String>,
}

/// The own links and what else could be followed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own {
    /// Links that work.
    pub feeds: Vec<OwnFeed>,
    /// What has no link yet: the own visits, and schools by name.
    pub choices: Vec<(CalendarFeedFields, Option<String>)>,
}

/// The own links and what else could be followed.
pub fn own(tx: &mut ReadTx, ctx: &Context) -> Result<Own, OperationError> {
    let scope = visible(ctx, Resource::CalendarFeeds)?;
    let mut own = Own::default();
    let sites: Vec<_> = match may(&ctx.actor, Action::Write(Resource::CalendarFeeds)) {
        Scope::Parts { members, .. } if members.is_empty() => Vec::new(),
        scope => db::sites::list(tx, &scope, PageRequest::ALL)?.items,
    };
    let feeds = db::calendar_feeds::list(tx, &scope, PageRequest::ALL)?.items;
    for feed in feeds.into_iter().filter(|feed| feed.account_id == ctx.actor.account_id) {
        let site = sites.iter().find(|site| Some(site.id) == feed.fields.site_id);
        own.feeds.push(OwnFeed { site_name: site.map(|site| site.fields.name.clone()), feed });
    }
    let of = |specialist_id, site_id| CalendarFeedFields { specialist_id, site_id, with_drives: true };
    for role in &ctx.actor.roles {
        if let Role::Specialist { specialist_id } = role {
            own.choices.push((of(Some(*specialist_id), None), None));
        }
    }
    own.choices.extend(sites.into_iter().map(|site| (of(None, Some(site.id)), Some(site.fields.name))));
    let subject = |fields: &CalendarFeedFields| (fields.specialist_id, fields.site_id);
    own.choices.retain(|(fields, _)| !own.feeds.iter().any(|one| subject(&one.feed.fields) == subject(fields)));
    Ok(own)
}
