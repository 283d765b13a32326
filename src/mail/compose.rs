//! Rendered content → the bytes that go over the wire.

use std::borrow::Cow;

use mail_builder::{
    MessageBuilder,
    headers::{HeaderType, address::Address, content_type::ContentType, date::Date, raw::Raw},
    mime::{BodyPart, MimePart},
};

use crate::{
    model::{EmailAddress, Envelope, Outgoing, Rendered, Site},
    time::Timestamp,
};

/// The longest header line that is written whole: an unsubscribe link must
/// not be folded (mail programs drop the button), and RFC 5322 2.1.1 ends a
/// line at 998.
const UNFOLDED_MAX: usize = 900;

/// What a message's headers say besides its content.
#[derive(Clone, Debug)]
pub struct Headers<'a> {
    /// To whom.
    pub to: &'a EmailAddress,
    /// Without angle brackets.
    pub message_id: &'a str,
    /// The Date: the same in every attempt.
    pub dated_at: Timestamp,
    /// The one-click address; `None` on mail that one cannot leave.
    pub unsubscribe_url: Option<&'a str>,
    /// Without angle brackets.
    pub list_id: &'a str,
}

/// Composes a message: multipart/alternative, text first, then HTML, both
/// quoted-printable or base64, and headers that mail providers ask for.
///
/// The same arguments give the same bytes: Date and Message-ID are given, and
/// the MIME boundary comes from the Message-ID.
pub fn compose(site: &Site, rendered: &Rendered, headers: &Headers<'_>) -> Outgoing {
    let name = (!site.from_name.is_empty()).then(|| clean(&site.from_name));
    let boundary = format!("=_{}", headers.message_id.split('@').next().unwrap_or_default());
    let part = |content_type: &str, body: &str| {
        MimePart::new(
            ContentType::new(content_type.to_owned()).attribute("charset", "utf-8"),
            BodyPart::Text(Cow::Owned(with_crlf(body))),
        )
    };
    let alternative = MimePart::new(
        ContentType::new("multipart/alternative").attribute("boundary", boundary),
        BodyPart::Multipart(vec![
            part("text/plain", &rendered.text),
            part("text/html", &rendered.html),
        ]),
    );
    let mut builder = MessageBuilder::new()
        .header("From", Address::new_address(name, site.from.as_str()))
        .header("To", Address::new_address(None::<String>, headers.to.as_str()))
        .header("Subject", HeaderType::Text(clean(&rendered.subject).into()))
        .header("Date", Date::new(headers.dated_at.as_second()))
        .header("Message-ID", Raw::new(format!("<{}>", headers.message_id)))
        .header("List-Id", Raw::new(format!("<{}>", headers.list_id)))
        .header("Auto-Submitted", Raw::new("auto-generated"))
        .header("X-Auto-Response-Suppress", Raw::new("OOF, AutoReply"));
    if headers.unsubscribe_url.is_some() {
        let one_click = Raw::new("List-Unsubscribe=One-Click");
        builder = builder.header("List-Unsubscribe-Post", one_click);
    }
    let mut bytes = Vec::with_capacity(rendered.html.len() * 2);
    // The builder would fold the link; on one line by hand, before the rest.
    if let Some(url) = headers.unsubscribe_url.filter(|url| url.len() < UNFOLDED_MAX) {
        bytes.extend(format!("List-Unsubscribe: <{}>\r\n", clean(url)).into_bytes());
    }
    builder.body(alternative).write_to(&mut bytes).expect("a vector takes everything");
    let envelope = Envelope { from: site.from.clone(), to: headers.to.clone() };
    Outgoing { envelope, bytes }
}

/// No control character reaches a header, whatever was refused before.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Lines end in CRLF and nothing else (RFC 5322 2.3), without NUL.
fn with_crlf(body: &str) -> String {
    if body.bytes().any(|byte| byte == b'\r' || byte == 0) {
        return body.replace(['\r', '\0'], "").replace('\n', "\r\n");
    }
    body.replace('\n', "\r\n")
}
