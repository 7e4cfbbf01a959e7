//! What some faults need beyond a line at their place: what they remember, and what they compute.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use serde_json::Value;

use super::Fault;
use crate::auth::Viewer;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::records::Kind;

type Query = HashMap<String, String>;

fn locked<T>(shared: &'static Mutex<T>) -> MutexGuard<'static, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `sticky-search`: a list that is asked for without a search gets the person's last one.
pub(crate) fn with_last_search(viewer: &Viewer, kind: Kind, query: &mut Query) {
    static LAST: Mutex<BTreeMap<(i64, &'static str), String>> = Mutex::new(BTreeMap::new());
    let key = (viewer.user_id, kind.plural());
    match query.get("search") {
        Some(search) => {
            locked(&LAST).insert(key, search.clone());
        }
        None => {
            if let Some(search) = locked(&LAST).get(&key) {
                query.insert("search".to_owned(), search.clone());
            }
        }
    }
}

/// `cache-without-viewer`: the lists, by kind and query.
pub(crate) mod cache {
    use super::{AtomicU64, BTreeMap, Kind, Mutex, Ordering, Query, Result, Value, locked};

    type Key = (&'static str, BTreeMap<String, String>);

    static LISTS: Mutex<BTreeMap<Key, (u64, Vec<Value>)>> = Mutex::new(BTreeMap::new());
    static CHANGES: AtomicU64 = AtomicU64::new(0);

    /// The list that was kept, if nothing was changed since then; else the fresh one, which is kept now.
    pub(crate) fn list(
        kind: Kind,
        query: &Query,
        fresh: impl FnOnce() -> Result<Vec<Value>>,
    ) -> Result<Vec<Value>> {
        let changes = CHANGES.load(Ordering::SeqCst);
        let given = query.iter().filter(|(_, value)| !value.is_empty());
        let key = (kind.plural(), given.map(|(name, value)| (name.clone(), value.clone())).collect());
        if let Some((then, items)) = locked(&LISTS).get(&key)
            && *then == changes
        {
            return Ok(items.clone());
        }
        let items = fresh()?;
        locked(&LISTS).insert(key, (changes, items.clone()));
        Ok(items)
    }

    pub(crate) fn changed() {
        CHANGES.fetch_add(1, Ordering::SeqCst);
    }
}

/// `stale-index`: the users as they were when one of them was last changed.
pub(crate) mod index {
    use super::{BTreeSet, Connection, Mutex, Result, Value, locked};

    static KNOWN: Mutex<BTreeSet<i64>> = Mutex::new(BTreeSet::new());

    pub(crate) fn rebuild(db: &Connection) -> Result<()> {
        let mut statement = db.prepare("SELECT id FROM users")?;
        let ids = statement.query_map([], |row| row.get(0))?;
        *locked(&KNOWN) = ids.collect::<Result<_, _>>()?;
        Ok(())
    }

    pub(crate) fn keep_known(users: &mut Vec<Value>) {
        let known = locked(&KNOWN);
        users.retain(|user| user["id"].as_i64().is_some_and(|id| known.contains(&id)));
    }
}

/// `dashboard-race`: the dashboards that have registered. Each is a page that somebody has loaded.
pub(crate) mod dashboards {
    use axum::http::HeaderMap;

    use super::{BTreeSet, Error, Fault, Mutex, Result, locked};

    static REGISTERED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

    fn page(headers: &HeaderMap) -> Option<&str> {
        headers.get("x-page")?.to_str().ok()
    }

    /// `POST /api/dashboard/registration`
    pub(crate) async fn register(headers: HeaderMap) -> Result<()> {
        let page =
            page(&headers).filter(|_| Fault::DashboardRace.is_on()).ok_or(Error::NotFound("address"))?;
        locked(&REGISTERED).insert(page.to_owned());
        Ok(())
    }

    /// Programs, which are no pages, need no registration.
    pub(crate) fn demand(headers: &HeaderMap) -> Result<()> {
        match page(headers) {
            Some(page) if !locked(&REGISTERED).remove(page) => {
                Err(Error::Conflict("The dashboard is not registered yet.".into()))
            }
            _ => Ok(()),
        }
    }
}

/// `slow-report`: how the campus uses its seats, counted one by one.
pub(crate) async fn utilisation(db: &Db) -> Result<()> {
    const LIMIT: Duration = Duration::from_millis(150);
    const REPORT: &str = "WITH RECURSIVE seat (number) AS
            (SELECT 1 UNION ALL SELECT number + 1 FROM seat WHERE number < 70000)
        SELECT count(*) FROM seat WHERE number % 7 IN (SELECT capacity % 7 FROM offerings)";
    let report = db.read(|db| Ok(db.query_row(REPORT, [], |row| row.get::<_, i64>(0))?));
    match tokio::time::timeout(LIMIT, report).await {
        Ok(report) => report.map(drop),
        Err(_) => Err(Error::Unavailable("The utilisation report took too long. Please try again.".into())),
    }
}
