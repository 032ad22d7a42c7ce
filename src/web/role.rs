//! What a sender may do.

use std::fmt;
use std::str::FromStr;

/// The right that a token gives. `admin` may do everything, `operate` also read; `ingest` only sends rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Ingest,
    Read,
    Operate,
    Admin,
}

/// What a route asks of its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// No token: probes of health.
    Public,
    Needs(Role),
    /// Any one of these: what a program and a person may both do.
    NeedsEither(Role, Role),
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Ingest, Self::Read, Self::Operate, Self::Admin];

    /// Whether this role may do what `needed` may.
    pub const fn includes(self, needed: Self) -> bool {
        match self {
            Self::Admin => true,
            Self::Operate => matches!(needed, Self::Operate | Self::Read),
            Self::Read => matches!(needed, Self::Read),
            Self::Ingest => matches!(needed, Self::Ingest),
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Read => "read",
            Self::Operate => "operate",
            Self::Admin => "admin",
        }
    }
}

impl Access {
    /// Whether a token of this role is let in.
    pub const fn takes(self, role: Role) -> bool {
        match self {
            Self::Public => true,
            Self::Needs(needed) => role.includes(needed),
            Self::NeedsEither(one, other) => role.includes(one) || role.includes(other),
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public => f.write_str("no role"),
            Self::Needs(role) => write!(f, "the role {role}"),
            Self::NeedsEither(one, other) => write!(f, "the role {one} or {other}"),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no role.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("is no role: ingest, read, operate and admin are")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(UnknownRole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_includes_what_its_line_says() {
        let includes = |role: Role| Role::ALL.map(|needed| role.includes(needed));
        assert_eq!(includes(Role::Ingest), [true, false, false, false]);
        assert_eq!(includes(Role::Read), [false, true, false, false]);
        assert_eq!(includes(Role::Operate), [false, true, true, false]);
        assert_eq!(includes(Role::Admin), [true, true, true, true]);
    }

    #[test]
    fn either_of_two_roles_is_enough() {
        let takes = |access: Access| Role::ALL.map(|role| access.takes(role));
        assert_eq!(takes(Access::NeedsEither(Role::Ingest, Role::Operate)), [true, false, true, true]);
        assert_eq!(takes(Access::Needs(Role::Read)), [false, true, true, true]);
        assert_eq!(takes(Access::Public), [true; 4]);
    }
}
