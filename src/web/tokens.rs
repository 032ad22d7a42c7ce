//! Tokens: who sends them is known by their hashes alone.
//!
//! The file has one token a line, `ROLE NAME SHA256`: the role, a name for the audit trail, and the SHA-256 of the
//! token in hexadecimal (`printf %s TOKEN | sha256sum`). Empty lines and lines that begin with `#` are skipped.
//! Decision: a plain hash, no slow one: a token is long and random, so that guessing it is hopeless anyway, and
//! each request pays for the hash.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use sha2::{Digest, Sha256};
use subtle::{ConditionallySelectable, ConstantTimeEq};

use super::role::Role;

/// Who is let in.
#[derive(Debug, Clone)]
pub enum Auth {
    /// Everyone, but the daemon listens on loopback only: [`serve`](super::serve) refuses other addresses.
    Loopback,
    /// Everyone from everywhere, because the config says so in words.
    None,
    /// Who has a token. The set may be swapped while the daemon runs.
    Tokens(Arc<ArcSwap<Tokens>>),
}

/// The tokens of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens(Vec<Token>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    role: Role,
    name: Arc<str>,
    hash: [u8; 32],
}

/// Everything that is wrong with a tokens file.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub struct TokensError(pub Vec<TokenLineError>);

/// What is wrong with one line. Never shows the hash: it may be a token pasted by mistake.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("line {line}: {reason}")]
pub struct TokenLineError {
    /// From 1; 0 for the file as a whole.
    pub line: usize,
    pub reason: String,
}

impl Auth {
    /// Tokens that can be swapped later.
    pub fn tokens(tokens: Tokens) -> Self {
        Self::Tokens(Arc::new(ArcSwap::from_pointee(tokens)))
    }
}

impl Tokens {
    /// Longest name, in bytes.
    pub const NAME_BYTES_MAX: usize = 64;

    /// Reads a tokens file, naming every error by its line. A file without a token is an error: it lets nobody in.
    pub fn parse(text: &str) -> Result<Self, TokensError> {
        let (mut tokens, mut errors) = (Vec::<Token>::new(), Vec::new());
        let (mut names, mut hashes) = (HashSet::new(), HashSet::new());
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let read = read_token(line).and_then(|token| {
                if !names.insert(token.name.clone()) {
                    return Err(format!("the name `{}` is there twice", token.name));
                }
                if !hashes.insert(token.hash) {
                    return Err(format!("`{}` has the same token as a line before", token.name));
                }
                Ok(token)
            });
            match read {
                Ok(token) => tokens.push(token),
                Err(reason) => errors.push(TokenLineError { line: at + 1, reason }),
            }
        }
        if tokens.is_empty() && errors.is_empty() {
            errors
                .push(TokenLineError { line: 0, reason: "the file has no token, so nobody gets in".into() });
        }
        if errors.is_empty() { Ok(Self(tokens)) } else { Err(TokensError(errors)) }
    }

    /// Whose token this is. Takes the same time whichever it is, or none.
    pub(super) fn find(&self, presented: &[u8]) -> Option<(Role, &Arc<str>)> {
        let hash = Sha256::digest(presented);
        let mut found = u32::MAX;
        for (at, token) in (0u32..).zip(&self.0) {
            found.conditional_assign(&at, hash.as_slice().ct_eq(&token.hash));
        }
        self.0.get(found as usize).map(|token| (token.role, &token.name))
    }
}

fn read_token(line: &str) -> Result<Token, String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [role, name, hash] = words[..] else {
        return Err(format!("has {} words; `ROLE NAME SHA256` is right", words.len()));
    };
    let role = role.parse::<Role>().map_err(|error| format!("the first word {error}"))?;
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.len() > Tokens::NAME_BYTES_MAX || !name.chars().all(fits) {
        return Err(format!(
            "the name may have {} letters, digits, `.`, `_` and `-` at most",
            Tokens::NAME_BYTES_MAX
        ));
    }
    let hash = read_hash(hash).ok_or_else(|| {
        format!(
            "the third word of `{name}` is no SHA-256: 64 hexadecimal digits are, as sha256sum prints them"
        )
    })?;
    Ok(Token { role, name: name.into(), hash })
}

fn read_hash(hex: &str) -> Option<[u8; 32]> {
    let digits: Vec<u32> = hex.chars().map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect();
    if digits.len() == 64 { bytes.try_into().ok() } else { None }
}

impl fmt::Display for TokensError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.0.iter().enumerate() {
            write!(f, "{}{error}", if at == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of `secret` and of `abc` (FIPS 180-4, example).
    const SECRET: &str = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn finds_a_token_by_its_hash() {
        let text = format!("# who\n\n  admin root {SECRET}\r\ningest fraud-api {}\n", ABC.to_uppercase());
        let tokens = Tokens::parse(&text).unwrap();
        let (role, name) = tokens.find(b"abc").unwrap();
        assert_eq!((role, &**name), (Role::Ingest, "fraud-api"));
        assert_eq!(tokens.find(b"secret").unwrap().0, Role::Admin);
        assert_eq!(tokens.find(b"abcd"), None);
        assert_eq!(tokens.find(b""), None);
    }

    #[test]
    fn names_every_error_by_its_line() {
        let long = "n".repeat(65);
        let text = format!(
            "admin root {SECRET}\nroot x {ABC}\nread\nread a,b {ABC}\nread c {}\nread root {ABC}\nread d {SECRET}\n\
             read e zz{}\nread {long} {ABC}",
            &ABC[1..],
            &ABC[2..]
        );
        let TokensError(errors) = Tokens::parse(&text).unwrap_err();
        let lines: Vec<usize> = errors.iter().map(|error| error.line).collect();
        assert_eq!(lines, [2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(
            errors[0].to_string(),
            "line 2: the first word is no role: ingest, read, operate and admin are"
        );
        assert_eq!(errors[4].reason, "the name `root` is there twice");
        assert_eq!(errors[5].reason, "`d` has the same token as a line before");
    }

    #[test]
    fn an_empty_file_is_an_error() {
        assert_eq!(Tokens::parse("# none yet\n").unwrap_err().0[0].line, 0);
    }
}
