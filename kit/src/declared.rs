//! The authentication of a server, derived from the declaration of a client.

use http::Method;
use perennial::ApiClient;
use perennial::declared::{Access, Credential, Endpoint, HeaderMatch, Host, Role, Rule};
use perennial::serve::{Service, rejected, scalar};
use serde_json::{Value, json};

use crate::issuer::{Issuer, Roles};
use crate::protocol::{Carrier, Envelope, Grant, Lifetime, Placement, Protocol, Shape};
use crate::{Reply, Route};

/// The declaration of a client, and the implementation of its trait.
pub(crate) struct Declared {
    endpoints: Vec<(Route, &'static Endpoint)>,
    /// The names of the credentials, in the order of the issuers.
    credentials: Vec<&'static str>,
    service: Option<Service>,
    /// Whether it also serves calls; otherwise it only grants tokens.
    serves_calls: bool,
}

impl Declared {
    /// An issuer for each credential of the client, and the rest.
    pub(crate) fn of<C: ApiClient>(
        service: Option<Service>,
        truth: &dyn Fn(Protocol) -> Protocol,
    ) -> (Vec<Issuer>, Self) {
        let api = C::API;
        let endpoints: Vec<_> = C::endpoints().iter().map(|it| (route(it), it)).collect();
        let credentials = api.declared_credentials();
        let base = perennial::serve::path_of(api.declared_base());
        let mut issuers: Vec<_> = credentials
            .iter()
            .map(|credential| {
                let envelope = C::endpoints().iter().find_map(|endpoint| endpoint.envelope);
                let roles = roles(&endpoints, credential, credentials);
                let mut protocol = protocol(base, credential, envelope);
                // Without a login, the tokens belong to the client itself.
                if roles.login.is_none() && api.renews_without_tokens(credential.name) {
                    protocol.renewal = Carrier::Free;
                }
                let mut issuer = Issuer::with_roles(truth(protocol), roles);
                issuer.adds_refresh_token = service.as_ref().is_some_and(|service| {
                    let refresh = endpoint_of(&endpoints, credential, credentials, Role::Refresh);
                    refresh.is_some_and(|(_, refresh)| service.renews_with_tokens(refresh))
                });
                issuer
            })
            .collect();
        if issuers.is_empty() {
            // Calls need no token, but their paths have the base.
            issuers
                .push(Issuer::with_roles(Protocol { base, ..Protocol::pairs() }, Roles::default()));
        }
        let credentials = credentials.iter().map(|credential| credential.name).collect();
        (issuers, Self { endpoints, credentials, service, serves_calls: true })
    }

    /// The issuers whose tokens a call carries, and whether it may carry none.
    pub(crate) fn asked(&self, method: &Method, path: &str) -> Option<(Vec<usize>, bool)> {
        let endpoint = self.find(method, path)?;
        if endpoint.access == Access::Public {
            return Some((Vec::new(), false));
        }
        let place = |credential: &Credential| {
            self.credentials.iter().position(|name| *name == credential.name)
        };
        let places = endpoint.credentials.iter().filter_map(place).collect();
        Some((places, endpoint.access == Access::Optional))
    }

    /// The implementation, if an endpoint matches.
    pub(crate) fn served(&self, method: &Method, path: &str) -> Option<&Service> {
        let endpoint = self.find(method, path)?;
        let is_served = self.serves_calls || endpoint.role != Role::None;
        self.service.as_ref().filter(|_| is_served)
    }

    /// The endpoint, if it declares where the tokens of its response are.
    pub(crate) fn granting(&self, method: &Method, path: &str) -> Option<&'static Endpoint> {
        self.find(method, path).filter(|endpoint| endpoint.tokens.is_some())
    }

    /// The authentication for an implementation that only grants tokens.
    pub(crate) fn without_calls(self) -> Self {
        Self { serves_calls: false, ..self }
    }

    /// The first envelope that an endpoint declares.
    pub(crate) fn envelope(&self) -> Option<&'static perennial::declared::Envelope> {
        self.endpoints.iter().find_map(|(_, endpoint)| endpoint.envelope)
    }

    /// `METHOD /path` of each endpoint.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> + '_ {
        self.endpoints.iter().map(|(route, _)| route.to_string())
    }

    /// Whether this is the path of an endpoint at another host, which is not below the base.
    pub(crate) fn is_elsewhere(&self, method: &Method, path: &str) -> bool {
        self.find(method, path).is_some_and(|endpoint| endpoint.host != Host::Own)
    }

    fn find(&self, method: &Method, path: &str) -> Option<&'static Endpoint> {
        let found = self.endpoints.iter().find(|(route, _)| route.matches(method, path));
        found.map(|(_, endpoint)| *endpoint)
    }
}

