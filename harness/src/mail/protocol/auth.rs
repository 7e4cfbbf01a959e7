//! AUTH PLAIN and LOGIN (RFC 4954, RFC 4616), each with an initial response or without.

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::reply::Reply;

/// Some clients leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How far a client has come.
#[derive(Debug, Clone)]
pub(super) enum Auth {
    Plain,
    LoginUsername,
    LoginPassword { username: Vec<u8> },
}

/// What follows on a response.
#[derive(Debug)]
pub(super) enum Next {
    /// It is asked for more.
    More(Auth, Reply),
    /// It said who it is.
    Said {
        username: Vec<u8>,
        password: Vec<u8>,
    },
    Refused(Reply),
}

impl Auth {
    /// What the client is asked for.
    pub(super) fn challenge(&self) -> Reply {
        match self {
            Self::Plain => Reply::new(334, "", ""),
            // `Username:` and `Password:`, which is what clients look for.
            Self::LoginUsername => Reply::new(334, "", "VXNlcm5hbWU6"),
            Self::LoginPassword { .. } => Reply::new(334, "", "UGFzc3dvcmQ6"),
        }
    }

    /// Takes a response of the client.
    pub(super) fn respond(self, line: &[u8]) -> Next {
        let line = line.trim_ascii();
        if line == b"*" {
            return Next::Refused(Reply::new(501, "7.0", "authentication cancelled"));
        }
        // A response that is empty and initial (RFC 4954, section 4).
        let line = if line == b"=" { b"" } else { line };
        let Ok(said) = BASE64.decode(line) else {
            return Next::Refused(Reply::new(501, "5.2", "this is not base64"));
        };
        match self {
            Self::LoginUsername => {
                let auth = Self::LoginPassword { username: said };
                let challenge = auth.challenge();
                Next::More(auth, challenge)
            }
            Self::LoginPassword { username } => Next::Said { username, password: said },
            Self::Plain => {
                let parts: Vec<&[u8]> = said.split(|&byte| byte == 0).collect();
                let [_, username, password] = parts[..] else {
                    return Next::Refused(Reply::new(
                        501,
                        "5.2",
                        "PLAIN is an identity, a username and a password with NUL between them",
                    ));
                };
                Next::Said { username: username.to_vec(), password: password.to_vec() }
            }
        }
    }
}
