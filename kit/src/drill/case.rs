//! One case of the drill, and the invariants.

use std::marker::PhantomData;
use std::time::Duration;

use perennial::__private::kinds::{OpenPlain as _, Specific as _};
use perennial::__private::{Probe, end};
use perennial::declared::{Endpoint, Host, Role, SentIn};
use perennial::serve::Serve;
use perennial::{ApiClient, Bytes, Call, Error, SessionCredential, Tokens};
use tokio::task::JoinHandle;

use super::Report;
use super::plan::{Disturbance, Plan, Scenario};
use super::template::path;
use crate::chaos::spread;
use crate::protocol::Protocol;
use crate::{Issued, Reply, Route, Server, TestClock};

/// The header that identifies a request.
pub(super) const NUMBER: &str = "x-drill";

/// Longer than any cooldown.
const LONG: Duration = Duration::from_secs(3600);

/// The data that all cases of a client share.
pub(super) struct Case<'a, C, S> {
    pub(super) implementation: &'a dyn Fn() -> S,
    pub(super) truth: &'a dyn Fn(Protocol) -> Protocol,
    pub(super) client: PhantomData<fn() -> C>,
}

/// A call and its outcome.
pub(super) struct Made {
    pub(super) number: u64,
    pub(super) endpoint: &'static Endpoint,
    pub(super) user: String,
    pub(super) canceled: bool,
    handle: JoinHandle<perennial::Result<Bytes>>,
}

impl<C, S> Case<'_, C, S>
where
    C: Serve<S>,
    S: Send + Sync + 'static,
{
    /// Runs a plan. Returns the first invariant that it violates.
    pub(super) async fn run(&self, plan: &Plan) -> Option<Report> {
        let credentials = match self.credentials().await {
            Ok(credentials) => credentials,
            Err(finding) => return Some(Report { finding, transcript: Vec::new() }),
        };
        let server = self.server();
        server.expect_reuse();
        let client = self.client(&server);
        let mut drill = Drill { server, client, credentials, user: 0, calls: 0, is_shaken: false };
        for scenario in &plan.scenarios {
            if let Some(finding) = drill.scenario(scenario).await {
                return Some(Report { finding, transcript: drill.server.transcript() });
            }
        }
        None
    }

    fn server(&self) -> Server {
        Server::for_drill::<C, S>((self.implementation)(), self.truth)
    }

    fn client(&self, server: &Server) -> C {
        let http = perennial::__private::http_without_certificates();
        let builder = C::builder("http://drill.test").http(http).clock(TestClock::new());
        builder.layer(server.layer()).build().expect("a client with a layer can be built")
    }

    /// The credentials. Whether the refresh of the implementation grants a refresh token is found by trying it.
    async fn credentials(&self) -> Result<Vec<Own>, String> {
        let server = self.server();
        server.expect_reuse();
        let client = self.client(&server);
        let declared = C::API.declared_credentials();
        let mut credentials = Vec::new();
        for (credential, issuer) in declared.iter().zip(server.issuers()) {
            let (name, is_free) = (credential.name, issuer.is_free());
            let refresh = issuer.roles.refresh.clone();
            let mut own = Own { name, is_free, refresh, has_refresh_token: false };
            if let Some(route) = &own.refresh {
                // It may carry the token of another credential, which the last one may have ended.
                for credential in declared {
                    let tokens = Tokens::new("drill.access").with_refresh("drill.refresh");
                    let _ = of(&client, credential.name).login(tokens).await;
                }
                let before = server.count(route);
                let refreshed = of(&client, name).refresh().await;
                let Some(is_granted) = issuer.is_refresh_token_granted() else {
                    return Err(no_tokens(server.count(route) > before, refreshed));
                };
                own.has_refresh_token = is_granted || issuer.adds_refresh_token;
            }
            credentials.push(own);
        }
        Ok(credentials)
    }
}

/// Why a refresh brought nothing.
fn no_tokens(has_arrived: bool, refreshed: perennial::Result<()>) -> String {
    if has_arrived {
        return "the implementation's refresh grants no tokens".to_owned();
    }
    let why = refreshed.err().map(|error| format!(": {error}")).unwrap_or_default();
    format!("the declared refresh sends no request that the server takes for one{why}")
}

fn of(client: &impl ApiClient, name: &str) -> SessionCredential {
    client.session().credential(name).expect("the name of a declared credential")
}

/// One declared credential.
pub(super) struct Own {
    pub(super) name: &'static str,
    /// Its refresh does not identify the user.
    pub(super) is_free: bool,
    /// Without one, its tokens never expire.
    pub(super) refresh: Option<Route>,
    has_refresh_token: bool,
}

pub(super) struct Drill<C> {
    pub(super) server: Server,
    client: C,
    pub(super) credentials: Vec<Own>,
    user: u64,
    calls: u64,
    /// The last scenario may have left an expired token.
    is_shaken: bool,
}

