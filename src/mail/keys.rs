//! What is derived from the instance's secret: links that prove themselves,
//! Message-IDs and List-Ids that tell nothing.
//!
//! One secret, one key per purpose (HKDF, RFC 5869), so a token that was made
//! for one thing opens nothing else.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::{
    model::{ListId, MessageKey},
    time::Timestamp,
};

/// What a token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Leaving a list, by the number of the subscription.
    Unsubscribe,
    /// Confirming a sign-up, by its number.
    Confirm,
    /// Sending in a form that we made, by what stood in it.
    Form,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Purpose::Unsubscribe => b"fascicle unsubscribe 1",
            Purpose::Confirm => b"fascicle confirm 1",
            Purpose::Form => b"fascicle form 1",
        }
    }
}

/// What a token proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it was made for.
    pub subject: i64,
    /// When, to the second.
    pub issued_at: Timestamp,
}

/// The keys of one instance.
#[derive(Clone)]
pub struct Keys {
    secret: [u8; 32],
}

/// The only key generation so far; a token names its own, so that old links
/// keep working when a new secret is added.
const KEY_ID: u8 = 1;
/// Bytes of HMAC-SHA256 that a token keeps: 128 bits.
const TAG_BYTES: usize = 16;
/// Key id, subject, seconds.
const BODY_BYTES: usize = 1 + 8 + 8;

impl Keys {
    /// Keys from the instance's secret.
    pub fn new(secret: [u8; 32]) -> Keys {
        Keys { secret }
    }

    /// A token that proves that we allowed `purpose` for `subject`.
    ///
    /// The same inputs make the same token: every attempt of a message has
    /// the same bytes.
    pub fn token(&self, purpose: Purpose, subject: i64, issued_at: Timestamp) -> String {
        let mut token = Vec::with_capacity(BODY_BYTES + TAG_BYTES);
        token.push(KEY_ID);
        token.extend(subject.to_be_bytes());
        token.extend(issued_at.as_second().to_be_bytes());
        let tag = self.tag(purpose.label(), &token);
        token.extend(&tag[..TAG_BYTES]);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// What `token` says, when it was made for `purpose`.
    ///
    /// Returns `None` when it was not made by us, for this purpose. Whether it
    /// is too old is for the caller to say: a way out never is, because people
    /// keep mail for years.
    pub fn verify(&self, purpose: Purpose, token: &str) -> Option<Token> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (body, tag) = bytes.split_at_checked(BODY_BYTES)?;
        if body[0] != KEY_ID || tag.len() != TAG_BYTES {
            return None;
        }
        // Compares in constant time.
        self.mac(purpose.label(), body).verify_truncated_left(tag).ok()?;
        let number = |range: std::ops::Range<usize>| {
            Some(i64::from_be_bytes(body.get(range)?.try_into().ok()?))
        };
        let issued_at = Timestamp::from_second(number(9..17)?).ok()?;
        Some(Token { subject: number(1..9)?, issued_at })
    }

    /// The Message-ID of a message, without angle brackets (RFC 5322 3.6.4).
    ///
    /// Derived from what makes the message unique, so that a second copy can
    /// be recognised; opaque, so that it counts nothing.
    pub fn message_id(&self, key: &MessageKey, domain: &str) -> String {
        let name = format!(
            "{}\n{}\n{}\n{}\n{}",
            key.kind.as_str(),
            key.subscriber.0,
            key.campaign,
            key.step,
            key.occurrence
        );
        let tag = self.tag(b"fascicle message-id 1", name.as_bytes());
        format!("{}@{domain}", base32(&tag[..16]))
    }

    /// The List-Id of a list (RFC 2919), stable, and without the list's name:
    /// being on a list about backs is nobody's business.
    pub fn list_id(&self, list: &ListId, domain: &str) -> String {
        let tag = self.tag(b"fascicle list-id 1", list.as_str().as_bytes());
        format!("{}.{domain}", base32(&tag[..10]))
    }

    fn tag(&self, label: &[u8], message: &[u8]) -> [u8; 32] {
        self.mac(label, message).finalize().into_bytes().into()
    }

    fn mac(&self, label: &[u8], message: &[u8]) -> Hmac<Sha256> {
        let mut key = [0; 32];
        Hkdf::<Sha256>::new(None, &self.secret)
            .expand(label, &mut key)
            .expect("32 bytes are one block of output");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes keys of any length");
        mac.update(message);
        mac
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(***)")
    }
}

/// Lower case letters and digits that survive servers which fold case.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut buffer, mut bits) = (0u32, 0);
    for byte in bytes {
        buffer = buffer << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(buffer >> bits & 31) as usize]));
        }
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(buffer << (5 - bits) & 31) as usize]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_what_it_was_made_for_and_nothing_else() {
        let keys = Keys::new([7; 32]);
        let issued_at = Timestamp::from_second(1_774_000_000).expect("in range");
        let token = keys.token(Purpose::Unsubscribe, 42, issued_at);
        let proven = Token { subject: 42, issued_at };
        assert_eq!(keys.verify(Purpose::Unsubscribe, &token), Some(proven));
        for other in [Purpose::Confirm, Purpose::Form] {
            assert_eq!(keys.verify(other, &token), None, "{other:?}");
        }
        assert_eq!(Keys::new([8; 32]).verify(Purpose::Unsubscribe, &token), None);
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(keys.verify(Purpose::Unsubscribe, &forged), None, "at {at}");
        }
        for text in ["", "AAAA", "é", &"A".repeat(5_000), &token[..token.len() - 2]] {
            assert_eq!(keys.verify(Purpose::Unsubscribe, text), None);
        }
    }

    #[test]
    fn base32_is_that_of_rfc_4648_in_lower_case() {
        assert_eq!(base32(b"foobar"), "mzxw6ytboi");
        assert_eq!(base32(b"fooba"), "mzxw6ytb");
    }
}
