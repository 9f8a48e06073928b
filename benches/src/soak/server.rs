//! A strict server within the process, reached through a layer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Response, StatusCode};
use perennial::layer::{HttpRequest, HttpResponse};

use super::Random;
use crate::Outcome;

/// How long a token lives, as the server says.
pub(super) const LIFETIME: Duration = Duration::from_secs(1_000);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone)]
pub(super) struct Server(Arc<Mutex<State>>);

struct State {
    users: Vec<User>,
    faults: Vec<String>,
}

/// The tokens of a user are numbered: `user-login-number`.
#[derive(Clone, Default)]
struct User {
    login: u64,
    number: u64,
    is_expired: bool,
    /// Whether the present token has ever come back: then the client has it.
    was_seen: bool,
    refreshes: u64,
}

impl Server {
    pub(super) fn new(users: u64) -> Self {
        let users = (0..users).map(|_| User::default()).collect();
        Self(Arc::new(Mutex::new(State { users, faults: Vec::new() })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn refreshes(&self, user: u64) -> u64 {
        self.lock().users[user as usize].refreshes
    }

    pub(super) fn expire(&self, user: u64) {
        self.lock().users[user as usize].is_expired = true;
    }

    /// A first token for another login of this user.
    pub(super) fn login(&self, user: u64) -> String {
        let account = &mut self.lock().users[user as usize];
        let User { login, refreshes, .. } = *account;
        *account = User { login: login + 1, refreshes, ..User::default() };
        format!("{user}-{}-0", login + 1)
    }

    /// Whether a refresh with this token would be granted.
    pub(super) fn is_renewable(&self, user: u64, token: &str) -> bool {
        let account = &self.lock().users[user as usize];
        parse(token).is_some_and(|it| it.0 == user && account.renews(it.1, it.2))
    }

    /// Whether every refresh was paid with a token that was good for it.
    pub(super) fn check(&self) -> Outcome<()> {
        let faults = &self.lock().faults;
        if faults.is_empty() { Ok(()) } else { Err(faults.join("\n").into()) }
    }

    /// Responds to a request, if the response is not lost.
    pub(super) async fn respond(
        self,
        random: Random,
        request: HttpRequest,
    ) -> Result<HttpResponse, BoxError> {
        let token = request.headers().get("x-token").and_then(|token| token.to_str().ok());
        let (path, token) = (request.uri().path(), token.unwrap_or_default());
        let (there, back) = (random.below(3), random.below(3));
        tokio::time::sleep(Duration::from_millis(there)).await;
        let (mut status, mut body) = self.answer(path, token);
        tokio::time::sleep(Duration::from_millis(back)).await;
        // Responses to a refresh get lost, or are replaced by a gateway.
        if path == "/refresh" {
            match random.below(30) {
                0 => return Err("the connection broke".into()),
                1 => (status, body) = (503, "<html>busy</html>".to_owned()),
                _ => {}
            }
        }
        let mut response = Response::new(reqwest::Body::from(body));
        *response.status_mut() = StatusCode::from_u16(status)?;
        response.headers_mut().insert("content-type", "application/json".parse()?);
        Ok(response)
    }

    /// Status and body of the response.
    fn answer(&self, path: &str, token: &str) -> (u16, String) {
        let refused = (200, r#"{"code":1001,"message":"please sign in"}"#.to_owned());
        let Some((name, login, number)) = parse(token) else { return refused };
        let mut state = self.lock();
        let State { users, faults } = &mut *state;
        let user = &mut users[name as usize];
        let is_present = (user.login, user.number) == (login, number);
        if path == "/refresh" {
            user.refreshes += 1;
            if !user.renews(login, number) {
                faults.push(format!("the token {token} was used twice for a refresh"));
                return refused;
            }
            if is_present {
                (user.number, user.is_expired, user.was_seen) = (number + 1, false, false);
            }
            let next = format!("{name}-{login}-{}", user.number);
            let lifetime = LIFETIME.as_secs();
            return (
                200,
                format!(r#"{{"code":0,"data":{{"token":"{next}","expires_in":{lifetime}}}}}"#),
            );
        }
        user.was_seen |= is_present;
        match user.login == login {
            false => refused,
            true if is_present && !user.is_expired => {
                (200, format!(r#"{{"code":0,"data":{name}}}"#))
            }
            true => (200, r#"{"code":1234,"message":"the token has expired"}"#.to_owned()),
        }
    }
}

impl User {
    fn renews(&self, login: u64, number: u64) -> bool {
        login == self.login
            && (number == self.number || !self.was_seen && number + 1 == self.number)
    }
}

fn parse(token: &str) -> Option<(u64, u64, u64)> {
    let mut numbers = token.split('-').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?))
}
