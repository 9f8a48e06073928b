//! The invariants.

use perennial::declared::{Access, Replay};
use perennial::{ApiClient, Error};

use super::case::{Drill, Made, NUMBER};
use super::plan::Disturbance;
use crate::record::{Part, Recorded};

impl<C: ApiClient> Drill<C> {
    pub(super) fn check_calls(
        &self,
        disturbance: Disturbance,
        expiring: &[usize],
        made: Vec<(Made, Option<Error>)>,
    ) -> Option<String> {
        let recorded = self.server.recorded();
        for (call, error) in made {
            let of_call = |one: &&Recorded| one.header(NUMBER) == Some(&call.number.to_string());
            let sent: Vec<_> = recorded.iter().filter(of_call).collect();
            let name = call.endpoint;
            // Each credential may be found expired once.
            let carried = call.endpoint.credentials.iter();
            let is_expiring =
                |name: &str| expiring.iter().any(|at| self.credentials[*at].name == name);
            let expired = carried.filter(|credential| is_expiring(credential.name)).count();
            if call.endpoint.retry.is_none() && sent.len() > 1 + expired.max(1) {
                return Some(format!("{name} was sent {} times for one expiry", sent.len()));
            }
            if let Some(finding) = sent.iter().find_map(|request| self.check_tokens(&call, request))
            {
                return Some(finding);
            }
            let must_succeed = matches!(disturbance, Disturbance::Nothing | Disturbance::Cancel);
            let is_replayed = call.endpoint.replay == Replay::Always;
            if let Some(error) = error.filter(|_| must_succeed && !call.canceled && is_replayed) {
                return Some(format!("a call failed although one refresh was enough: {error}"));
            }
        }
        None
    }

    /// The tokens of one request of a call.
    fn check_tokens(&self, call: &Made, request: &Recorded) -> Option<String> {
        for (at, verdict) in &request.verdicts {
            // If a refresh does not identify its user, it may return the tokens of the next user.
            let user = verdict.user().filter(|_| !self.credentials[*at].is_free);
            if let Some(user) = user.filter(|user| *user != call.user) {
                return Some(format!("a call of {} went out with the token of {user}", call.user));
            }
        }
        let issuers = self.server.issuers().iter().zip(&request.carried);
        let mut carried = issuers.filter_map(|(issuer, token)| Some((issuer, token.as_deref()?)));
        let is_public = call.endpoint.access == Access::Public;
        let has_token = is_public && carried.any(|(issuer, token)| issuer.has_issued(token));
        has_token.then(|| format!("{} is public and carried a token", call.endpoint))
    }

    pub(super) fn check_wire(&self) -> Option<String> {
        if self.server.reuses() > 0 {
            return Some("a refresh token was used twice, which revokes the login".to_owned());
        }
        let issuers = self.server.issuers().iter();
        let refresh_tokens: Vec<_> = issuers.flat_map(|issuer| issuer.refresh_tokens()).collect();
        let leaks = |one: &Recorded| one.part == Part::Call && one.contains_any(&refresh_tokens);
        let leak = self.server.recorded().into_iter().find(leaks)?;
        Some(format!("a refresh token was sent to {} {}", leak.method, leak.path))
    }

    pub(super) fn check_refreshes(
        &self,
        disturbance: Disturbance,
        expiring: &[usize],
        before: &[usize],
    ) -> Option<String> {
        let allowed = match disturbance {
            Disturbance::Nothing | Disturbance::Cancel | Disturbance::FailedRefresh => 1,
            _ => 2,
        };
        let now = self.refreshes();
        let counts = now.iter().zip(before).map(|(now, before)| now - before).enumerate();
        for (at, refreshes) in counts {
            // After a logout or another login the client may get the tokens of its own key again.
            let is_expiring = expiring.contains(&at) || allowed == 2;
            if refreshes > if is_expiring { allowed } else { 0 } {
                return Some(format!("{refreshes} refreshes for one expiry"));
            }
        }
        None
    }

    pub(super) fn check_session(&self, disturbance: Disturbance) -> Option<String> {
        for own in self.users() {
            let signed_in = self.credential(own.name).is_signed_in();
            let finding = match disturbance {
                // A client with its own key may get new tokens at once.
                Disturbance::Logout if own.is_free => None,
                Disturbance::Logout => signed_in.then_some("signed in after a logout"),
                // Whether a revoked login was noticed depends on the calls.
                Disturbance::Revoke => None,
                _ => (!signed_in).then_some("the session ended, and the server never said so"),
            };
            if finding.is_some() {
                return finding.map(str::to_owned);
            }
        }
        None
    }
}
