//! A strict server that responds when the walk says so, and the record of a walk.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use http::{Response, StatusCode};
use perennial::layer::{HttpRequest, HttpResponse};
use perennial::{ErrorKind, Session};
use tokio::sync::oneshot;

use crate::walk::invariants;

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The tokens that came of one login.
#[derive(Debug, Default, Clone)]
pub(crate) struct Family {
    pub(crate) generation: u64,
    /// The server no longer accepts any of its tokens.
    pub(crate) void: bool,
    /// A rotation may have been lost on its way, so that a reuse is nobody's fault.
    pub(crate) ambiguous: bool,
    /// The client knows that it has expired.
    pub(crate) refused: bool,
}

#[derive(Debug, Default, Clone)]
pub(crate) struct Token {
    pub(crate) family: usize,
    pub(crate) over: bool,
    /// It was presented for a refresh.
    pub(crate) used: bool,
    /// The client knows that it has expired.
    pub(crate) told: bool,
}

/// The purpose of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    Call(usize),
    Login,
    Refresh,
    Logout,
}

/// A request that has arrived.
pub(crate) struct Pending {
    pub(crate) about: About,
    pub(crate) token: Option<String>,
    /// Set when the request has been processed.
    pub(crate) response: Option<ServerResponse>,
    /// The family of new tokens in the response.
    pub(crate) brings: Option<usize>,
    reply: oneshot::Sender<Result<HttpResponse, BoxError>>,
}

/// A response that is on its way.
#[derive(Debug, Clone)]
pub(crate) enum ServerResponse {
    Reply { status: u16, body: String, retry_after: Option<u32> },
    Broken,
}

/// Who was signed in when a call was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    Nobody,
    To(usize),
    /// The session had ended.
    Lost,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallKind {
    Plain,
    Optional,
    Public,
}

/// One call of a user, and what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Called {
    pub(crate) kind: CallKind,
    pub(crate) bound: Bound,
    pub(crate) sends: usize,
    pub(crate) good_responses: usize,
    pub(crate) outcome: Option<Outcome>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Good,
    Failed(ErrorKind),
    Dropped,
}

/// The token that was present when the session spawned a task, and whether it was to be renewed then. By the time
/// that the task runs, another user may have signed in.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) token: Option<String>,
    pub(crate) is_called_expired: bool,
    pub(crate) expires_again: bool,
}

/// The counts of the hooks.
#[derive(Debug, Default, Clone)]
pub(crate) struct Told {
    pub(crate) started: u64,
    pub(crate) finished: u64,
    pub(crate) replayed: u64,
    pub(crate) lost: u64,
    pub(crate) logouts: u64,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) families: Vec<Family>,
    pub(crate) tokens: BTreeMap<String, Token>,
    pub(crate) pending: Vec<Pending>,
    pub(crate) calls: Vec<Called>,
    pub(crate) told: Told,
    /// Requests for a refresh that arrived.
    pub(crate) refreshes: u64,
    pub(crate) ttl: Option<u64>,
    /// The token that the program expired.
    pub(crate) expired_by_program: Option<String>,
    /// The program expired a token of this family during a refresh: that holds for the token of the refresh as
    /// well.
    pub(crate) expires_again: Option<usize>,
    /// The origin of the task that runs now, if the session has spawned it.
    pub(crate) running: Option<Origin>,
    pub(crate) lost: bool,
    pub(crate) sends_during_refresh: bool,
    pub(crate) faults: Vec<String>,
    pub(crate) trace: Vec<String>,
}

/// Shared by the transport, the hooks and the walk.
#[derive(Clone, Default)]
pub(crate) struct World {
    state: Arc<Mutex<State>>,
    session: Arc<Mutex<Option<Session>>>,
}

impl World {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn enter(&self, session: &Session) {
        *self.session.lock().unwrap() = Some(session.clone());
    }

    /// Breaks the circle of session, transport and world.
    pub(crate) fn leave(&self) {
        *self.session.lock().unwrap() = None;
    }

