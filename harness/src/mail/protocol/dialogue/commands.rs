//! What the commands of a client do.

use std::borrow::Cow;

use smtp_proto::{AUTH_LOGIN, AUTH_PLAIN, MAIL_BODY_BINARYMIME, MailFrom, RcptTo, Request};

use super::{Ask, Dialogue, Mode};
use crate::mail::letter::Envelope;
use crate::mail::protocol::auth::{Auth, Next};
use crate::mail::protocol::data::Data;
use crate::mail::protocol::objection::{first_word, objection};
use crate::mail::protocol::reply::Reply;

impl Dialogue {
    pub(super) fn command(&mut self, line: &[u8], out: &mut Vec<u8>) -> Option<Ask> {
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

    fn mail(&mut self, from: &MailFrom<Cow<'_, str>>, out: &mut Vec<u8>) {
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

    fn rcpt(&mut self, to: &RcptTo<Cow<'_, str>>, out: &mut Vec<u8>) -> Option<Ask> {
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

    pub(super) fn authenticate(&mut self, next: Next, out: &mut Vec<u8>) {
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
}
