//! What a run and the worker process of a slot say to each other: frames of JSON on wires of their own.
//!
//! Both sides are the same executable, so the version differs only when a stranger speaks. Accounts and sign-in states
//! go over these wires, and over nothing else.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Made, Recorded};
use crate::browser::{DriverEndpoint, Endpoint, State};
use crate::config::Console;
use crate::model::{Account, Event, Problem, Role, SlotId, TestId};
use crate::slots::Slot;
use crate::suite::{Known, Limits};
use crate::trail::Standstill;

/// The version of these messages.
pub(super) const VERSION: u32 = 2;
/// The longest message, in bytes. What a test says is cut long before.
const LONGEST: u32 = 32 << 20;

/// What the run says.
#[derive(Serialize, Deserialize)]
pub(super) enum Order {
    /// The first message: who is spoken to.
    Hello { version: u32, slot: Place },
    /// The mail server begins, on the socket that was handed over.
    #[cfg(feature = "mail")]
    Mail(Box<crate::mail::Wire>, super::wires::Handed),
    /// All that attempts find in the slot.
    Home(Box<Home>),
    /// An attempt is to be made.
    Attempt(Box<Attempt>),
    /// The attempt is to end, with its tear-down and without a verdict.
    Cancel,
    /// Where does the attempt stand?
    Where,
    /// Is the thread of the tests blocked?
    Pulse,
    /// The answer to [`Word::Browser`].
    Browser { asked: u64, answer: Result<Endpoint, Problem> },
    /// The answer to [`Word::Driver`].
    Driver { asked: u64, answer: Result<DriverEndpoint, Problem> },
    /// The worker is to end what it holds, and then itself.
    Stop,
}

/// What the worker says.
#[derive(Serialize, Deserialize)]
pub(super) enum Word {
    /// It is there.
    Ready,
    /// It cannot be a worker: why.
    Unfit(String),
    /// The test's own time begins to count.
    Begun,
    /// The test is over, or was given up; what follows is evidence and tear-down.
    Ending,
    Event(Event),
    /// A browser is needed; `gone` is the address of one that does not answer.
    Browser {
        asked: u64,
        gone: Option<String>,
    },
    /// The same of a driver.
    Driver {
        asked: u64,
        gone: Option<String>,
    },
    /// An account has signed in.
    SignedIn {
        role: Role,
        slot: SlotId,
        state: State,
    },
    /// The answer to [`Order::Pulse`]: for how long it has been.
    Pulse {
        still: Duration,
    },
    /// The answer to [`Order::Where`], with the stack of the test's thread where it could be had.
    Stands {
        standstill: Standstill,
        stack: Option<String>,
    },
    /// The attempt is over.
    Made {
        made: Made,
        /// The process is not what it was before: another is to make the next attempt, because of this.
        spent: Option<String>,
    },
}

/// A slot.
#[derive(Serialize, Deserialize)]
pub(super) struct Place {
    id: SlotId,
    port: u16,
    ports: BTreeMap<String, u16>,
    dir: PathBuf,
}

/// What a slot offers to its tests.
#[derive(Serialize, Deserialize)]
pub(super) struct Home {
    pub(super) base_url: String,
    pub(super) log: Option<PathBuf>,
    pub(super) accounts: Vec<Login>,
    pub(super) limits: Limits,
    pub(super) console: Console,
    pub(super) test_id: String,
    pub(super) states: Vec<(Role, SlotId, State)>,
}

/// An account, password included.
#[derive(Serialize, Deserialize)]
pub(super) struct Login {
    role: Role,
    slot: SlotId,
    username: String,
    password: String,
    attributes: BTreeMap<String, String>,
}

/// An attempt that is to be made.
#[derive(Serialize, Deserialize)]
pub(super) struct Attempt {
    pub(super) test: Known,
    /// What it is called in this run.
    pub(super) name: TestId,
    /// Which of its attempts, from 1.
    pub(super) number: u32,
    pub(super) deadline: Duration,
    pub(super) folder: PathBuf,
    pub(super) run: PathBuf,
    /// By how the test asks for them.
    pub(super) lent: Vec<(String, Login)>,
    pub(super) recorded: Recorded,
    pub(super) slow_pages: u16,
    /// The file that everything goes to that is printed meanwhile.
    pub(super) output: PathBuf,
}

impl From<&Slot> for Place {
    fn from(slot: &Slot) -> Self {
        Self { id: slot.id(), port: slot.port(), ports: slot.ports().clone(), dir: slot.dir().to_owned() }
    }
}

impl From<Place> for Slot {
    fn from(Place { id, port, ports, dir }: Place) -> Self {
        Self::new(id, port, ports, dir)
    }
}

impl From<&Account> for Login {
    fn from(account: &Account) -> Self {
        Self {
            role: account.role().clone(),
            slot: account.slot(),
            username: account.username().to_owned(),
            password: account.password().to_owned(),
            attributes: account.attributes().clone(),
        }
    }
}

impl From<Login> for Account {
    fn from(Login { role, slot, username, password, attributes }: Login) -> Self {
        Self::new(role, slot, username, password, attributes)
    }
}

/// A message with its length before it.
pub(super) fn frame(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut frame = vec![0; 4];
    serde_json::to_writer(&mut frame, message)?;
    let length = u32::try_from(frame.len() - 4).ok().filter(|length| *length <= LONGEST);
    let length = length.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a message is too long"))?;
    frame[..4].copy_from_slice(&length.to_be_bytes());
    Ok(frame)
}

/// Takes the first message off what has come in, if all of it is there.
pub(super) fn take<T: DeserializeOwned>(input: &mut Vec<u8>) -> io::Result<Option<T>> {
    let Some((length, rest)) = input.split_first_chunk() else { return Ok(None) };
    let length = checked(*length)?;
    let Some(text) = rest.get(..length) else { return Ok(None) };
    let message = serde_json::from_slice(text)?;
    input.drain(..4 + length);
    Ok(Some(message))
}

/// Reads the next message, on a thread that may wait; nothing at the end.
pub(super) fn read<T: DeserializeOwned>(input: &mut impl Read) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut text = vec![0; checked(length)?];
    input.read_exact(&mut text)?;
    Ok(Some(serde_json::from_slice(&text)?))
}

fn checked(length: [u8; 4]) -> io::Result<usize> {
    let length = u32::from_be_bytes(length);
    if length > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "what comes in is no message"));
    }
    Ok(length as usize)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn messages_come_out_as_they_went_in_however_they_are_cut(
            texts in prop::collection::vec(".*", 0..8),
            cut in 1_usize..40,
        ) {
            let sent: Vec<u8> = texts.iter().flat_map(|text| frame(text).unwrap()).collect();
            let (mut input, mut got) = (Vec::new(), Vec::<String>::new());
            for part in sent.chunks(cut) {
                input.extend_from_slice(part);
                while let Some(text) = take(&mut input).unwrap() {
                    got.push(text);
                }
            }
            prop_assert_eq!(&got, &texts);
            let mut input = sent.as_slice();
            for text in &texts {
                let read = read::<String>(&mut input).unwrap();
                prop_assert_eq!(read.as_ref(), Some(text));
            }
            prop_assert!(read::<String>(&mut input).unwrap().is_none());
        }

        #[test]
        fn noise_is_an_error_and_nothing_worse(mut noise in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = take::<Word>(&mut noise.clone());
            let _ = read::<Word>(&mut noise.as_slice());
            noise.splice(0..0, [0xff; 4]);
            prop_assert!(take::<Word>(&mut noise).is_err());
        }
    }
}
