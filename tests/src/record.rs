//! What arrived.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::Route;
use crate::issuer::Verdict;

/// The part that a request plays in the life of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// An ordinary call, public or not.
    Call,
    /// A login.
    Login,
    /// A refresh.
    Refresh,
    /// A logout.
    Logout,
}

/// One request, as it arrived.
#[derive(Clone)]
pub struct Recorded {
    /// When it had arrived as a whole.
    pub at: Instant,
    /// Its method.
    pub method: Method,
    /// Path and query as on the wire, base included.
    pub target: String,
    /// Path below the base.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    /// Its part in the life of a session.
    pub part: Part,
    /// The access token that it carried.
    pub token: Option<String>,
    /// What the server thought of that token.
    pub verdict: Verdict,
}

impl Recorded {
    /// The value of a header, if there is exactly one and it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).into_iter();
        let only = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(only)
    }

    /// The body as JSON; null if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Which token set of its login the request carried, if the token was ever issued.
    #[must_use]
    pub fn generation(&self) -> Option<u64> {
        match self.verdict {
            Verdict::Good { generation, .. } | Verdict::Expired { generation, .. } => {
                Some(generation)
            }
            Verdict::Unasked | Verdict::Missing | Verdict::Unknown => None,
        }
    }

    /// Whose token the request carried, if the token was ever issued.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        match &self.verdict {
            Verdict::Good { user, .. } | Verdict::Expired { user, .. } => Some(user),
            Verdict::Unasked | Verdict::Missing | Verdict::Unknown => None,
        }
    }
}

impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, target, part, verdict, .. } = self;
        write!(f, "{method} {target} ({part:?}, {verdict:?})")
    }
}

/// Everything that arrived, in order.
pub(crate) struct Journal {
    entries: Mutex<Vec<Recorded>>,
    arrivals: watch::Sender<usize>,
}

impl Journal {
    pub(crate) fn new() -> Self {
        Self { entries: Mutex::default(), arrivals: watch::Sender::new(0) }
    }

    /// Notes a request and gives its number, from 0.
    pub(crate) fn note(&self, request: Recorded) -> usize {
        let number = {
            let mut entries = self.entries();
            entries.push(request);
            entries.len() - 1
        };
        self.arrivals.send_modify(|arrivals| *arrivals += 1);
        number
    }

    pub(crate) fn judged(&self, number: usize, verdict: Verdict) {
        self.entries()[number].verdict = verdict;
    }

    pub(crate) fn pick(&self, wanted: impl Fn(&Recorded) -> bool) -> Vec<Recorded> {
        self.entries().iter().filter(|request| wanted(request)).cloned().collect()
    }

    pub(crate) fn count(&self, wanted: impl Fn(&Recorded) -> bool) -> usize {
        self.entries().iter().filter(|request| wanted(request)).count()
    }

    pub(crate) async fn until(&self, route: &Route, wanted: usize) {
        let mut arrivals = self.arrivals.subscribe();
        let enough = |_: &usize| self.count(|one| route.matches(&one.method, &one.path)) >= wanted;
        // The sender is this journal's own, so that it outlives the wait.
        let _ = arrivals.wait_for(enough).await;
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Recorded>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
