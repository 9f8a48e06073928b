//! Faults and delays: where, when and for how many requests.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, Method};
use serde_json::Value;

use crate::chaos;
use crate::hold::{Hold, Queue};
use crate::{Reply, Route};

/// A script for some requests of a route; created by [`Server::on`](crate::Server::on).
///
/// Requests are counted from the moment at which the script is written. A script takes effect with its last method,
/// such as `response`: `server.on("/orders").nth(2).response(Reply::status(503))`.
///
/// ```
/// use perennial_test::{Reply, Server};
///
/// # use perennial::{Result, Tokens, api_client};
/// # #[api_client(auth(bearer, expired(status = 401)))]
/// # pub trait Shop {
/// #     #[post("/login", login)]
/// #     async fn login(&self, #[query] user: &str) -> Result<Tokens>;
/// #     #[post("/refresh", refresh)]
/// #     async fn refresh(&self) -> Result<Tokens>;
/// #     #[get("/stock/{id}")]
/// #     async fn stock(&self, id: u64) -> Result<u64>;
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # let server = Server::declared::<ShopClient>();
/// # server.offer("/stock/{id}", 14.into());
/// # let shop = ShopClient::builder(server.origin()).build()?;
/// # shop.login("ann").await?;
/// server.on("/stock/{id}").nth(1).response(Reply::status(503));
/// server.on("GET /stock/8").close();
/// assert_eq!(shop.stock(7).await.unwrap_err().status().map(|it| it.as_u16()), Some(503));
/// assert_eq!(shop.stock(7).await?, 14);
/// assert!(shop.stock(8).await.is_err());
/// # Ok(())
/// # }
/// ```
#[must_use = "a script without a verb has no effect"]
pub struct Script<'a> {
    scripts: &'a Scripts,
    route: Route,
    header: Option<(&'static str, String)>,
    skip: usize,
    take: usize,
}

/// Before the request is processed, or after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Before,
    After,
}

/// A change of the JSON of a response.
pub(crate) type Edit = Arc<dyn Fn(&mut Value) + Send + Sync>;

#[derive(Clone)]
pub(crate) enum Action {
    Wait(Arc<dyn Fn(usize) -> Duration + Send + Sync>),
    Hold(Arc<Queue>),
    Close,
    Silence,
    Respond(Reply),
    Edit(Edit),
    /// Ends the body of the response after this many bytes.
    Cut(usize),
    /// A fault by seed.
    Chaos(u64),
}

impl Action {
    pub(crate) fn wait(delay: Duration) -> Self {
        Self::Wait(Arc::new(move |_| delay))
    }
}

/// One action on one request.
pub(crate) struct Step {
    pub(crate) when: When,
    pub(crate) action: Action,
    /// The number of the request among those that the script selects, from 0.
    pub(crate) number: usize,
}

#[derive(Default)]
pub(crate) struct Scripts {
    rules: Mutex<Vec<Rule>>,
}

struct Rule {
    route: Route,
    /// Only requests with this header.
    header: Option<(&'static str, String)>,
    skip: usize,
    take: usize,
    seen: usize,
    when: When,
    action: Action,
}

impl<'a> Script<'a> {
    pub(crate) fn new(scripts: &'a Scripts, route: Route) -> Self {
        Self { scripts, route, header: None, skip: 0, take: usize::MAX }
    }

    /// Only requests with this header.
    pub fn with_header(self, name: &'static str, value: &str) -> Self {
        Self { header: Some((name, value.to_owned())), ..self }
    }

    /// Only the n-th request, from 1.
    pub fn nth(self, nth: usize) -> Self {
        Self { skip: nth.saturating_sub(1), take: 1, ..self }
    }

    /// Only the first requests.
    pub fn first(self, take: usize) -> Self {
        Self { skip: 0, take, ..self }
    }

    /// Only the requests after the first ones.
    pub fn after(self, skip: usize) -> Self {
        Self { skip, take: usize::MAX, ..self }
    }

    /// Sends this response. The request is not processed, and no token is checked or used.
    pub fn response(self, reply: Reply) {
        self.write(When::Before, Action::Respond(reply));
    }