    pub(crate) fn session(&self) -> Option<Session> {
        self.session.lock().unwrap().clone()
    }

    pub(crate) fn note(&self, line: impl Into<String>) {
        self.state().trace.push(line.into());
    }

    pub(crate) fn fault(&self, rule: &str, what: impl std::fmt::Display) {
        let mut state = self.state();
        let line = format!("{rule}: {what}");
        state.trace.push(format!("!!! {line}"));
        state.faults.push(line);
    }

    /// The state of the present token at this moment.
    pub(crate) fn origin(&self) -> Origin {
        let session = self.session();
        let token = session.and_then(|it| it.tokens()).map(|tokens| tokens.access().to_owned());
        let state = self.state();
        let known = token.as_ref().and_then(|token| state.tokens.get(token));
        let is_expired_by_program = token.is_some() && state.expired_by_program == token;
        Origin {
            is_called_expired: known.is_some_and(|token| token.told) || is_expired_by_program,
            expires_again: known.is_some_and(|token| state.expires_again == Some(token.family)),
            token,
        }
    }

    /// Takes a request, and responds when the walk says so.
    pub(crate) fn respond(
        &self,
        request: &HttpRequest,
    ) -> impl Future<Output = Result<HttpResponse, BoxError>> + use<> {
        let response = self.arrive(request);
        async move { response.await.unwrap_or_else(|_| Err("the server is gone".into())) }
    }

    fn arrive(&self, request: &HttpRequest) -> oneshot::Receiver<Result<HttpResponse, BoxError>> {
        let header = |name: &str| {
            request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let token = header("x-token");
        let about = match (request.uri().path(), header("x-call")) {
            ("/api/login", _) => About::Login,
            ("/api/refreshtoken", _) => About::Refresh,
            ("/api/logout", _) => About::Logout,
            (_, call) => About::Call(call.and_then(|call| call.parse().ok()).unwrap_or(0)),
        };
        invariants::arrival(self, about, token.as_deref());
        let (reply, response) = oneshot::channel();
        let mut state = self.state();
        state.trace.push(format!("arrives {about:?} with {}", token.as_deref().unwrap_or("-")));
        state.pending.push(Pending { about, token, response: None, brings: None, reply });
        response
    }
}

impl Pending {
    /// Nobody waits for the response any more.
    pub(crate) fn is_gone(&self) -> bool {
        self.reply.is_closed()
    }
}

impl State {
    /// Numbers a call that is about to be made.
    pub(crate) fn note_call(&mut self, kind: CallKind, bound: Bound) -> usize {
        self.calls.push(Called { kind, bound, sends: 0, good_responses: 0, outcome: None });
        self.calls.len() - 1
    }

    /// A first token for a new family.
    pub(crate) fn open(&mut self) -> (usize, String) {
        self.families.push(Family::default());
        let family = self.families.len() - 1;
        (family, self.issue(family))
    }

    pub(crate) fn family_of(&self, token: &str) -> Option<usize> {
        self.tokens.get(token).map(|token| token.family)
    }

    fn issue(&mut self, family: usize) -> String {
        for token in self.tokens.values_mut().filter(|token| token.family == family) {
            token.over = true;
        }
        self.families[family].generation += 1;
        let name = format!("token-{family}-{}", self.families[family].generation);
        self.tokens.insert(name.clone(), Token { family, ..Token::default() });
        name
    }

