//! Turns `security` into `auth(..)`.

mod place;

use std::collections::HashMap;

use super::session::Wishes;
use super::{Method, ours};
use crate::document::{Document, Operation, Parameter, Place, Requirement};
use crate::node::Node;
use crate::notes::Notes;
use crate::text::quoted;
use place::{BEARER, OAUTH2, complain, on_the_wire, placement, rank};

/// How tokens are sent.
#[derive(Debug, Clone, Default)]
pub struct Auth {
    /// The credentials, the first one without a name.
    pub credentials: Vec<Credential>,
    /// The guesses about them.
    pub guesses: Vec<String>,
    /// The credentials of each operation, by its JSON path.
    carried: HashMap<String, Carried>,
}

/// One `auth(..)`.
#[derive(Debug, Clone)]
pub struct Credential {
    /// Its name; empty for the first.
    pub name: String,
    /// `bearer`, `oauth2`, `header = "X-Token"`, as in `auth(..)`.
    pub placement: String,
    /// The rules of `expired(..)`.
    pub expired: Vec<String>,
    /// The schemes of the document that it covers.
    pub schemes: Vec<String>,
}

#[derive(Debug, Clone)]
struct Carried {
    credentials: Vec<usize>,
    optional: bool,
}

impl Credential {
    /// Whether an OAuth 2 server renews its tokens.
    pub fn is_oauth2(&self) -> bool {
        self.placement == OAUTH2
    }

    /// Whether its tokens expire. API keys and passwords do not.
    fn expires(&self) -> bool {
        on_the_wire(&self.placement) == BEARER
    }

    /// The whole option.
    pub fn text(&self) -> String {
        let mut parts = Vec::new();
        if !self.name.is_empty() {
            parts.push(format!("name = {}", quoted(&self.name)));
        }
        parts.push(self.placement.clone());
        parts.extend(self.expired.iter().map(|it| format!("expired({it})")));
        format!("auth({})", parts.join(", "))
    }
}

impl Auth {
    /// Whether a credential is sent in this parameter of an operation.
    pub(super) fn sets(&self, operation: &Operation<'_>, parameter: &Parameter<'_>) -> bool {
        let carried = self.carried.get(&operation.at).map(|it| &*it.credentials);
        let mut placements =
            carried.unwrap_or_default().iter().map(|it| &*self.credentials[*it].placement);
        let name = quoted(parameter.name);
        placements.any(|it| match (parameter.place, it.split_once(" = ")) {
            (Place::Header, Some(("header", header))) => header.eq_ignore_ascii_case(&name),
            (Place::Query, Some(("query", other))) | (Place::Cookie, Some(("cookie", other))) => {
                *other == *name
            }
            _ => false,
        })
    }

    /// Declares what a method carries.
    pub fn apply(&self, operation: &Operation<'_>, method: &mut Method) {
        if self.credentials.is_empty() {
            return;
        }
        let Some(carried) = self.carried.get(&operation.at).filter(|it| !it.credentials.is_empty())
        else {
            method.options.push("public".to_owned());
            return;
        };
        let (own, others): (Vec<_>, Vec<_>) =
            (0..self.credentials.len()).partition(|it| carried.credentials.contains(it));
        // The first credential has no name with which a method could switch it off.
        if others.len() <= own.len() && !others.contains(&0) {
            let off = |it: &usize| format!("{} = off", quoted(&self.credentials[*it].name));
            let off: Vec<String> = others.iter().map(off).collect();
            if !off.is_empty() {
                method.options.push(format!("auth({})", off.join(", ")));
            }
        } else {
            method.options.extend(own.iter().map(|it| self.credentials[*it].text()));
        }
        if carried.optional {
            method.options.push("optional".to_owned());
        }
    }
}

/// Reads the requirements of the operations.
pub(super) fn read(
    document: &Document<'_>,
    operations: &[&Operation<'_>],
    wishes: &Wishes,
    notes: &Notes,
) -> Result<Auth, String> {
    let mut auth = Auth::default();
    let everywhere = applied_to_all(document, operations, wishes, &mut auth, notes);
    let needs = |operation: &Operation<'_>| -> Vec<Vec<String>> {
        let own = operation.security.as_ref().or(document.security.as_ref());
        let owned = |it: &Requirement<'_>| it.iter().map(|it| (*it).to_owned()).collect();
        match (own, &everywhere) {
            (Some(own), _) => own.iter().map(owned).collect(),
            (None, Some(all)) => vec![all.clone()],
            (None, None) => Vec::new(),
        }
    };
    let mut uses: HashMap<String, usize> = HashMap::new();
    for operation in operations {
        for name in needs(operation).into_iter().filter(|it| it.len() == 1).flatten() {
            *uses.entry(name).or_default() += 1;
        }
    }
    for operation in operations {
        let alternatives = needs(operation);
        let optional = alternatives.iter().any(Vec::is_empty);
        let best = alternatives
            .iter()
            .filter(|it| {
                !it.is_empty() && it.iter().all(|name| placement(document, name, wishes).is_some())
            })
            .min_by_key(|it| {
                let fewest = it
                    .iter()
                    .map(|name| uses.get(name).copied().unwrap_or_default())
                    .min()
                    .unwrap_or_default();
                (it.len(), usize::MAX - fewest, it.iter().map(|name| rank(document, name)).max())
            });
        let Some(best) = best else {
            for name in alternatives.iter().flatten() {
                complain(document, name, operation, notes);
            }
            continue;
        };
        let credentials = best
            .iter()
            .filter_map(|name| credential(document, name, wishes, &mut auth, notes))
            .collect();
        auth.carried.insert(operation.at.clone(), Carried { credentials, optional });
    }
    match document.root.get("x-perennial") {
        // An export contains the declaration, so that nothing has to be guessed again.
        Some(ours) if wishes.expired.is_empty() => declared(ours, &mut auth)?,
        _ => guess_expiry(operations, wishes, &mut auth),
    }
    Ok(auth)
}

