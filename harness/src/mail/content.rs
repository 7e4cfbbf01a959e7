//! What a person reads of a message. Made of the bytes when somebody asks: those who wait for a message do not pay
//! for the parts of it that they do not look at.

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, HeaderName, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::message::Attachment;

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// In their order, decoded.
    pub(super) headers: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) html: Option<String>,
    pub(super) attachments: Vec<Attachment>,
}

impl Content {
    pub(super) fn of(raw: &[u8]) -> Self {
        let headers = headers(raw);
        let Some(message) = parse(raw) else {
            // It has no header at all.
            return Self { headers, text: String::from_utf8_lossy(raw).into_owned(), ..Self::default() };
        };
        let html: Vec<&str> = html_parts(&message).collect();
        let attachments = message.attachments().map(|part| {
            let media_type = part.content_type().map(|kind| match kind.subtype() {
                Some(subtype) => format!("{}/{subtype}", kind.ctype()),
                None => kind.ctype().to_owned(),
            });
            Attachment {
                name: part.attachment_name().map(str::to_owned),
                media_type: media_type
                    .unwrap_or_else(|| "application/octet-stream".to_owned())
                    .to_lowercase(),
                bytes: bytes_of(part, raw),
            }
        });
        Self {
            headers,
            text: text(&message),
            html: (!html.is_empty()).then(|| html.join("\n")),
            attachments: attachments.collect(),
        }
    }
}

/// The subject, decoded; empty where there is none.
pub(super) fn subject(raw: &[u8]) -> String {
    let parser = MessageParser::new().header_text(HeaderName::Subject);
    let message = parser.parse_headers(raw);
    message.as_ref().and_then(Message::subject).unwrap_or_default().trim().to_owned()
}

/// The addresses of the header `From`.
pub(super) fn senders(raw: &[u8]) -> Vec<String> {
    let message = MessageParser::new().with_address_headers().parse_headers(raw);
    let addresses = message.as_ref().and_then(Message::from).into_iter().flat_map(|from| from.iter());
    addresses.filter_map(|one| one.address()).map(str::to_owned).collect()
}

/// Where a text of the body is looked for.
pub(super) fn bodies(raw: &[u8]) -> Vec<String> {
    let Some(message) = parse(raw) else { return Vec::new() };
    let read = html_parts(&message).map(mail_parser::decoders::html::html_to_text);
    std::iter::once(text(&message)).chain(read).collect()
}

fn parse(raw: &[u8]) -> Option<Message<'_>> {
    MessageParser::default().parse(raw)
}

/// The bytes of a file. The parser makes UTF-8 of those that claim to be text.
fn bytes_of(part: &MessagePart<'_>, raw: &[u8]) -> Vec<u8> {
    if !part.is_text() {
        return part.contents().to_vec();
    }
    let [start, end] =
        [part.raw_body_offset(), part.raw_end_offset()].map(|at| usize::try_from(at).unwrap_or(0));
    let body = raw.get(start..end).unwrap_or_default();
    let decoded = match part.encoding {
        Encoding::None => None,
        Encoding::Base64 => base64_decode(body),
        Encoding::QuotedPrintable => quoted_printable_decode(body),
    };
    decoded.unwrap_or_else(|| body.to_vec())
}

fn headers(raw: &[u8]) -> Vec<(String, String)> {
    // One header has to be named for the default to hold for the others.
    let parser = MessageParser::new().header_text(HeaderName::Subject).default_header_text();
    let message = parser.parse_headers(raw);
    let headers = message.iter().flat_map(Message::headers);
    let decoded = headers.map(|header| {
        let value = header.value().as_text().unwrap_or_default();
        (header.name().to_owned(), value.trim().to_owned())
    });
    decoded.collect()
}

/// The plain text; where there is none, what is read of the HTML.
fn text(message: &Message<'_>) -> String {
    let texts = (0..message.text_body_count()).filter_map(|index| message.body_text(index));
    texts.map(|text| text.replace("\r\n", "\n")).collect::<Vec<_>>().join("\n")
}

fn html_parts<'a>(message: &'a Message<'_>) -> impl Iterator<Item = &'a str> {
    message.html_bodies().filter_map(|part| match &part.body {
        PartType::Html(html) => Some(html.as_ref()),
        _ => None,
    })
}
