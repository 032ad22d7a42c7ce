//! What is kept of an id: 64 bits of a keyed hash.

use std::fmt;
use std::num::NonZeroU64;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::ids::ModelId;

/// HMAC-SHA256 of a scope (a model, or all users) and an id under the daemon's key, cut to 64 bits; 0 becomes 1.
///
/// Two of 10 million ids share one with a chance of 3·10⁻⁶.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdHash(NonZeroU64);

impl IdHash {
    pub fn from_bits(bits: u64) -> Self {
        Self(NonZeroU64::new(bits).unwrap_or(NonZeroU64::MIN))
    }

    pub fn bits(self) -> u64 {
        self.0.get()
    }
}

/// What ids are hashed under; without it a hash says nothing of its id.
#[derive(Clone, PartialEq, Eq)]
pub struct IdKey(pub [u8; 32]);

impl fmt::Debug for IdKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdKey")
    }
}

/// Hashes the ids of one model, or users.
#[derive(Clone)]
pub struct IdHasher(Hmac<Sha256>);

impl fmt::Debug for IdHasher {
    /// Not its key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdHasher")
    }
}

impl IdHasher {
    pub fn new(key: &IdKey, model: &ModelId) -> Self {
        Self::within(key, model.as_str())
    }

    /// Hashes users, alike in the rows of every model and in KPIs that are sent. The scope is `@users`: no model's name
    /// begins so.
    pub fn of_users(key: &IdKey) -> Self {
        Self::within(key, "@users")
    }

    fn within(key: &IdKey, scope: &str) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).expect("HMAC takes keys of any length");
        mac.update(scope.as_bytes());
        // No scope holds a 0: it cannot run into the id.
        mac.update(&[0]);
        Self(mac)
    }

    pub fn hash(&self, id: &str) -> IdHash {
        let digest = self.0.clone().chain_update(id.as_bytes()).finalize().into_bytes();
        let (first, _) = digest.split_first_chunk().expect("a SHA-256 has 32 bytes");
        IdHash::from_bits(u64::from_le_bytes(*first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: u64 = 11_805_624_868_551_892_996;
    const USER_HASH: u64 = 8_545_248_209_799_526_717;

    #[test]
    fn the_hash_is_that_of_the_definition() {
        let hasher = |key: &[u8; 32], model: &str| IdHasher::new(&IdKey(*key), &model.parse().unwrap());
        // python: int.from_bytes(hmac.digest(bytes(range(32)), b"loan\0p-1", "sha256")[:8], "little")
        let key: [u8; 32] = std::array::from_fn(|i| i as u8);
        assert_eq!(hasher(&key, "loan").hash("p-1").bits(), HASH);
        assert_ne!(hasher(&key, "loanp").hash("-1"), hasher(&key, "loan").hash("p-1"));
        assert_ne!(hasher(&[0; 32], "loan").hash("p-1").bits(), HASH);
    }

    #[test]
    fn users_have_a_scope_that_no_model_can_have() {
        let key = IdKey(std::array::from_fn(|i| i as u8));
        // python: int.from_bytes(hmac.digest(bytes(range(32)), b"@users\0u77", "sha256")[:8], "little")
        assert_eq!(IdHasher::of_users(&key).hash("u77").bits(), USER_HASH);
        assert!("@users".parse::<ModelId>().is_err());
    }
}
