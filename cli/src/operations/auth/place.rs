//! How the credential of a scheme is sent.

use crate::document::{Document, Operation, Scheme, SchemeKind};
use crate::notes::Notes;
use crate::operations::Wishes;
use crate::text::quoted;

pub(super) const BEARER: &str = "bearer";
pub(super) const OAUTH2: &str = "oauth2";

/// The placement, without the source of renewals.
pub(super) fn on_the_wire(placement: &str) -> &str {
    if placement == OAUTH2 { BEARER } else { placement }
}

fn scheme<'s, 'a>(document: &'s Document<'a>, name: &str) -> Option<&'s Scheme<'a>> {
    document.schemes.iter().find(|(other, _)| *other == name).map(|(_, scheme)| scheme)
}

/// The declaration of a credential's place, and the guesses for it.
pub(super) fn placement(
    document: &Document<'_>,
    name: &str,
    wishes: &Wishes,
) -> Option<(String, Option<String>)> {
    let wished = wishes.scheme.as_deref().map(|scheme| match scheme {
        it if it.eq_ignore_ascii_case(BEARER) => BEARER.to_owned(),
        it if it.eq_ignore_ascii_case("basic") => "basic".to_owned(),
        it => format!("scheme = {}", quoted(it)),
    });
    if name.is_empty() {
        return wished.map(|it| (it, None));
    }
    let scheme = scheme(document, name)?;
    let named = |name: &str, word: &str| format!("{word} = {}", quoted(name));
    Some(match &scheme.kind {
        SchemeKind::Bearer => (BEARER.to_owned(), None),
        // Tokens that an operation renews are judged as the API itself does.
        SchemeKind::OAuth2 if wishes.refresh.is_some() => (BEARER.to_owned(), None),
        SchemeKind::OAuth2 => (OAUTH2.to_owned(), None),
        SchemeKind::Basic => ("basic".to_owned(), None),
        SchemeKind::Http(scheme) => (named(scheme, "scheme"), None),
        SchemeKind::Header(header) if header.eq_ignore_ascii_case("authorization") => {
            match wished {
                Some(wished) => (wished, None),
                None => {
                    let guess = format!(
                        "`{name}` travels in `Authorization`, and the document does not name a scheme; \
                     import with `--scheme NAME` if it is not `Bearer`"
                    );
                    (BEARER.to_owned(), Some(guess))
                }
            }
        }
        SchemeKind::Header(name) => (named(name, "header"), None),
        SchemeKind::Query(name) => (named(name, "query"), None),
        SchemeKind::Cookie(name) => (named(name, "cookie"), None),
        SchemeKind::Certificate => return None,
    })
}

/// A credential that can be renewed is preferred; one that ends up in logs is the last choice.
pub(super) fn rank(document: &Document<'_>, name: &str) -> u8 {
    match scheme(document, name).map(|it| &it.kind) {
        Some(SchemeKind::Bearer | SchemeKind::OAuth2) | None => 0,
        Some(SchemeKind::Header(_) | SchemeKind::Http(_)) => 1,
        Some(SchemeKind::Basic | SchemeKind::Cookie(_)) => 2,
        _ => 3,
    }
}

pub(super) fn complain(
    document: &Document<'_>,
    name: &str,
    operation: &Operation<'_>,
    notes: &Notes,
) {
    let at = format!("{}/security", operation.at);
    match scheme(document, name).map(|it| &it.kind) {
        None => notes.lost(at, format!("the document declares no security scheme `{name}`")),
        Some(_) => notes
            .lost(at, format!("`{name}` is a certificate of the client: give it to the builder")),
    }
}