/// The credentials as an export wrote them.
fn declared(ours: &Node, auth: &mut Auth) -> Result<(), String> {
    for credential in &mut auth.credentials {
        if let Some(scheme) = credential.schemes.first() {
            credential.expired = ours::rules(ours, scheme)?;
        }
    }
    let guessed = ours.get("guessed").map(Node::list).unwrap_or_default();
    let guessed = guessed.iter().filter_map(Node::text).map(str::to_owned);
    auth.guesses =
        guessed.filter(|it| !crate::operations::OWN_GUESSES.contains(&it.as_str())).collect();
    Ok(())
}

/// The schemes that all operations carry although none declares them, for a document that declares schemes and
/// never applies them.
fn applied_to_all(
    document: &Document<'_>,
    operations: &[&Operation<'_>],
    wishes: &Wishes,
    auth: &mut Auth,
    notes: &Notes,
) -> Option<Vec<String>> {
    let is_silent =
        document.security.is_none() && document.operations.iter().all(|it| it.security.is_none());
    if !is_silent {
        return None;
    }
    let Some((name, _)) =
        document.schemes.iter().find(|(name, _)| placement(document, name, wishes).is_some())
    else {
        let listed =
            operations.iter().filter(|it| it.responses.iter().any(|it| it.status == "401")).count();
        if wishes.scheme.is_some() {
            return Some(vec![String::new()]);
        }
        if listed > 0 && document.root.get("x-perennial").is_none() {
            let text = format!(
                "the document declares no security scheme, but 401 on {listed} of {} operations; \
                 add `auth(..)` here, or import with `--scheme Bearer`",
                operations.len()
            );
            notes.guessed("/security", &*text);
            auth.guesses.push(text);
        }
        return None;
    };
    let text = format!(
        "the document declares `{name}` and applies it to no operation, so every call carries it"
    );
    notes.guessed("/security", &*text);
    auth.guesses.push(text);
    Some(vec![(*name).to_owned()])
}

/// The index of the credential for a scheme. Schemes that are sent in the same way are one credential.
fn credential(
    document: &Document<'_>,
    name: &str,
    wishes: &Wishes,
    auth: &mut Auth,
    notes: &Notes,
) -> Option<usize> {
    let (placement, guess) = placement(document, name, wishes)?;
    let travels_so = |it: &Credential| on_the_wire(&it.placement) == on_the_wire(&placement);
    if let Some(at) = auth.credentials.iter().position(travels_so) {
        let same = &mut auth.credentials[at];
        // One of its schemes is not OAuth 2, so such a server does not renew every token.
        if same.placement != placement {
            BEARER.clone_into(&mut same.placement);
        }
        if !same.schemes.iter().any(|it| it == name) {
            let text = format!(
                "`{name}` travels as `{}` does; sign in with either, in a session of its own",
                same.schemes[0]
            );
            notes.guessed("/components/securitySchemes", &*text);
            auth.guesses.push(text);
            same.schemes.push(name.to_owned());
        }
        return Some(at);
    }
    if let Some(guess) = guess {
        notes.guessed("/components/securitySchemes", &*guess);
        auth.guesses.push(guess);
    }
    let first = auth.credentials.is_empty();
    auth.credentials.push(Credential {
        name: if first {
            String::new()
        } else {
            crate::names::snake(name).trim_start_matches("r#").to_owned()
        },
        placement,
        expired: Vec::new(),
        schemes: vec![name.to_owned()],
    });
    Some(auth.credentials.len() - 1)
}

/// Guesses the response to an expired token, which no document states.
fn guess_expiry(operations: &[&Operation<'_>], wishes: &Wishes, auth: &mut Auth) {
    if !wishes.expired.is_empty() {
        let at = auth.credentials.iter().position(Credential::expires).unwrap_or(0);
        if let Some(credential) = auth.credentials.get_mut(at) {
            credential.expired.clone_from(&wishes.expired);
        }
        return;
    }
    let listed =
        operations.iter().filter(|it| it.responses.iter().any(|it| it.status == "401")).count();
    let Some(credential) = auth.credentials.iter_mut().find(|it| it.expires()) else { return };
    if credential.is_oauth2() {
        auth.guesses.push(format!(
            "`{}` responds to an expired token as RFC 6750 requires, with `invalid_token` in `WWW-Authenticate`; \
             `--expired` overrides this",
            credential.schemes[0]
        ));
        return;
    }
    credential.expired.push("status = 401".to_owned());
    let why = match listed {
        0 => "no response is listed for it, and 401 is usual".to_owned(),
        listed => format!("401 is listed on {listed} of {} operations", operations.len()),
    };
    auth.guesses
        .push(format!("401 means that the token has expired: {why}; `--expired` overrides this"));
}
