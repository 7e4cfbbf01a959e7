//! A worker process and the wires to it.

use std::collections::BTreeMap;
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::wire::{self, Order, Word};
use super::wires::{self, Incoming, Outgoing};
use super::{ARGUMENT, NOTICE};
use crate::config::Signal;
use crate::process::{Exit, Group, Launch, SpawnError, Warden};
use crate::suite::BrowserSource;

/// How long a new process may take to say that it is there.
const START: Duration = Duration::from_mins(1);

/// A process that lives, as far as is known.
pub(super) struct Link {
    pub(super) group: Group,
    incoming: Incoming,
    outgoing: Outgoing,
    /// What has come in, up to a part of a message.
    input: Vec<u8>,
    /// What has not gone out yet.
    output: Vec<u8>,
    source: BrowserSource,
    pub(super) incarnation: u32,
    /// What the worker asked for is started; the answers to come.
    starting: FuturesUnordered<BoxFuture<'static, Order>>,
    /// It was told where it is.
    pub(super) has_home: bool,
    /// It is not to make another attempt.
    pub(super) spent: bool,
}

impl Link {
    /// Starts a process. `listener` is handed over to it. Must be called on a runtime.
    pub(super) fn start(
        log: &Path,
        listener: Option<&TcpListener>,
        warden: Option<&Arc<Warden>>,
        source: BrowserSource,
        incarnation: u32,
    ) -> io::Result<Self> {
        let (incoming, outgoing, wires) = wires::pair(listener)?;
        let launch = Launch {
            program: executable()?,
            args: vec![ARGUMENT.into()],
            env: BTreeMap::new(),
            dir: std::env::current_dir()?,
            log: log.to_owned(),
        };
        let group = Group::spawn_with(&launch, wires, warden).map_err(spawn_failed)?;
        Ok(Self {
            group,
            incoming,
            outgoing,
            input: Vec::new(),
            output: Vec::new(),
            source,
            incarnation,
            starting: FuturesUnordered::new(),
            has_home: false,
            spent: false,
        })
    }

    pub(super) async fn say(&mut self, order: &Order) -> io::Result<()> {
        self.output.extend(wire::frame(order)?);
        while !self.output.is_empty() {
            let written = self.outgoing.write(&self.output).await?;
            self.output.drain(..written);
        }
        Ok(())
    }

    /// The next word; nothing when there will be no more. Can be given up at any time, and asked for again. Browsers and
    /// drivers that the worker asks for meanwhile are started.
    pub(super) async fn hear(&mut self) -> io::Result<Option<Word>> {
        loop {
            match wire::take(&mut self.input)? {
                Some(Word::Browser { asked, gone }) => {
                    let started = (self.source.browser)(gone);
                    self.starting
                        .push(Box::pin(async move { Order::Browser { asked, answer: started.await } }));
                    continue;
                }
                Some(Word::Driver { asked, gone }) => {
                    let started = (self.source.driver)(gone);
                    self.starting
                        .push(Box::pin(async move { Order::Driver { asked, answer: started.await } }));
                    continue;
                }
                Some(word) => return Ok(Some(word)),
                None => {}
            }
            tokio::select! {
                read = self.incoming.read_buf(&mut self.input) => if read? == 0 {
                    return Ok(None);
                },
                written = self.outgoing.write(&self.output), if !self.output.is_empty() => {
                    self.output.drain(..written?);
                }
                Some(answer) = self.starting.next() => {
                    self.output.extend(wire::frame(&answer)?);
                }
            }
        }
    }

    /// Waits until the process says that it is there.
    pub(super) async fn arrives(&mut self) -> io::Result<()> {
        let word = tokio::time::timeout(START, self.hear()).await;
        let word =
            word.unwrap_or_else(|_| Err(io::Error::other(format!("it said nothing for {START:?}"))))?;
        match word {
            Some(Word::Ready) => Ok(()),
            Some(Word::Unfit(why)) => Err(io::Error::other(why)),
            Some(_) => Err(io::Error::other("it said something else than that it is there")),
            None => {
                let exit = self.group.exited().await;
                let last = self.group.last_lines(10).join("\n  ");
                let said = if last.is_empty() { last } else { format!("; its last words:\n  {last}") };
                Err(io::Error::other(format!("it {exit} before it was there{said}")))
            }
        }
    }

    /// How the process ended, once it has closed its side. One that lives on is killed: it can say nothing any more.
    pub(super) async fn exit(self) -> Option<Exit> {
        if let Ok(exit) = tokio::time::timeout(NOTICE, self.group.exited()).await {
            return Some(exit);
        }
        self.group.stop(Signal::Kill, Duration::ZERO).await;
        None
    }
}

/// This executable, also when it was built anew meanwhile.
fn executable() -> io::Result<PathBuf> {
    let own = PathBuf::from("/proc/self/exe");
    if cfg!(target_os = "linux") && own.exists() { Ok(own) } else { std::env::current_exe() }
}

fn spawn_failed(error: SpawnError) -> io::Error {
    io::Error::other(crate::model::chain(&error))
}
