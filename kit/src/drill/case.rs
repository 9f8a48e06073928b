//! One case of the drill, and the invariants.

use std::fmt::Display;
use std::marker::PhantomData;
use std::time::Duration;

use perennial::__private::kinds::{OpenPlain as _, Specific as _};
use perennial::__private::{Draft, Probe, end};
use perennial::declared::{Access, Endpoint, Host, Role};
use perennial::serve::Serve;
use perennial::{ApiClient, Bytes, Call, Error, Tokens};
use tokio::task::JoinHandle;

use super::Report;
use super::plan::{Disturbance, Plan, Storm};
use crate::chaos::spread;
use crate::protocol::Protocol;
use crate::record::{Part, Recorded};
use crate::{Issued, Reply, Route, Server, TestClock};

/// The header that identifies a request.
const NUMBER: &str = "x-drill";

/// Longer than any cooldown.
const LONG: Duration = Duration::from_secs(3600);

/// The data that all cases of a client share.
pub(super) struct Case<'a, C, S> {
    pub(super) implementation: &'a dyn Fn() -> S,
    pub(super) truth: &'a dyn Fn(Protocol) -> Protocol,
    pub(super) client: PhantomData<fn() -> C>,
}

/// A call and its outcome.
struct Made {
    number: u64,
    endpoint: &'static Endpoint,
    user: String,
    canceled: bool,
    handle: JoinHandle<perennial::Result<Bytes>>,
}

impl<C, S> Case<'_, C, S>
where
    C: Serve<S>,
    S: Send + Sync + 'static,
{
    /// Runs a plan. Returns the first invariant that it violates.
    pub(super) async fn run(&self, plan: &Plan) -> Option<Report> {
        let has_refresh_token = match self.grants_refresh_token().await {
            Ok(has_refresh_token) => has_refresh_token,
            Err(finding) => return Some(Report { finding, transcript: Vec::new() }),
        };
        let server = self.server();
        server.expect_reuse();
        let clock = TestClock::new();
        let client = self.client(&server, &clock);
        let mut drill =
            Drill { server, clock, client, has_refresh_token, user: 0, calls: 0, is_shaken: false };
        for storm in &plan.storms {
            if let Some(finding) = drill.storm(storm).await {
                return Some(Report { finding, transcript: drill.server.transcript() });
            }
        }
        None
    }

    fn server(&self) -> Server {
        Server::for_drill::<C, S>((self.implementation)(), self.truth)
    }

    fn client(&self, server: &Server, clock: &TestClock) -> C {
        let http = perennial::__private::http_without_certificates();
        let builder = C::builder("http://drill.test").http(http).clock(clock.clone());
        builder.layer(server.layer()).build().expect("a client with a layer can be built")
    }

    /// Whether the refresh of the implementation grants a refresh token.
    async fn grants_refresh_token(&self) -> Result<bool, String> {
        let server = self.server();
        server.expect_reuse();
        let client = self.client(&server, &TestClock::new());
        let tokens = Tokens::new("access").with_refresh("refresh");
        let _ = client.session().login(tokens).await;
        let refreshed = client.session().refresh().await;
        let arrived = server.refreshes();
        server.grants_refresh_token().ok_or_else(|| match arrived {
            0 => {
                let why = refreshed.err().map(|error| format!(": {error}")).unwrap_or_default();
                format!("the declared refresh sends no request that the server takes for one{why}")
            }
            _ => "the implementation's refresh grants no tokens".to_owned(),
        })
    }
}

struct Drill<C> {
    server: Server,
    clock: TestClock,
    client: C,
    has_refresh_token: bool,
    user: u64,
    calls: u64,
    /// The last storm may have left an expired token.
    is_shaken: bool,
}

