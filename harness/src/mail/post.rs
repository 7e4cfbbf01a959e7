//! The post of one server: what has come in, and what is to be done with what comes.
//!
//! It stands between the server and those who read. Both sides speak to it in owned data, so that it may stand in one
//! process and a reader's copy in another.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::letter::Letter;
use super::matching::Matching;

/// As many letters that were turned away are remembered, and objections to what clients said.
const REMEMBERED: usize = 20;

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct Post {
    /// The most that letters may weigh together, those that are under way included, in bytes.
    capacity: usize,
    state: Mutex<State>,
    /// Changes with each letter that comes in.
    arrivals: watch::Sender<u64>,
    /// Changes when rules end: whatever they hold back goes on.
    releases: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    /// In order of their numbers, which are never used twice.
    letters: Vec<(u64, Arc<Letter>)>,
    next: u64,
    /// What letters weigh, and what is under way.
    used: usize,
    rules: Vec<Rule>,
    next_rule: u64,
    /// The numbers of letters that somebody has waited for and got.
    taken: std::collections::BTreeSet<u64>,
    /// Which attempt it is.
    round: u64,
    traffic: Traffic,
}

/// What happened beside the letters that came in, since the attempt began.
#[derive(Debug, Clone, Default)]
pub(super) struct Traffic {
    pub(super) connections: u64,
    /// How many found no room.
    pub(super) no_room: u64,
    /// Letters that a rule refused or dropped, with what became of them.
    pub(super) turned_away: Vec<(Arc<Letter>, String)>,
    /// The last thing that a client was told it did wrong.
    pub(super) objection: Option<String>,
}

/// What is to be done with some letters.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    id: u64,
    matching: Matching,
    action: Action,
    met: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    /// The answer waits for so long, and the letter with it.
    Delay(Duration),
    Refuse {
        code: u16,
        text: String,
    },
    /// It is taken, and nobody sees it.
    Drop,
}

/// What was decided about a letter.
#[derive(Debug)]
pub(super) struct Ruling {
    pub(super) action: Option<Action>,
    /// The attempt in which it was.
    round: u64,
    /// Tells when rules end.
    pub(super) release: watch::Receiver<u64>,
}

/// The letter cannot be kept.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoRoom;