fn route(endpoint: &Endpoint) -> Route {
    let path = endpoint.path;
    // A `?` that does not belong to an optional segment starts fixed query values.
    let query = path.match_indices('?').find(|(at, _)| !path[at + 1..].starts_with('}'));
    let path = query.map_or(path, |(at, _)| &path[..at]);
    let path = perennial::serve::below_host(path);
    Route::from(format!("{} {path}", endpoint.method).as_str())
}

type Declarations<'a> = &'a [(Route, &'static Endpoint)];

/// The endpoint that has this role for the credential.
fn endpoint_of<'a>(
    endpoints: Declarations<'a>,
    credential: &Credential,
    all: &[Credential],
    role: Role,
) -> Option<&'a (Route, &'static Endpoint)> {
    let first = all.first().map_or("", |first| first.name);
    endpoints.iter().find(|(_, endpoint)| {
        endpoint.role == role && endpoint.role_of.unwrap_or(first) == credential.name
    })
}

fn roles(endpoints: Declarations<'_>, credential: &Credential, all: &[Credential]) -> Roles {
    let of =
        |role: Role| endpoint_of(endpoints, credential, all, role).map(|(route, _)| route.clone());
    Roles { login: of(Role::Login), refresh: of(Role::Refresh), logout: of(Role::Logout) }
}

fn protocol(
    base: &'static str,
    credential: &Credential,
    envelope: Option<&'static perennial::declared::Envelope>,
) -> Protocol {
    let reply = |rules: &[Rule]| rules.iter().find_map(|rule| of_rule(rule, envelope));
    let expired = reply(credential.expired)
        .unwrap_or_else(|| Reply::rejection(401, &json!({"message": "the token has expired"})));
    // If no response ends the session, a rejected refresh gets the response for an expired token, which does.
    let ended = reply(credential.logout).unwrap_or_else(|| expired.clone());
    let denied = json!(-1);
    Protocol {
        base,
        placement: placement(credential),
        renewal: Carrier::Anywhere,
        grant: Grant {
            shape: Shape::Enveloped,
            token: "access_token",
            refresh: Some("refresh_token"),
            lifetime: Lifetime::Seconds("expires_in"),
            extra: Value::Null,
        },
        envelope: envelope.map_or_else(Envelope::none, of_envelope),
        expired,
        unknown: ended.clone(),
        login_rejected: Reply::rejection(403, &rejected(envelope, denied, Some("wrong password"))),
        refresh_rejected: ended,
        grace: credential.grace,
        ..Protocol::pairs()
    }
}

fn placement(credential: &Credential) -> Placement {
    use perennial::declared::Placement as Declared;
    match credential.placement {
        Declared::Header { name, scheme: None } => Placement::Header(name),
        Declared::Header { name, scheme: Some(scheme) } => Placement::Scheme(name, scheme),
        Declared::Query { name } => Placement::Query(name),
        Declared::Cookie { name } => Placement::Cookie(name),
        Declared::Field { name } => Placement::Field(name),
        _ => Placement::Bearer,
    }
}

fn of_envelope(envelope: &'static perennial::declared::Envelope) -> Envelope {
    let whole = perennial::serve::wrapped(Some(envelope), Value::Null);
    Envelope { fields: whole, data: envelope.data.unwrap_or_default().to_vec() }
}

/// A response that matches a rule; `None` if only the user's own function decides.
fn of_rule(rule: &Rule, envelope: Option<&perennial::declared::Envelope>) -> Option<Reply> {
    if rule.when.is_some() {
        return None;
    }
    let mut body = match rule.codes.first() {
        Some(code) => rejected(envelope, scalar(code), Some("the token is not accepted")),
        None => json!({}),
    };
    for (path, value) in rule.body {
        perennial::serve::insert(&mut body, path, scalar(value));
    }
    let status = rule.statuses.first().copied().unwrap_or(200);
    let reply = Reply::rejection(status, &body);
    Some(rule.headers.iter().fold(reply, |reply, header| match header.value {
        HeaderMatch::Equals(value) | HeaderMatch::Contains(value) => {
            reply.header(header.name, value)
        }
        _ => reply.header(header.name, "1"),
    }))
}
