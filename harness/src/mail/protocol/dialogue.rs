//! The dialogue of one connection (RFC 5321 with its usual extensions).

use smtp_proto::{AUTH_LOGIN, AUTH_PLAIN, MAIL_BODY_BINARYMIME, MailFrom, RcptTo, Request};

use super::auth::{Auth, Next};
use super::data::{Data, Lost};
use super::objection::{first_word, objection};
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

    fn command(&mut self, line: &[u8], out: &mut Vec<u8>) -> Option<Ask> {
        let request = match Request::parse(&mut line.iter()) {
            Ok(request) => request,
            Err(error) => {
                self.object(&first_word(line), objection(line, error), out);
                return None;
            }
        };
        match request {
            Request::Ehlo { .. } => self.hello(true, out),
            Request::Helo { .. } => self.hello(false, out),
            Request::Mail { from } => self.mail(&from, out),
            Request::Rcpt { to } => return self.rcpt(&to, out),
            Request::Data => self.data(out),
            Request::Auth { mechanism, initial_response } => {
                self.auth(mechanism, initial_response.as_bytes(), out);
            }
            Request::Rset => {
                self.reset();
                self.say(Reply::new(250, "0.0", "ok"), out);
            }
            Request::Noop { .. } => self.say(Reply::new(250, "0.0", "ok"), out),
            Request::Vrfy { .. } => {
                self.say(Reply::new(252, "1.5", "send something, and see whether it is taken"), out);
            }
            Request::Help { .. } => self.say(
                Reply::new(214, "0.0", "EHLO HELO MAIL RCPT DATA RSET NOOP VRFY AUTH STARTTLS HELP QUIT"),
                out,
            ),
            Request::Quit => {
                self.say(Reply::new(221, "0.0", "bye"), out);
                self.mode = Mode::Closed;
                return Some(Ask::Close);
            }
            Request::StartTls => return self.start_tls(out),
            request => {
                let reply = Reply::new(502, "5.1", "this command is not implemented");
                self.object(request.name(), reply, out);
            }
        }
        None
    }

    fn hello(&mut self, extended: bool, out: &mut Vec<u8>) {
        self.reset();
        self.client.greeted = true;
        self.objections = 0;
        if !extended {
            return Reply::new(250, "", "callboard").write(out);
        }
        let size = format!("SIZE {}", self.terms.max_message_size);
        let mut lines = vec!["callboard", "PIPELINING", &size, "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"];
        if self.terms.tls && !self.client.encrypted {
            lines.push("STARTTLS");
        }
        lines.extend(["AUTH PLAIN LOGIN", "HELP"]);
        for (index, line) in lines.iter().enumerate() {
            let dash = if index + 1 < lines.len() { '-' } else { ' ' };
            out.extend_from_slice(format!("250{dash}{line}\r\n").as_bytes());
        }
    }

    fn mail(&mut self, from: &MailFrom<std::borrow::Cow<'_, str>>, out: &mut Vec<u8>) {
        let objection = if !self.client.greeted {
            Reply::new(503, "5.1", "say EHLO first")
        } else if self.envelope.is_some() {
            Reply::new(503, "5.1", "a message is under way; RSET gives it up")
        } else if self.terms.credentials.is_some() && !self.client.authenticated {
            Reply::new(530, "7.0", "authentication required")
        } else if from.flags & MAIL_BODY_BINARYMIME != 0 {
            Reply::new(555, "5.4", "BODY=BINARYMIME needs CHUNKING, which is not offered")
        } else if from.size > self.terms.max_message_size {
            return self.object("MAIL", self.too_long(), out);
        } else {
            self.refused_some = false;
            self.envelope = Some(Envelope { from: from.address.clone().into_owned(), to: Vec::new() });
            return self.say(Reply::new(250, "1.0", "sender ok"), out);
        };
        self.object("MAIL", objection, out);
    }

    fn rcpt(&mut self, to: &RcptTo<std::borrow::Cow<'_, str>>, out: &mut Vec<u8>) -> Option<Ask> {
        let objection = match &self.envelope {
            None => Reply::new(503, "5.1", "say MAIL first"),
            Some(_) if to.address.is_empty() => Reply::new(501, "1.3", "a recipient has an address"),
            Some(envelope) if envelope.to.len() >= self.terms.max_recipients => {
                Reply::new(452, "5.3", "too many recipients")
            }
            Some(envelope) => {
                let (from, to) = (envelope.from.clone(), to.address.clone().into_owned());
                self.mode = Mode::Asking { recipient: Some(to.clone()) };
                return Some(Ask::Recipient { from, to });
            }
        };
        self.object("RCPT", objection, out);
        None
    }

    fn data(&mut self, out: &mut Vec<u8>) {
        let objection = match &self.envelope {
            None => Reply::new(503, "5.1", "say MAIL first"),
            Some(envelope) if !envelope.to.is_empty() => {
                self.mode = Mode::Data(Data::default());
                return self.say(Reply::new(354, "", "end with a dot on a line of its own"), out);
            }
            Some(_) if self.refused_some => Reply::new(554, "5.1", "no recipient was accepted"),
            Some(_) => Reply::new(503, "5.1", "say RCPT first: the message has no recipient"),
        };
        self.object("DATA", objection, out);
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

    fn auth(&mut self, mechanism: u64, initial: &[u8], out: &mut Vec<u8>) {
        let auth = match mechanism {
            AUTH_PLAIN => Auth::Plain,
            AUTH_LOGIN => Auth::LoginUsername,
            _ => return self.object("AUTH", Reply::new(504, "5.4", "only PLAIN and LOGIN are offered"), out),
        };
        let objection = if !self.client.greeted {
            Reply::new(503, "5.1", "say EHLO first")
        } else if self.client.authenticated {
            Reply::new(503, "5.1", "authenticated already")
        } else if self.envelope.is_some() {
            Reply::new(503, "5.1", "a message is under way; RSET gives it up")
        } else if initial.is_empty() {
            let challenge = auth.challenge();
            return self.authenticate(Next::More(auth, challenge), out);
        } else {
            let next = auth.respond(initial);
            return self.authenticate(next, out);
        };
        self.object("AUTH", objection, out);
    }

    fn authenticate(&mut self, next: Next, out: &mut Vec<u8>) {
        match next {
            Next::More(auth, challenge) => {
                self.mode = Mode::Auth(auth);
                challenge.write(out);
            }
            Next::Refused(reply) => self.object("AUTH", reply, out),
            Next::Said { username, password } => {
                let right =
                    self.terms.credentials.as_ref().is_none_or(|(name, word)| {
                        username == name.as_bytes() && password == word.as_bytes()
                    });
                if !right {
                    let wrong = Reply::new(535, "7.8", "username or password is not the configured one");
                    return self.object("AUTH", wrong, out);
                }
                self.client.authenticated = true;
                self.say(Reply::new(235, "7.0", "authenticated"), out);
            }
        }
    }

    fn start_tls(&mut self, out: &mut Vec<u8>) -> Option<Ask> {
        let objection = if !self.terms.tls {
            Reply::new(502, "5.1", "STARTTLS is not offered")
        } else if self.client.encrypted {
            Reply::new(503, "5.1", "the connection is encrypted already")
        } else {
            self.say(Reply::new(220, "0.0", "begin TLS"), out);
            self.mode = Mode::Asking { recipient: None };
            return Some(Ask::StartTls);
        };
        self.object("STARTTLS", objection, out);
        None
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
