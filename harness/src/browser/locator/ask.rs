//! Asking the page about a locator, until it has an answer or the time is over.

use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use super::failure::{Misuse, PageError, Seen, Why, shown};
use super::{Locator, Step};
use crate::browser::tab::Obstacle;
use crate::browser::tab::input::Point;
use crate::machine::Patience;
use crate::trail::waiting;

/// Between two documents a page is asked again after this long.
const BETWEEN: Duration = Duration::from_millis(5);
/// And a document in which nobody is called back, after this long.
const SILENT: Duration = Duration::from_millis(20);

/// What is being done, for messages, and how long it may take.
#[derive(Debug, Clone)]
pub(in crate::browser) struct Doing {
    /// ``click on `#save` ``
    pub(in crate::browser) what: Arc<str>,
    pub(in crate::browser) limit: Duration,
    pub(in crate::browser) location: &'static Location<'static>,
}

impl Doing {
    /// How much of the time is left.
    pub(super) fn left(&self, patience: Patience) -> Duration {
        let extension = patience.extension(self.limit);
        self.limit.saturating_add(extension).saturating_sub(patience.elapsed())
    }

    pub(in crate::browser) fn failed(&self, why: Why) -> PageError {
        PageError::new(&*self.what, why, self.location)
    }

    /// What was in the way is why.
    pub(in crate::browser) fn obstructed(&self, obstacle: Obstacle) -> PageError {
        self.failed(match obstacle {
            Obstacle::Navigated => Why::Other("the page went elsewhere".to_owned()),
            Obstacle::Dialog { kind, message } => Why::Dialog { kind, message },
            Obstacle::Unresponsive(waited) => Why::Unresponsive(waited),
            Obstacle::Closed => Why::Closed,
            Obstacle::Crashed => Why::Crashed,
            Obstacle::Browser(error) => Why::Browser(error),
        })
    }
}

/// What the page says.
#[derive(Deserialize)]
#[serde(untagged)]
enum Reply {
    Misuse {
        misuse: Misuse,
    },
    Over {
        done: bool,
        #[serde(default)]
        value: Value,
        #[serde(default)]
        last: Last,
        looks: u64,
        /// Nobody is called back there: it has to be asked again.
        #[serde(default)]
        silent: bool,
    },
}

/// What was seen last of what did not come.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Last {
    /// In words.
    seen: Option<String>,
    /// Or as a value.
    is: Option<Value>,
    markup: Option<String>,
}

/// An answer, and of which frame.
pub(in crate::browser) struct Answer {
    pub(in crate::browser) value: Value,
    pub(in crate::browser) frame: String,
}

impl Locator {
    /// Asks, and asks again when the page went elsewhere, until there is an answer or the time is over.
    pub(in crate::browser) async fn ask(&self, doing: &Doing, request: Value) -> Result<Answer, PageError> {
        self.ask_by(doing, Patience::begin(), request).await
    }

    /// The same, as a part of something that has begun before.
    pub(super) async fn ask_by(
        &self,
        doing: &Doing,
        patience: Patience,
        mut request: Value,
    ) -> Result<Answer, PageError> {
        self.sound().map_err(|why| doing.failed(why))?;
        if self.steps.is_empty() && request["operation"] != "page" {
            let why = "nothing is meant yet: say what inside of the frame, as in `frame(…).by_role(…)`";
            return Err(doing.failed(Why::Other(why.to_owned())));
        }
        let _waiting = waiting::on_call(doing.what.clone(), Instant::now(), 1);
        let mut seen = Seen::default();
        loop {
            let left = doing.left(patience);
            let reply = self.ask_once(&mut request, left).await;
            match reply {
                Ok((Reply::Over { done: true, value, .. }, frame)) => return Ok(Answer { value, frame }),
                Ok((Reply::Over { last, looks, silent, .. }, _)) => {
                    seen.looks += looks;
                    seen.markup = last.markup;
                    seen.last =
                        last.seen.or_else(|| last.is.as_ref().map(|is| format!("it was {}", shown(is))));
                    if silent {
                        tokio::time::sleep(SILENT.min(left)).await;
                    }
                }
                Ok((Reply::Misuse { misuse }, _)) => return Err(doing.failed(misuse.into())),
                Err(Failed::Why(why)) => return Err(doing.failed(why)),
                Err(Failed::Covered(last) | Failed::NoFrame { last, looks: 0 }) => seen.last = Some(last),
                Err(Failed::NoFrame { last, looks }) => {
                    seen.last = Some(last);
                    seen.looks += looks;
                    tokio::time::sleep(BETWEEN.min(left)).await;
                }
                Err(Failed::Obstacle(Obstacle::Navigated)) => {
                    seen.navigations += 1;
                    tokio::time::sleep(BETWEEN.min(left)).await;
                }
                Err(Failed::Obstacle(obstacle)) => return Err(doing.obstructed(obstacle)),
            }
            if doing.left(patience).is_zero() {
                let extension = patience.extended(doing.limit).to_string();
                return Err(doing.failed(Why::TooLate { limit: doing.limit, extension, seen }));
            }
        }
    }

