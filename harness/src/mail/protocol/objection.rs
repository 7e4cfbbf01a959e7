//! What is said to a line that is no request.

use smtp_proto::Error;

use super::reply::Reply;

/// What to answer to a line that is no request.
pub(super) fn objection(line: &[u8], error: Error) -> Reply {
    let command = first_word(line);
    match error {
        Error::SyntaxError { .. } if command == "AUTH" && line.trim_ascii().len() > 4 => {
            Reply::new(504, "5.4", "only PLAIN and LOGIN are offered")
        }
        Error::SyntaxError { syntax } => Reply::said(501, "5.4", &format!("write {syntax}")),
        Error::InvalidSenderAddress => Reply::new(501, "1.7", "this is no address"),
        Error::InvalidRecipientAddress => Reply::new(501, "1.3", "this is no address"),
        Error::InvalidParameter { param } => {
            Reply::said(501, "5.4", &format!("what is written for {param} is wrong"))
        }
        Error::UnsupportedParameter { param } => {
            Reply::said(555, "5.4", &format!("the parameter {} is not supported", param.escape_debug()))
        }
        // A line is whole when it is parsed, so what is missing is missing in it.
        Error::NeedsMoreData { .. } => Reply::new(501, "5.4", "the command is not complete"),
        Error::UnknownCommand | Error::ResponseTooLong | Error::InvalidResponse { .. } => {
            Reply::new(500, "5.2", "this is no command of SMTP")
        }
    }
}

/// The command of a line, as far as it can be shown.
pub(super) fn first_word(line: &[u8]) -> String {
    let word = line.trim_ascii().split(u8::is_ascii_whitespace).next().unwrap_or_default();
    let word = &word[..word.len().min(20)];
    word.escape_ascii().to_string().to_ascii_uppercase()
}
