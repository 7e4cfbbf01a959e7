//! The dialogue of one connection (RFC 5321 with its usual extensions).

mod commands;

use super::auth::Auth;
use super::data::{Data, Lost};
use super::reply::Reply;
use crate::mail::letter::Envelope;

/// The longest line of a client, line end included: that of AUTH (RFC 4954, section 4).
const LONGEST_LINE: usize = 12_288;
/// As many commands of a client may be wrong, one after another, until it is shown out.
const MOST_OBJECTIONS: u32 = 50;

/// What the server expects and offers.
#[derive(Debug, Clone)]
pub(in crate::mail) struct Terms {
    /// The longest message, in bytes.
    pub(in crate::mail) max_message_size: usize,
    /// The most recipients of a message.
    pub(in crate::mail) max_recipients: usize,
    /// Who may send; `None`: everybody, by whatever name.
    pub(in crate::mail) credentials: Option<(String, String)>,
    /// Whether STARTTLS is offered.
    pub(in crate::mail) tls: bool,
}

/// What only somebody else can answer, or do.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::mail) enum Ask {
    /// May this sender write to this recipient? Goes on with [`Dialogue::recipient`].
    Recipient { from: String, to: String },
    /// A message is there. Goes on with [`Dialogue::delivered`].
    Deliver(Envelope, Box<[u8]>),
    /// From here on it is TLS. Goes on with [`Dialogue::encrypted`].
    StartTls,
    /// All is said: the connection is to be closed.
    Close,
}

/// See the module's documentation.
#[derive(Debug)]
pub(in crate::mail) struct Dialogue {
    terms: Terms,
    mode: Mode,
    line: Vec<u8>,
    /// The line is too long; only its end is of interest.
    line_lost: bool,
    client: Client,
    envelope: Option<Envelope>,
    /// Of the message that is under way, whether a recipient was refused.
    refused_some: bool,
    objections: u32,
    /// The last thing that the client was told it did wrong.
    last_objection: Option<String>,
}

/// What is known of the client.
#[derive(Debug, Default)]
struct Client {
    greeted: bool,
    encrypted: bool,
    authenticated: bool,
}

#[derive(Debug)]
enum Mode {
    Command,
    Auth(Auth),
    Data(Data),
    /// A question is open.
    Asking {
        recipient: Option<String>,
    },
    Closed,
}

impl Dialogue {
    /// A client has connected; the greeting goes to `out`.
    pub(in crate::mail) fn begin(terms: Terms, out: &mut Vec<u8>) -> Self {
        Reply::new(220, "", "callboard ESMTP").write(out);
        Self {
            terms,
            mode: Mode::Command,
            line: Vec::new(),
            line_lost: false,
            client: Client::default(),
            envelope: None,
            refused_some: false,
            objections: 0,
            last_objection: None,
        }
    }

    /// Takes bytes off the input until all are taken or something has to be asked. Replies are added to `out`.
    pub(in crate::mail) fn take(&mut self, input: &mut &[u8], out: &mut Vec<u8>) -> Option<Ask> {
        while !input.is_empty() {
            let ask = match &mut self.mode {
                Mode::Data(data) => {
                    if !data.take(input, self.terms.max_message_size) {
                        return None;
                    }
                    self.end_of_data(out)
                }
                Mode::Closed => {
                    *input = &[];
                    return Some(Ask::Close);
                }
                // Whoever asks again is asked to answer first.
                Mode::Asking { .. } => return None,
                Mode::Command | Mode::Auth(_) => {
                    if !self.take_line(input) {
                        return None;
                    }
                    self.end_of_line(out)
                }
            };
            if matches!(ask, Some(Ask::StartTls)) {
                // What was sent in clear text after it may be somebody else's (RFC 3207, section 4.2).
                *input = &[];
            }
            if ask.is_some() {
                return ask;
            }
        }
        None
    }

    /// The answer to [`Ask::Recipient`].
    pub(in crate::mail) fn recipient(&mut self, refusal: Option<Reply>, out: &mut Vec<u8>) {
        let Mode::Asking { recipient: Some(to) } = std::mem::replace(&mut self.mode, Mode::Command) else {
            return;
        };
        match (refusal, &mut self.envelope) {
            (Some(refusal), _) => {
                self.refused_some = true;
                // The rule of a test is no fault of the client.
                refusal.write(out);
            }
            (None, Some(envelope)) => {
                envelope.to.push(to);
                self.say(Reply::new(250, "1.5", "recipient ok"), out);
            }
            (None, None) => {}
        }
    }

