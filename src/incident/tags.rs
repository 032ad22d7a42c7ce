//! Tags of models and reports: what routes and silences go by beside kind and severity.

use std::collections::BTreeMap;

/// Most tags of one incident's source.
pub const TAGS_MAX: usize = 16;
/// Longest name and longest value of a tag, in bytes.
pub const TAG_BYTES_MAX: usize = 64;

/// Why tags are refused. Words, never values.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum TagsError {
    #[error("are more than {TAGS_MAX}")]
    TooMany,
    #[error("have a name that is none: 1 to {TAG_BYTES_MAX} of a-z, 0-9 and `_`, the first a letter")]
    Name,
    #[error("have a value that is empty, longer than {TAG_BYTES_MAX} bytes or holds a control character")]
    Value,
}

/// Whether all of them may be tags.
pub fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), TagsError> {
    if tags.len() > TAGS_MAX {
        return Err(TagsError::TooMany);
    }
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    for (name, value) in tags {
        let first = name.starts_with(|c: char| c.is_ascii_lowercase());
        if !first || name.len() > TAG_BYTES_MAX || !name.chars().all(fits) {
            return Err(TagsError::Name);
        }
        if value.is_empty() || value.len() > TAG_BYTES_MAX || value.chars().any(char::is_control) {
            return Err(TagsError::Value);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_and_values_short_lines() {
        let check = |name: &str, value: &str| check_tags(&BTreeMap::from([(name.into(), value.into())]));
        assert_eq!(check("team_2", "Crédit & risk"), Ok(()));
        for name in ["", "Team", "2nd", "a b", "é", &"a".repeat(65)] {
            assert_eq!(check(name, "x"), Err(TagsError::Name), "{name}");
        }
        for value in ["", "a\nb", &"x".repeat(65)] {
            assert_eq!(check("team", value), Err(TagsError::Value), "{value}");
        }
        let many = (0..17).map(|n| (format!("t{n}"), "x".to_owned())).collect();
        assert_eq!(check_tags(&many), Err(TagsError::TooMany));
    }
}
