//! Signatures of webhooks: Standard Webhooks 1.0.0, symmetric.
//!
//! `webhook-signature: v1,base64(HMAC-SHA256(key, "{id}.{timestamp}.{body}"))`, one for each key, parted by spaces:
//! while a key is being replaced both sign, and receivers take either.

use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;

const PREFIX: &str = "whsec_";

/// A key to sign with: `whsec_` and 24 to 64 bytes in base64. Never printed.
#[derive(Debug, Clone)]
pub struct SigningKey(SecretSlice<u8>);

#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("is no signing key: `{PREFIX}` and 24 to 64 random bytes in base64")]
pub struct SigningKeyError;

impl FromStr for SigningKey {
    type Err = SigningKeyError;

    fn from_str(text: &str) -> Result<Self, SigningKeyError> {
        let base64 = text.trim().strip_prefix(PREFIX).ok_or(SigningKeyError)?;
        let bytes = BASE64_STANDARD.decode(base64).map_err(|_| SigningKeyError)?;
        match (24..=64).contains(&bytes.len()) {
            true => Ok(Self(bytes.into())),
            false => Err(SigningKeyError),
        }
    }
}

/// The value of `webhook-signature`; empty without keys. `id` holds no `.`; `seconds` since 1970, of this attempt.
pub fn sign(keys: &[SigningKey], id: &str, seconds: i64, body: &[u8]) -> String {
    let signed = [format!("{id}.{seconds}.").as_bytes(), body].concat();
    let signature = |key: &SigningKey| {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(key.0.expose_secret()).expect("HMAC takes keys of any length");
        mac.update(&signed);
        format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
    };
    keys.iter().map(signature).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// The vector of the libraries of github.com/standard-webhooks/standard-webhooks.
    #[test]
    fn the_published_vector_is_met() {
        let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        let sign = |keys: &[SigningKey]| {
            sign(keys, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#)
        };
        let key: SigningKey = KEY.parse().unwrap();
        assert_eq!(sign(std::slice::from_ref(&key)), signature);

        let new: SigningKey = format!("whsec_{}", BASE64_STANDARD.encode([7; 32])).parse().unwrap();
        let both = sign(&[new.clone(), key]);
        assert_eq!(both, format!("{} {signature}", sign(&[new])));
    }

    #[test]
    fn keys_of_another_form_are_refused_and_none_is_printed() {
        let of =
            |bytes: usize| format!("whsec_{}", BASE64_STANDARD.encode(vec![1; bytes])).parse::<SigningKey>();
        assert!(of(23).is_err() && of(24).is_ok() && of(64).is_ok() && of(65).is_err());
        assert!("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse::<SigningKey>().is_err());
        assert!(!format!("{:?}", of(24)).contains("[1"));
    }
}