    /// Judges a request that has arrived, and does what it asks for.
    pub(crate) fn process(&mut self, at: usize) {
        let Pending { about, token, .. } = &self.pending[at];
        let (about, token) = (*about, token.clone());
        let known = token.as_ref().and_then(|token| self.tokens.get(token)).cloned();
        let void = known.as_ref().is_none_or(|token| self.families[token.family].void);
        if let (About::Refresh, Some(known)) = (about, &known) {
            // One that was given up may still be worked on: the client cannot know.
            let same = |one: &Pending| one.about == About::Refresh && one.token == token;
            self.families[known.family].ambiguous |=
                self.pending.iter().any(|one| same(one) && one.is_gone());
        }
        let over = "{\"code\":1234,\"message\":\"token expired\",\"data\":{}}";
        let refused = "{\"code\":1001,\"message\":\"please log in\"}";
        let good = "{\"code\":0,\"data\":7}";
        let (body, brings) = match (about, known) {
            (About::Login, _) => {
                let (family, token) = self.open();
                (self.grant(&token), Some(family))
            }
            (About::Call(_), None) if token.is_none() => (good.to_owned(), None),
            (About::Call(_) | About::Logout, Some(token)) if !void && token.over => {
                (over.to_owned(), None)
            }
            (About::Call(_), Some(_)) if !void => (good.to_owned(), None),
            (About::Logout, Some(token)) if !void => {
                self.families[token.family].void = true;
                (good.to_owned(), None)
            }
            (About::Refresh, Some(known)) if !void && !known.used => {
                let name = token.unwrap_or_default();
                if let Some(token) = self.tokens.get_mut(&name) {
                    token.used = true;
                }
                let next = self.issue(known.family);
                (self.grant(&next), Some(known.family))
            }
            (About::Refresh, Some(known)) if !void => {
                self.reuse(known.family);
                (refused.to_owned(), None)
            }
            _ => (refused.to_owned(), None),
        };
        self.trace.push(format!("processed {about:?}: {body}"));
        let pending = &mut self.pending[at];
        pending.response = Some(ServerResponse::Reply { status: 200, body, retry_after: None });
        pending.brings = brings;
    }

    fn grant(&self, token: &str) -> String {
        match self.ttl {
            Some(ttl) => {
                format!("{{\"code\":0,\"data\":{{\"token\":\"{token}\",\"tokenExprieIn\":{ttl}}}}}")
            }
            None => format!("{{\"code\":0,\"data\":{{\"token\":\"{token}\"}}}}"),
        }
    }

    /// A used token was presented again: the strict server ends the family.
    fn reuse(&mut self, family: usize) {
        if !self.families[family].ambiguous {
            self.faults.push(format!("reuse: a used token of family {family} came again"));
        }
        self.families[family].void = true;
    }

    /// Gives the response of a processed request to the caller, if it still waits.
    pub(crate) fn deliver(&mut self, at: usize) {
        let pending = self.pending.remove(at);
        let Some(response) = pending.response else { return };
        let expired =
            matches!(&response, ServerResponse::Reply { body, .. } if body.contains("1234"));
        let refused =
            matches!(&response, ServerResponse::Reply { body, .. } if body.contains("1001"));
        let good =
            matches!(&response, ServerResponse::Reply { body, .. } if body.contains("\"code\":0"));
        let family = pending.token.as_deref().and_then(|token| self.family_of(token));
        self.trace.push(format!("delivers to {:?}: {response:?}", pending.about));
        // What the client learns counts from before it can act on it.
        if let Some(token) = pending.token.as_ref().and_then(|token| self.tokens.get_mut(token)) {
            token.told |= expired;
        }
        if let Some(family) = family {
            self.families[family].refused |=
                refused || (expired && pending.about == About::Refresh);
        }
        let arrived = pending.reply.send(render(&response)).is_ok();
        match pending.about {
            About::Call(call) if arrived => {
                self.calls[call].good_responses += usize::from(good);
            }
            About::Refresh if !(arrived && good) => {
                if let Some(family) = pending.brings {
                    self.families[family].ambiguous = true;
                }
            }
            _ => {}
        }
    }
}

fn render(response: &ServerResponse) -> Result<HttpResponse, BoxError> {
    let ServerResponse::Reply { status, body, retry_after } = response else {
        return Err("the connection broke".into());
    };
    let mut response = Response::new(reqwest::Body::from(body.clone()));
    *response.status_mut() = StatusCode::from_u16(*status)?;
    response.headers_mut().insert("content-type", "application/json".parse()?);
    if let Some(seconds) = retry_after {
        response.headers_mut().insert("retry-after", (*seconds).into());
    }
    Ok(response)
}