impl<C: ApiClient> Drill<C> {
    /// One scenario. Returns the invariant that it violates.
    async fn scenario(&mut self, scenario: &Scenario) -> Option<String> {
        // Nothing of the last scenario affects this one: neither its cooldown nor its expired token.
        self.server.behave();
        self.prepare().await;
        let expiring = self.expiring(scenario.seed);
        let refreshes = self.refreshes();
        let mut made = Vec::new();
        for (at, lag) in scenario.before.iter().enumerate() {
            let call = self.call(scenario.seed ^ at as u64, Some(Duration::from_millis(*lag)));
            made.push(call);
        }
        tokio::task::yield_now().await;
        for at in &expiring {
            self.server.issuers()[*at].expire_all();
            let refresh = self.credentials[*at].refresh.clone().unwrap_or_else(Route::never);
            if scenario.disturbance == Disturbance::FailedRefresh {
                self.server.on(refresh).nth(1).response(Reply::status(503));
            } else {
                self.server.on(refresh).delay(Duration::from_millis(40));
            }
        }
        for at in 0..scenario.after {
            made.push(self.call(spread(scenario.seed ^ at), None));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        self.is_shaken = scenario.disturbance != Disturbance::Nothing;
        self.disturb(scenario.disturbance, &expiring, &mut made).await;
        let (settled, made) = settled(made).await;
        if !settled {
            return Some("a call never settled".to_owned());
        }
        // A refresh that a call started without waiting for it, as with `replay = off`, completes. The client's clock
        // follows this time.
        tokio::time::sleep(LONG).await;
        self.check_calls(scenario.disturbance, &expiring, made)
            .or_else(|| self.check_wire())
            .or_else(|| self.check_refreshes(scenario.disturbance, &expiring, &refreshes))
            .or_else(|| self.check_session(scenario.disturbance))
    }

    /// Brings tokens that are valid for every credential.
    async fn prepare(&mut self) {
        let is_shaken = std::mem::take(&mut self.is_shaken);
        for (at, own) in self.credentials.iter().enumerate() {
            // Of several, one may have been expired when nothing carried it.
            if own.refresh.is_some() && (is_shaken || self.has_expired(at)) {
                let _ = self.credential(own.name).refresh().await;
            }
        }
        if self.users().any(|own| !self.credential(own.name).is_signed_in()) {
            self.sign_in().await;
        }
        // The client gets these by itself, at the latest with the first call.
        for own in self.credentials.iter().filter(|own| own.refresh.is_some()) {
            if !self.credential(own.name).is_signed_in() {
                let _ = self.credential(own.name).refresh().await;
            }
        }
    }

    /// Whether one of several credentials has an expired token.
    fn has_expired(&self, at: usize) -> bool {
        let tokens = self.credential(self.credentials[at].name).tokens();
        let is_expired = |tokens: Tokens| self.server.issuers()[at].has_expired(tokens.access());
        self.credentials.len() > 1 && tokens.is_some_and(is_expired)
    }

    /// The credentials to which a user signs in; the client gets the tokens of the others with its own key.
    pub(super) fn users(&self) -> impl Iterator<Item = &Own> {
        self.credentials
            .iter()
            .enumerate()
            .filter(|(at, own)| *at == 0 || !own.is_free)
            .map(|(_, own)| own)
    }

    pub(super) fn credential(&self, name: &str) -> SessionCredential {
        of(&self.client, name)
    }

    /// The credentials whose tokens expire in a scenario: any of those that can be renewed, at least one.
    fn expiring(&self, seed: u64) -> Vec<usize> {
        let renewable =
            self.credentials.iter().enumerate().filter(|(_, own)| own.refresh.is_some());
        let renewable: Vec<_> = renewable.map(|(at, _)| at).collect();
        let chosen = match renewable.len() {
            0 => 0,
            length => 1 + spread(!seed) % ((1 << length) - 1),
        };
        let is_chosen = |(bit, at): (usize, usize)| (chosen >> bit & 1 == 1).then_some(at);
        renewable.into_iter().enumerate().filter_map(is_chosen).collect()
    }

    /// The refreshes of each credential that have arrived.
    pub(super) fn refreshes(&self) -> Vec<usize> {
        let count = |own: &Own| own.refresh.as_ref().map_or(0, |route| self.server.count(route));
        self.credentials.iter().map(count).collect()
    }

    /// Signs another user in, to every credential that has one.
    async fn sign_in(&mut self) {
        self.user += 1;
        for (at, own) in self.credentials.iter().enumerate() {
            if at > 0 && own.is_free {
                continue;
            }
            let issuer = &self.server.issuers()[at];
            let Issued { access, refresh, .. } = issuer.open(&format!("user{}", self.user));
            let mut tokens = Tokens::new(access);
            if let Some(refresh) = refresh.filter(|_| own.has_refresh_token) {
                tokens = tokens.with_refresh(refresh);
            }
            let _ = self.credential(own.name).login(tokens).await;
        }
    }

    async fn disturb(&mut self, disturbance: Disturbance, expiring: &[usize], made: &mut [Made]) {
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
            Disturbance::Revoke => {
                expiring.iter().for_each(|at| self.server.issuers()[*at].revoke_all());
            }
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
        let mut draft = path(self.client.as_client().call(endpoint), endpoint, number);
        // The call has no arguments, but a form that takes values from the tokens.
        if endpoint.from_tokens.iter().any(|it| matches!(it.place, SentIn::Field(_))) {
            draft = draft.form(Ok(String::new()));
        }
        let kind = (&&&&Probe::<Bytes>::NEW.__perennial_open()).__perennial_kind();
        let end = end(kind, (), std::convert::identity);
        let call: Call<Bytes, Error> = draft.header(NUMBER, Ok(Some(number.into()))).end(end);
        if let Some(lag) = lag {
            self.server.on(Route::any()).with_header(NUMBER, &number.to_string()).nth(1).lag(lag);
        }
        let handle = tokio::spawn(call.into_future());
        Made { number, endpoint, user: format!("user{}", self.user), canceled: false, handle }
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