    /// The answer to [`Ask::Deliver`].
    pub(in crate::mail) fn delivered(&mut self, answer: &Reply, out: &mut Vec<u8>) {
        self.mode = Mode::Command;
        answer.write(out);
    }

    /// The connection is encrypted: all begins anew.
    #[cfg(any(test, feature = "mail-tls"))]
    pub(in crate::mail) fn encrypted(&mut self) {
        let mut nothing = Vec::new();
        *self = Self::begin(self.terms.clone(), &mut nothing);
        self.client.encrypted = true;
    }

    /// How much memory the message under way holds, in bytes.
    pub(in crate::mail) fn held(&self) -> usize {
        match &self.mode {
            Mode::Data(data) => data.held(),
            _ => 0,
        }
    }

    /// There is no room for the message under way: it is not kept, and refused at its end.
    pub(in crate::mail) fn lose(&mut self) {
        if let Mode::Data(data) = &mut self.mode {
            data.lose(Lost::NoRoom);
        }
    }

    /// The last thing that the client was told it did wrong; told once.
    pub(in crate::mail) fn last_objection(&mut self) -> Option<String> {
        self.last_objection.take()
    }

    /// Takes a line, or its part that is there. Says whether its end was.
    fn take_line(&mut self, input: &mut &[u8]) -> bool {
        let end = input.iter().position(|&byte| byte == b'\n').map(|end| end + 1);
        let (part, rest) = input.split_at(end.unwrap_or(input.len()));
        *input = rest;
        if self.line_lost || self.line.len() + part.len() > LONGEST_LINE {
            self.line_lost = true;
            self.line = Vec::new();
        } else {
            self.line.extend_from_slice(part);
        }
        end.is_some()
    }

    fn end_of_line(&mut self, out: &mut Vec<u8>) -> Option<Ask> {
        let line = std::mem::take(&mut self.line);
        let ask = if std::mem::take(&mut self.line_lost) {
            self.mode = Mode::Command;
            self.object("a line", Reply::new(500, "5.6", "line too long"), out);
            None
        } else if let Mode::Auth(auth) = std::mem::replace(&mut self.mode, Mode::Command) {
            let next = auth.respond(&line);
            self.authenticate(next, out);
            None
        } else {
            self.command(&line, out)
        };
        if self.objections > MOST_OBJECTIONS && ask.is_none() {
            Reply::new(421, "7.0", "too many errors, closing the connection").write(out);
            self.mode = Mode::Closed;
            return Some(Ask::Close);
        }
        ask
    }

    fn end_of_data(&mut self, out: &mut Vec<u8>) -> Option<Ask> {
        let mode = std::mem::replace(&mut self.mode, Mode::Command);
        let (Mode::Data(data), Some(envelope)) = (mode, self.envelope.take()) else { return None };
        match data.finish() {
            Ok(text) => {
                self.objections = 0;
                self.mode = Mode::Asking { recipient: None };
                return Some(Ask::Deliver(envelope, text));
            }
            Err(Lost::TooLong) => self.object("a message", self.too_long(), out),
            Err(Lost::NoRoom) => self.object("a message", NO_ROOM, out),
        }
        None
    }

    fn too_long(&self) -> Reply {
        Reply::said(552, "3.4", &format!("a message has at most {} bytes", self.terms.max_message_size))
    }

    fn reset(&mut self) {
        self.envelope = None;
        self.refused_some = false;
    }

    fn say(&mut self, reply: Reply, out: &mut Vec<u8>) {
        if self.envelope.is_some() && !reply.is_objection() {
            // Whoever gets on with a message is no source of garbage.
            self.objections = 0;
        }
        reply.write(out);
    }

    fn object(&mut self, to: &str, reply: Reply, out: &mut Vec<u8>) {
        self.objections += 1;
        self.last_objection = Some(format!("`{reply}`, to {to}"));
        reply.write(out);
    }
}

/// The mailbox is full.
pub(in crate::mail) const NO_ROOM: Reply = Reply::new(452, "3.1", "the mailbox is full; clear() empties it");