    /// Processes the request and then sends this response: the effect remains, but the original response is lost.
    pub fn response_after(self, reply: Reply) {
        self.write(When::After, Action::Respond(reply));
    }

    /// Processes the request and changes the JSON of the response.
    pub fn edit(self, edit: impl Fn(&mut Value) + Send + Sync + 'static) {
        self.write(When::After, Action::Edit(Arc::new(edit)));
    }

    /// Processes the request and breaks the connection after this many bytes of the response.
    pub fn cut(self, bytes: usize) {
        self.write(When::After, Action::Cut(bytes));
    }

    /// Faults and delays that a seed determines: half of the requests get status 503, an HTML page, a broken body,
    /// a closed connection or a delay of at most 15 ms. The same seed yields the same faults in the same order.
    pub fn chaos(self, seed: u64) {
        self.write(When::Before, Action::Chaos(seed));
    }

    /// Sends a redirect; a path is below this server's root.
    pub fn redirect(self, status: u16, to: &str) {
        self.response(Reply::status(status).header("location", to));
    }

    /// Closes the connection without a response and processes nothing.
    pub fn close(self) {
        self.write(When::Before, Action::Close);
    }

    /// Processes the request and closes the connection without a response.
    pub fn close_after(self) {
        self.write(When::After, Action::Close);
    }

    /// Never responds, and processes nothing.
    pub fn never(self) {
        self.write(When::Before, Action::Silence);
    }

    /// Processes the request and never responds.
    pub fn never_after(self) {
        self.write(When::After, Action::Silence);
    }

    /// Checks and processes the request when it arrives, and responds after this delay, on tokio's clock.
    pub fn delay(self, delay: Duration) {
        self.delay_by(move |_| delay);
    }

    /// Like [`delay`](Self::delay), but with a delay for each request; requests are numbered from 0.
    pub fn delay_by(self, delay: impl Fn(usize) -> Duration + Send + Sync + 'static) {
        self.write(When::After, Action::Wait(Arc::new(delay)));
    }

    /// Delays the request, on tokio's clock, before it is checked and processed.
    pub fn lag(self, delay: Duration) {
        self.write(When::Before, Action::Wait(Arc::new(move |_| delay)));
    }

    /// Checks and processes each request when it arrives, and responds when the test releases it.
    pub fn hold(self) -> Hold {
        let (hold, queue) = Hold::new();
        self.write(When::After, Action::Hold(queue));
        hold
    }

    /// Delays each request until the test releases it, before it is checked and processed.
    pub fn hold_back(self) -> Hold {
        let (hold, queue) = Hold::new();
        self.write(When::Before, Action::Hold(queue));
        hold
    }

    fn write(self, when: When, action: Action) {
        let Self { scripts, route, header, skip, take } = self;
        let rule = Rule { route, header, skip, take, seen: 0, when, action };
        scripts.rules.lock().unwrap_or_else(PoisonError::into_inner).push(rule);
    }
}

impl Scripts {
    /// The actions on a request that has just arrived.
    pub(crate) fn steps(&self, method: &Method, path: &str, headers: &HeaderMap) -> Vec<Step> {
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        let meant = rules.iter_mut().filter(|rule| {
            let has =
                |(name, value): &(&str, String)| headers.get(*name).is_some_and(|it| it == value);
            rule.route.matches(method, path) && rule.header.as_ref().is_none_or(has)
        });
        meant.filter_map(Rule::next).collect()
    }

    /// Removes all scripts.
    pub(crate) fn clear(&self) {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Rule {
    fn next(&mut self) -> Option<Step> {
        let number = self.seen.checked_sub(self.skip);
        self.seen += 1;
        let number = number.filter(|number| *number < self.take)?;
        let (when, action) = match &self.action {
            Action::Chaos(seed) => chaos::fault(*seed, number)?,
            action => (self.when, action.clone()),
        };
        Some(Step { when, action, number })
    }
}

impl fmt::Debug for Script<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("route", &self.route).finish_non_exhaustive()
    }
}