impl Post {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            state: Mutex::default(),
            arrivals: watch::Sender::new(0),
            releases: watch::Sender::new(0),
        }
    }

    // The server's side.

    /// A client has connected.
    pub(super) fn connected(&self) {
        self.state().traffic.connections += 1;
    }

    /// A client was told that it did something wrong.
    pub(super) fn objected(&self, objection: String) {
        self.state().traffic.objection = Some(objection);
    }

    /// What is to be said to a client that names this recipient: the code and text of a refusal, if one.
    pub(super) fn judge_recipient(&self, from: &str, to: &str) -> Option<(u16, String)> {
        let mut state = self.state();
        let rule = state.rules.iter_mut().rev().find(|rule| rule.matching.admits_recipient(to))?;
        let Action::Refuse { code, text } = rule.action.clone() else { return None };
        rule.met += 1;
        let envelope = super::letter::Envelope { from: from.to_owned(), to: vec![to.to_owned()] };
        let letter = Letter { envelope, raw: Box::default(), arrived: std::time::SystemTime::now() };
        state.turn_away(Arc::new(letter), format!("refused with {code}, before its text"));
        Some((code, text))
    }

    /// What is to be done with a letter.
    pub(super) fn judge(&self, letter: &Letter) -> Ruling {
        let (rules, round) = {
            let state = self.state();
            (state.rules.clone(), state.round)
        };
        let release = self.releases.subscribe();
        // Reading a long text takes its time, so not while others wait for the lock. The rule made last goes first.
        let Some(rule) = rules.into_iter().rev().find(|rule| rule.matching.admits(letter)) else {
            return Ruling { action: None, round, release };
        };
        let mut state = self.state();
        if let Some(rule) = state.rules.iter_mut().find(|one| one.id == rule.id) {
            rule.met += 1;
        }
        let became = match &rule.action {
            Action::Delay(_) => None,
            Action::Refuse { code, .. } => Some(format!("refused with {code}")),
            Action::Drop => Some("dropped".to_owned()),
        };
        if let Some(became) = became {
            // Without its text, which nobody asks for any more.
            let known = Letter { raw: headers_of(&letter.raw), ..letter.clone() };
            state.turn_away(Arc::new(known), became);
        }
        Ruling { action: Some(rule.action), round, release }
    }

    /// Takes a letter in. One of an attempt that has ended is nobody's any more.
    pub(super) fn deliver(&self, letter: Letter, ruling: &Ruling) -> Result<(), NoRoom> {
        let mut state = self.state();
        if state.round != ruling.round {
            return Ok(());
        }
        let weight = letter.weight();
        if state.used + weight > self.capacity {
            state.traffic.no_room += 1;
            return Err(NoRoom);
        }
        state.used += weight;
        let number = state.next;
        state.next += 1;
        state.letters.push((number, Arc::new(letter)));
        drop(state);
        self.arrivals.send_modify(|arrivals| *arrivals += 1);
        Ok(())
    }

    /// Room for a letter that is under way.
    pub(super) fn reserve(self: &Arc<Self>) -> Reservation {
        Reservation { post: self.clone(), bytes: 0 }
    }

    // The reader's side.

    /// An attempt begins: nothing has come, and no rule holds.
    pub(super) fn begin(&self) {
        let mut state = self.state();
        state.round += 1;
        state.traffic = Traffic::default();
        state.empty();
        state.rules.clear();
        drop(state);
        self.release();
    }

    /// Forgets what has come.
    pub(super) fn clear(&self) {
        self.state().empty();
    }

    /// Tells when a letter has come in.
    pub(super) fn arrivals(&self) -> watch::Receiver<u64> {
        self.arrivals.subscribe()
    }

    /// All that is there.
    pub(super) fn letters(&self) -> Vec<Arc<Letter>> {
        self.state().letters.iter().map(|(_, letter)| letter.clone()).collect()
    }

    /// All that is there, and whether somebody has it already.
    pub(super) fn letters_and_taken(&self) -> Vec<(Arc<Letter>, bool)> {
        let state = self.state();
        state.letters.iter().map(|(number, letter)| (letter.clone(), state.taken.contains(number))).collect()
    }

    /// The first letter from this number on that is meant and that nobody has, and the number to go on with where there is
    /// none. Whoever `takes` it has it.
    pub(super) fn first(&self, from: u64, matching: &Matching, takes: bool) -> Result<Arc<Letter>, u64> {
        let (new, next) = {
            let state = self.state();
            let start = state.letters.partition_point(|(number, _)| *number < from);
            (state.letters[start..].to_vec(), state.next)
        };
        // Reading takes its time, so not while others wait for the lock.
        for (number, letter) in new {
            if !matching.admits(&letter) {
                continue;
            }
            let mut state = self.state();
            let is_there = state.letters.binary_search_by_key(&number, |(number, _)| *number).is_ok();
            if is_there && !state.taken.contains(&number) {
                if takes {
                    state.taken.insert(number);
                }
                return Ok(letter);
            }
        }
        Err(next)
    }

    /// What happened beside the letters.
    pub(super) fn traffic(&self) -> Traffic {
        self.state().traffic.clone()
    }

    /// From now on this is done with letters that match, rather than what earlier rules say.
    pub(super) fn add_rule(&self, matching: Matching, action: Action) -> u64 {
        let mut state = self.state();
        let id = state.next_rule;
        state.next_rule += 1;
        state.rules.push(Rule { id, matching, action, met: 0 });
        id
    }

    /// How many letters (or recipients) met a rule; none any more when it has ended.
    pub(super) fn rule_met(&self, id: u64) -> u64 {
        self.state().rules.iter().find(|rule| rule.id == id).map_or(0, |rule| rule.met)
    }

    /// Ends all rules.
    pub(super) fn reset_rules(&self) {
        self.state().rules.clear();
        self.release();
    }

    /// The most that letters may weigh together, in bytes.
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    fn release(&self) {
        self.releases.send_modify(|releases| *releases += 1);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing is left half done where something could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn empty(&mut self) {
        let weight: usize = self.letters.iter().map(|(_, letter)| letter.weight()).sum();
        self.used -= weight;
        self.letters = Vec::new();
        self.taken.clear();
    }

    fn turn_away(&mut self, letter: Arc<Letter>, became: String) {
        let turned_away = &mut self.traffic.turned_away;
        if turned_away.len() >= REMEMBERED {
            turned_away.remove(0);
        }
        turned_away.push((letter, became));
    }
}

fn headers_of(raw: &[u8]) -> Box<[u8]> {
    const LONGEST: usize = 4096;
    let end = raw.windows(4).take(LONGEST).position(|four| four == b"\r\n\r\n");
    raw[..end.map_or(raw.len().min(LONGEST), |end| end + 4)].into()
}

/// Room for a letter that is under way; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    post: Arc<Post>,
    bytes: usize,
}

impl Reservation {
    /// Makes it this large, if there is so much room.
    pub(super) fn resize(&mut self, bytes: usize) -> Result<(), NoRoom> {
        let mut state = self.post.state();
        let used = state.used - self.bytes + bytes;
        if bytes > self.bytes && used > self.post.capacity {
            state.traffic.no_room += 1;
            return Err(NoRoom);
        }
        state.used = used;
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.post.state().used -= self.bytes;
    }
}
