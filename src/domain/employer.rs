//! Employers by the codes that files and statements use, where [`super::specialist::Employer`] has identities.

use std::fmt;
use std::str::FromStr;

/// The employer of a specialist. Written `member:KIPP`, `coop` or `agency:NAME`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EmployerCode {
    /// A member, by code. It lends the specialist to the other members.
    Member(String),
    /// The co-op itself.
    Coop,
    /// A staffing agency, by name.
    Agency(String),
}

impl FromStr for EmployerCode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':').map(|(kind, name)| (kind, name.trim())) {
            Some(("member", code)) if !code.is_empty() => Ok(EmployerCode::Member(code.to_owned())),
            Some(("agency", name)) if !name.is_empty() => Ok(EmployerCode::Agency(name.to_owned())),
            None if text == "coop" => Ok(EmployerCode::Coop),
            _ => Err(format!("\"{text}\" is not an employer; write member:CODE, coop or agency:NAME")),
        }
    }
}

impl fmt::Display for EmployerCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EmployerCode::Member(code) => write!(f, "member:{code}"),
            EmployerCode::Coop => f.write_str("coop"),
            EmployerCode::Agency(name) => write!(f, "agency:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_employer_is_read_as_it_is_written() {
        for text in ["member:KIPP", "coop", "agency:Gateway Therapy"] {
            assert_eq!(text.parse::<EmployerCode>().map(|employer| employer.to_string()).as_deref(), Ok(text));
        }
        for bad in ["", "member", "member:", "agency: ", "Coop", "coop:x"] {
            assert!(bad.parse::<EmployerCode>().is_err(), "{bad}");
        }
    }
}