    /// Whether it can mean anything at all.
    pub(super) fn sound(&self) -> Result<(), Why> {
        self.fault.clone().map_or(Ok(()), |fault| Err(Why::Selector(fault)))
    }

    async fn ask_once(&self, request: &mut Value, limit: Duration) -> Result<(Reply, String), Failed> {
        let began = Instant::now();
        let frame = self.innermost_frame(limit).await?.0;
        let left = limit.saturating_sub(began.elapsed());
        request["steps"] = json!(self.steps);
        request["limit"] = json!(left.as_secs_f64() * 1000.0);
        let reply = self.session.tab().ask(&frame, request, left).await?;
        Ok((read(reply)?, frame))
    }

    /// The frame in which the elements are, and the windows that it is seen through.
    async fn innermost_frame(&self, limit: Duration) -> Result<(String, Vec<Window<'_>>), Failed> {
        let (began, tab) = (Instant::now(), self.session.tab());
        let (mut frame, mut windows) = (tab.main_frame(), Vec::new());
        for steps in &self.frames {
            let left = limit.saturating_sub(began.elapsed());
            let request = json!({
                "operation": "hold",
                "steps": steps,
                "needs": [],
                "limit": left.as_secs_f64() * 1000.0,
            });
            let held = match read(tab.ask(&frame, &request, left).await?)? {
                Reply::Over { done: true, value, .. } => value,
                Reply::Over { looks, .. } => return Err(Failed::NoFrame { last: missing(steps), looks }),
                Reply::Misuse { misuse } => return Err(Failed::Why(misuse.into())),
            };
            let number = held["number"].as_u64().unwrap_or_default();
            let Some(inner) = tab.frame_in(&frame, number).await? else {
                let markup = held["markup"].as_str().unwrap_or_default();
                // One that was removed just now has none any more.
                if ["<iframe", "<frame", "<object"].iter().any(|tag| markup.starts_with(tag)) {
                    return Err(Failed::NoFrame { last: missing(steps), looks: 1 });
                }
                return Err(Failed::Why(Why::NoFrame(markup.to_owned())));
            };
            let number = |field: &str, or: f64| held[field].as_f64().unwrap_or(or);
            let at = Point { x: number("x", 0.0), y: number("y", 0.0) };
            let outer = std::mem::replace(&mut frame, inner);
            windows.push(Window { frame: outer, steps, at, scale: number("scale", 1.0) });
        }
        Ok((frame, windows))
    }

    /// Where in the outermost window something is, of which the place in its frame is known: or what is over it there, where that
    /// matters.
    pub(super) async fn in_window(
        &self,
        doing: &Doing,
        limit: Duration,
        at: Point,
        must_be_seen: bool,
    ) -> Result<Result<Point, String>, PageError> {
        if self.frames.is_empty() {
            return Ok(Ok(at));
        }
        match self.through_windows(limit, at, must_be_seen).await {
            Ok(at) => Ok(Ok(at)),
            Err(Failed::NoFrame { last, .. }) => Ok(Err(last)),
            Err(Failed::Obstacle(Obstacle::Navigated)) => Ok(Err("its frame went elsewhere".to_owned())),
            Err(Failed::Covered(what)) => Ok(Err(format!("its frame is covered there by {what}"))),
            Err(Failed::Why(why)) => Err(doing.failed(why)),
            Err(Failed::Obstacle(obstacle)) => Err(doing.obstructed(obstacle)),
        }
    }

    async fn through_windows(
        &self,
        limit: Duration,
        mut at: Point,
        must_be_seen: bool,
    ) -> Result<Point, Failed> {
        // Now that it was scrolled to.
        let (_, windows) = self.innermost_frame(limit).await?;
        for window in windows.iter().rev() {
            at.x = window.at.x + at.x * window.scale;
            at.y = window.at.y + at.y * window.scale;
            if !must_be_seen {
                continue;
            }
            let request = json!({ "operation": "over", "steps": window.steps, "x": at.x, "y": at.y });
            match read(self.session.tab().ask(&window.frame, &request, limit).await?)? {
                Reply::Over { value: Value::String(what), .. } => return Err(Failed::Covered(what)),
                Reply::Over { .. } => {}
                Reply::Misuse { misuse } => return Err(Failed::Why(misuse.into())),
            }
        }
        Ok(at)
    }
}

/// What a frame is seen through.
struct Window<'a> {
    /// The frame that the element is in.
    frame: String,
    steps: &'a [Step],
    /// Where in that frame the inner one begins, and how much larger it is shown.
    at: Point,
    scale: f64,
}

/// Why there is no reply.
enum Failed {
    Why(Why),
    /// A frame is not there yet.
    NoFrame {
        last: String,
        looks: u64,
    },
    /// A frame is there, and something over it.
    Covered(String),
    Obstacle(Obstacle),
}

impl From<Obstacle> for Failed {
    fn from(obstacle: Obstacle) -> Self {
        Self::Obstacle(obstacle)
    }
}

fn read(reply: Value) -> Result<Reply, Failed> {
    serde_json::from_value(reply)
        .map_err(|error| Failed::Why(Why::Other(format!("the page's answer is not understood: {error}"))))
}

fn missing(steps: &[Step]) -> String {
    format!("there is no frame `{}`", super::Shown(steps))
}
