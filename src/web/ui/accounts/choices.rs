//! Roles as check boxes of a form, and what such a form sends.

use std::collections::BTreeMap;

use crate::domain::account::Role;
use crate::domain::ids::{MemberId, SpecialistId};
use crate::operations::{Context, OperationError, PageRequest, ReadTx, members, specialists};

/// What a form sends, in order: a check box that is not checked sends nothing.
#[derive(Default)]
pub(super) struct Sent(pub Vec<(String, String)>);

impl Sent {
    /// The first value under a name; empty when there is none.
    pub(super) fn one(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    /// The roles that are checked; a value that is no role is a form that we did not make.
    pub(super) fn roles(&self) -> Result<Vec<Role>, OperationError> {
        let values = self.0.iter().filter(|(name, _)| name == "role");
        values.map(|(_, value)| role_of(value).ok_or(OperationError::NotFound)).collect()
    }
}

/// Names of the members and specialists that roles are about.
pub(super) struct Named {
    pub members: BTreeMap<MemberId, String>,
    pub specialists: BTreeMap<SpecialistId, String>,
}

impl Named {
    pub(super) fn read(tx: &mut ReadTx, ctx: &Context) -> Result<Named, OperationError> {
        let members = members::list(tx, ctx, PageRequest::ALL)?.items;
        let specialists = specialists::list(tx, ctx, PageRequest::ALL)?.items;
        Ok(Named {
            members: members.into_iter().map(|one| (one.id, one.fields.name)).collect(),
            specialists: specialists.into_iter().map(|one| (one.id, one.fields.name)).collect(),
        })
    }
}

/// One check box.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub value: String,
    pub label: String,
    pub is_checked: bool,
}

/// Check boxes that belong together.
pub(super) struct Group {
    pub legend: &'static str,
    pub hint: &'static str,
    pub choices: Vec<Choice>,
    /// A long list is folded unless something in it is checked.
    pub folded: bool,
}

impl Group {
    /// Whether something in it is checked.
    pub(super) fn is_chosen(&self) -> bool {
        self.choices.iter().any(|choice| choice.is_checked)
    }
}

/// Every role that can be given, those of the account checked.
pub(super) fn groups(named: &Named, chosen: &[Role]) -> Vec<Group> {
    let choice = |role: Role, label: String| Choice { value: text_of(role), label, is_checked: chosen.contains(&role) };
    let coop = [
        (Role::Office, "Co-op office: everything"),
        (Role::Finance, "Finance: all costs, no requests and no schedules"),
        (Role::Board, "Board: sums of the co-op, to read"),
    ];
    let of_member = |(id, name): (&MemberId, &String)| {
        let member_id = *id;
        [
            choice(Role::Coordinator { member_id }, format!("{name}: coordinator")),
            choice(Role::MemberFinance { member_id }, format!("{name}: finance")),
        ]
    };
    let of_specialist =
        |(id, name): (&SpecialistId, &String)| choice(Role::Specialist { specialist_id: *id }, name.clone());
    vec![
        Group {
            legend: "For the co-op",
            hint: "",
            choices: coop.map(|(role, label)| choice(role, label.to_owned())).into_iter().collect(),
            folded: false,
        },
        Group {
            legend: "For a district",
            hint: "A coordinator asks for the district and sees its schedule and costs. Its finance sees its costs only.",
            choices: named.members.iter().flat_map(of_member).collect(),
            folded: false,
        },
        Group {
            legend: "As a specialist",
            hint: "Sees the own week and the own contract.",
            choices: named.specialists.iter().map(of_specialist).collect(),
            folded: true,
        },
    ]
}

/// `office`, or `coordinator:` and the member's identity
fn text_of(role: Role) -> String {
    match (role.member_id(), role.specialist_id()) {
        (Some(id), _) => format!("{}:{id}", role.code()),
        (_, Some(id)) => format!("{}:{id}", role.code()),
        _ => role.code().to_owned(),
    }
}

fn role_of(text: &str) -> Option<Role> {
    let (code, id) = text.split_once(':').unwrap_or((text, ""));
    match code {
        "office" => Some(Role::Office),
        "finance" => Some(Role::Finance),
        "board" => Some(Role::Board),
        "coordinator" => Some(Role::Coordinator { member_id: id.parse().ok()? }),
        "member_finance" => Some(Role::MemberFinance { member_id: id.parse().ok()? }),
        "specialist" => Some(Role::Specialist { specialist_id: id.parse().ok()? }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_box_gives_back_the_role_that_it_stands_for() {
        let (member_id, specialist_id) = (MemberId::new(), SpecialistId::new());
        let roles = [
            Role::Office,
            Role::Finance,
            Role::Board,
            Role::Coordinator { member_id },
            Role::MemberFinance { member_id },
            Role::Specialist { specialist_id },
        ];
        for role in roles {
            assert_eq!(role_of(&text_of(role)), Some(role));
        }
        for wrong in ["", "director", "coordinator", "coordinator:", "coordinator:7", "specialist"] {
            assert_eq!(role_of(wrong), None, "{wrong}");
        }
    }
}
