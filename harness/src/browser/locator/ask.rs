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

/// What is being done, for messages, and how long it may take.
#[derive(Debug, Clone)]
pub(in crate::browser) struct Doing {
    /// ``click on `#save` ``
    pub(in crate::browser) what: Arc<str>,
    pub(in crate::browser) limit: Duration,
    pub(in crate::browser) location: &'static Location<'static>,
}

impl Doing {
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
    pub(in crate::browser) async fn ask(
        &self,
        doing: &Doing,
        mut request: Value,
    ) -> Result<Answer, PageError> {
        if let Some(fault) = &self.fault {
            return Err(doing.failed(Why::Selector(fault.clone())));
        }
        let _waiting = waiting::on_call(doing.what.clone(), Instant::now(), 1);
        let patience = Patience::begin();
        let mut seen = Seen::default();
        loop {
            let extension = patience.extension(doing.limit);
            let left = doing.limit.saturating_add(extension).saturating_sub(patience.elapsed());
            let reply = self.ask_once(&mut request, left).await;
            match reply {
                Ok((Reply::Over { done: true, value, .. }, frame)) => return Ok(Answer { value, frame }),
                Ok((Reply::Over { last, looks, .. }, _)) => {
                    seen.looks += looks;
                    seen.markup = last.markup;
                    seen.last =
                        last.seen.or_else(|| last.is.as_ref().map(|is| format!("it was {}", shown(is))));
                }
                Ok((Reply::Misuse { misuse }, _)) => return Err(doing.failed(misuse.into())),
                Err(Failed::Why(why)) => return Err(doing.failed(why)),
                Err(Failed::Obstacle(Obstacle::Navigated)) => {
                    seen.navigations += 1;
                    tokio::time::sleep(BETWEEN.min(left)).await;
                }
                Err(Failed::Obstacle(obstacle)) => return Err(doing.obstructed(obstacle)),
            }
            if patience.elapsed() >= doing.limit.saturating_add(patience.extension(doing.limit)) {
                let extension = patience.extended(doing.limit).to_string();
                return Err(doing.failed(Why::TooLate { limit: doing.limit, extension, seen }));
            }
        }
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

    /// The frame in which the elements are, and where in the window it begins.
    pub(in crate::browser) async fn innermost_frame(
        &self,
        limit: Duration,
    ) -> Result<(String, Point), Failed> {
        let tab = self.session.tab();
        let (mut frame, mut at) = (tab.main_frame(), Point { x: 0.0, y: 0.0 });
        for steps in &self.frames {
            let request = json!({
                "operation": "hold",
                "steps": steps,
                "needs": [],
                "limit": limit.as_secs_f64() * 1000.0,
            });
            let held = match read(tab.ask(&frame, &request, limit).await?)? {
                Reply::Over { done: true, value, .. } => value,
                Reply::Over { .. } => return Err(Failed::Why(Why::Other(missing(steps)))),
                Reply::Misuse { misuse } => return Err(Failed::Why(misuse.into())),
            };
            let number = held["number"].as_u64().unwrap_or_default();
            let Some(inner) = tab.frame_in(&frame, number).await? else {
                return Err(Failed::Why(Why::NoFrame(format!("<{}>", held["tag"].as_str().unwrap_or("?")))));
            };
            at.x += held["x"].as_f64().unwrap_or_default();
            at.y += held["y"].as_f64().unwrap_or_default();
            frame = inner;
        }
        Ok((frame, at))
    }

    /// Where in the window something is, of which the place in its frame is known.
    pub(in crate::browser) async fn in_window(&self, doing: &Doing, at: Point) -> Result<Point, PageError> {
        if self.frames.is_empty() {
            return Ok(at);
        }
        // Now that it was scrolled to.
        match self.innermost_frame(doing.limit).await {
            Ok((_, frame)) => Ok(Point { x: at.x + frame.x, y: at.y + frame.y }),
            Err(Failed::Why(why)) => Err(doing.failed(why)),
            Err(Failed::Obstacle(obstacle)) => Err(doing.obstructed(obstacle)),
        }
    }
}

/// Why there is no reply.
pub(in crate::browser) enum Failed {
    Why(Why),
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