impl<C: ApiClient> Drill<C> {
    /// One storm. Returns the invariant that it violates.
    async fn storm(&mut self, storm: &Storm) -> Option<String> {
        // Nothing of the last storm affects this one: neither its cooldown nor its expired token.
        self.clock.advance(LONG);
        self.server.behave();
        if std::mem::take(&mut self.is_shaken) {
            let _ = self.client.session().refresh().await;
        }
        if !self.client.session().is_signed_in() {
            self.sign_in().await;
        }
        let refreshes = self.server.refreshes();
        let mut made = Vec::new();
        for (at, lag) in storm.before.iter().enumerate() {
            let call = self.call(storm.seed ^ at as u64, Some(Duration::from_millis(*lag)));
            made.push(call);
        }
        tokio::task::yield_now().await;
        self.server.expire_all();
        if storm.disturbance == Disturbance::FailedRefresh {
            self.server.on_refresh().nth(1).response(Reply::status(503));
        } else {
            self.server.on_refresh().delay(Duration::from_millis(40));
        }
        for at in 0..storm.after {
            made.push(self.call(spread(storm.seed ^ at), None));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        self.is_shaken = storm.disturbance != Disturbance::Nothing;
        self.disturb(storm.disturbance, &mut made).await;
        let (settled, made) = settled(made).await;
        if !settled {
            return Some("a call never settled".to_owned());
        }
        self.check_calls(storm.disturbance, made)
            .or_else(|| self.check_wire())
            .or_else(|| self.check_refreshes(storm.disturbance, refreshes))
            .or_else(|| self.check_session(storm.disturbance))
    }

    async fn sign_in(&mut self) {
        self.user += 1;
        let Issued { access, refresh, .. } = self.server.issue(&format!("user{}", self.user));
        let mut tokens = Tokens::new(access);
        let has_refresh_token = self.has_refresh_token || self.server.gives_refresh_token();
        if let Some(refresh) = refresh.filter(|_| has_refresh_token) {
            tokens = tokens.with_refresh(refresh);
        }
        let _ = self.client.session().login(tokens).await;
    }

    async fn disturb(&mut self, disturbance: Disturbance, made: &mut [Made]) {
        match disturbance {
            Disturbance::Nothing | Disturbance::FailedRefresh => {}
            Disturbance::Cancel => {
                for call in made.iter_mut().step_by(3) {
                    call.canceled = true;
                    call.handle.abort();
                }
            }
            Disturbance::Logout => {
                let _ = self.client.session().logout().await;
            }
            Disturbance::SwitchUser => self.sign_in().await,
            Disturbance::Revoke => self.server.revoke_all(),
        }
    }

    /// Calls an endpoint that the seed chooses.
    fn call(&mut self, seed: u64, lag: Option<Duration>) -> Made {
        let callable: Vec<_> = C::endpoints()
            .iter()
            .filter(|it| it.role == Role::None && !it.path.is_empty() && it.host == Host::Own)
            .collect();
        let endpoint = match callable.len() as u64 {
            0 => &C::endpoints()[0],
            length => callable[(seed % length) as usize],
        };
        self.calls += 1;
        let number = self.calls;
        let draft = path(self.client.as_client().call(endpoint), endpoint, number);
        let kind = (&&&&Probe::<Bytes>::NEW.__perennial_open()).__perennial_kind();
        let end = end(kind, (), std::convert::identity);
        let call: Call<Bytes, Error> = draft.header(NUMBER, Ok(Some(number.into()))).end(end);
        if let Some(lag) = lag {
            self.server.on(Route::any()).with_header(NUMBER, &number.to_string()).nth(1).lag(lag);
        }
        let handle = tokio::spawn(call.into_future());
        Made { number, endpoint, user: format!("user{}", self.user), canceled: false, handle }
    }

    fn check_calls(
        &self,
        disturbance: Disturbance,
        made: Vec<(Made, Option<Error>)>,
    ) -> Option<String> {
        let recorded = self.server.recorded();
        for (call, error) in made {
            let of_call = |one: &&Recorded| one.header(NUMBER) == Some(&call.number.to_string());
            let sent: Vec<_> = recorded.iter().filter(of_call).collect();
            let name = call.endpoint;
            if call.endpoint.retry.is_none() && sent.len() > 2 {
                return Some(format!("{name} was sent {} times for one expiry", sent.len()));
            }
            for request in &sent {
                // If a refresh does not identify its user, it may return the tokens of the next user.
                let is_known = !self.server.is_free();
                if is_known && request.user().is_some_and(|user| user != call.user) {
                    return Some(format!(
                        "a call of {} went out with the token of {:?}",
                        call.user,
                        request.user()
                    ));
                }
                if call.endpoint.access == Access::Public && request.token.is_some() {
                    return Some(format!("{name} is public and carried a token"));
                }
            }
            let must_succeed = matches!(disturbance, Disturbance::Nothing | Disturbance::Cancel);
            let is_replayed = call.endpoint.replay == perennial::declared::Replay::Always;
            if let Some(error) = error.filter(|_| must_succeed && !call.canceled && is_replayed) {
                return Some(format!("a call failed although one refresh was enough: {error}"));
            }
        }
        None
    }

    fn check_wire(&self) -> Option<String> {
        if self.server.reuses() > 0 {
            return Some("a refresh token was used twice, which revokes the login".to_owned());
        }
        let refresh_tokens = self.server.refresh_tokens();
        let leaks = |one: &Recorded| one.part == Part::Call && one.contains_any(&refresh_tokens);
        let leak = self.server.recorded().into_iter().find(leaks);
        leak.filter(|_| self.has_refresh_token)
            .map(|one| format!("a refresh token was sent to {} {}", one.method, one.path))
    }

    fn check_refreshes(&self, disturbance: Disturbance, before: usize) -> Option<String> {
        let refreshes = self.server.refreshes() - before;
        let allowed = match disturbance {
            Disturbance::Nothing | Disturbance::Cancel => 1,
            Disturbance::FailedRefresh => 1,
            _ => 2,
        };
        (refreshes > allowed).then(|| format!("{refreshes} refreshes for one expiry"))
    }

    fn check_session(&self, disturbance: Disturbance) -> Option<String> {
        let signed_in = self.client.session().is_signed_in();
        match disturbance {
            // A client with its own key may get new tokens at once.
            Disturbance::Logout if self.server.is_free() => None,
            Disturbance::Logout => signed_in.then(|| "signed in after a logout".to_owned()),
            // Whether a revoked login was noticed depends on the calls.
            Disturbance::Revoke => None,
            _ => (!signed_in).then(|| "the session ended, and the server never said so".to_owned()),
        }
    }
}

/// Waits for all calls, however long it takes in virtual time.
async fn settled(made: Vec<Made>) -> (bool, Vec<(Made, Option<Error>)>) {
    let mut ended = Vec::new();
    for mut call in made {
        match tokio::time::timeout(LONG, &mut call.handle).await {
            Err(_) => return (false, ended),
            Ok(Ok(Err(error))) => ended.push((call, Some(error))),
            Ok(_) => ended.push((call, None)),
        }
    }
    (true, ended)
}

/// The path of a template, with a value in each placeholder.
fn path(mut draft: Draft, endpoint: &'static Endpoint, number: u64) -> Draft {
    let template = endpoint.path;
    let query = template.match_indices('?').find(|(at, _)| !template[at + 1..].starts_with('}'));
    let (mut rest, query) = match query {
        Some((at, _)) => (&template[..at], Some(&template[at + 1..])),
        None => (template, None),
    };
    let value = |each: &mut dyn FnMut(&dyn Display)| {
        each(&number);
        Ok(())
    };
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        let is_optional = name.ends_with('?');
        let before = if is_optional { before.strip_suffix('/').unwrap_or(before) } else { before };
        if !before.is_empty() {
            draft = draft.literal(before);
        }
        if let Some(name) = name.strip_prefix('*') {
            draft = draft.tail(name, &value);
        } else if !is_optional {
            draft = draft.segment(name, &value);
        }
        rest = after;
    }
    if !rest.is_empty() {
        draft = draft.literal(rest);
    }
    match query {
        Some(query) => draft.literal_query(query),
        None => draft,
    }
}
