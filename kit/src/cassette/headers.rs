//! The headers of a response, without its secrets.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use perennial::declared::{
    Endpoint, HeaderMatch, PageCursor, PagePlace, PageStep, Role, Rule, TokenFields, TokenPlace,
    WaitPlace,
};
use perennial::serve::{Secrets, is_secret_name};

use super::addresses::{HIDDEN, without_secrets};
use super::stand_in;

/// They describe the connection, or are recorded otherwise.
const LEFT_OUT: [HeaderName; 4] =
    [header::CONTENT_ENCODING, header::TRANSFER_ENCODING, header::CONNECTION, header::DATE];

/// Recorded headers, by name.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// In UTF-8.
    pub(super) text: Vec<(String, String)>,
    /// Not in UTF-8; each character is a byte.
    pub(super) latin1: Vec<(String, String)>,
}

/// A value in UTF-8; otherwise each of its bytes as a character.
fn text(value: &HeaderValue) -> Result<&str, String> {
    let bytes = value.as_bytes();
    std::str::from_utf8(bytes).map_err(|_| bytes.iter().copied().map(char::from).collect())
}

/// The headers that are recorded. Tokens in declared places, cookies included, have stand-ins.
pub(super) fn kept(
    headers: &HeaderMap,
    endpoint: Option<&'static Endpoint>,
    rules: &[&'static Rule],
    is_head: bool,
) -> Kept {
    let places = Places { endpoint, rules };
    // The length of a recorded body is known.
    let is_known = |name: &HeaderName| name == header::CONTENT_LENGTH && !is_head;
    let own = headers.iter().filter(|(name, _)| !LEFT_OUT.contains(name) && !is_known(name));
    let mut kept = Kept::default();
    for (name, value) in own {
        let (list, shown) = match text(value) {
            Ok(value) => (&mut kept.text, places.shown(name, value)),
            Err(value) => (&mut kept.latin1, places.shown(name, &value)),
        };
        list.extend(shown.map(|value| (name.to_string(), value)));
    }
    kept
}

/// The tokens that a response pushes, and its cookies.
pub(super) fn pushed(headers: &HeaderMap, endpoint: Option<&'static Endpoint>) -> Vec<Vec<u8>> {
    let places = Places { endpoint, rules: &[] };
    let is_token = |name: &HeaderName| places.token(name.as_str()) == Some(Kind::Token);
    let tokens = headers.iter().filter(|(name, _)| is_token(name));
    let tokens = tokens.filter_map(|(_, value)| text(value).ok()).flat_map(|value| {
        let bare = value.split_once(' ').map_or(value, |(_, token)| token.trim());
        [value, bare]
    });
    let cookies = headers.get_all(header::SET_COOKIE).into_iter().filter_map(|cookie| {
        let (_, rest) = text(cookie).ok()?.split_once('=')?;
        rest.split(';').next().map(str::trim)
    });
    let all = tokens.chain(cookies).filter(|token| !stand_in::is_none(token));
    all.map(|token| token.as_bytes().to_vec()).collect()
}

/// The declared meaning of headers.
struct Places<'a> {
    endpoint: Option<&'static Endpoint>,
    rules: &'a [&'static Rule],
}

/// The meaning of a header.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Token,
    /// A value that is kept with the tokens.
    Extra,
    Base,
    Lifetime,
    End,
}

impl Places<'_> {
    /// The recorded value of a header; `None` if it is left out.
    fn shown(&self, name: &HeaderName, value: &str) -> Option<String> {
        if name == header::SET_COOKIE {
            return self.cookie(value);
        }
        if let Some(kind) = self.token(name.as_str()) {
            return Some(match kind {
                _ if stand_in::is_none(value.trim()) => value.to_owned(),
                Kind::Token | Kind::Extra => stand_in::header(value),
                Kind::Base => without_secrets(value),
                Kind::Lifetime => value.to_owned(),
                Kind::End => stand_in::end(value),
            });
        }
        // Any header of a response to a login may contain a token.
        if self.is_grant() {
            return match *name {
                header::CONTENT_TYPE => Some(value.to_owned()),
                header::LOCATION => {
                    let value = value.split('#').next().unwrap_or_default();
                    Some(Secrets::default().hidden_in_grant(&without_secrets(value), ""))
                }
                _ => self.compared(name.as_str(), value),
            };
        }
        let is_shown = ["www-authenticate", "proxy-authenticate"].contains(&name.as_str())
            || name.as_str().starts_with("access-control-")
            || self.is_read(name.as_str());
        Some(match is_shown || !is_secret_name(name.as_str()) {
            true => without_secrets(value),
            false => match stand_in::text(value) {
                text if text == "masked" => HIDDEN.to_owned(),
                text => text,
            },
        })
    }

    fn is_grant(&self) -> bool {
        self.endpoint.is_some_and(|it| matches!(it.role, Role::Login | Role::Refresh))
    }

    /// The declared places of tokens.
    fn places(&self) -> impl Iterator<Item = (Kind, TokenPlace)> {
        let fields = self.endpoint.and_then(|it| it.tokens);
        let extra = fields.into_iter().flat_map(|it| it.extra).map(|(_, place)| *place);
        let of = |place: fn(&TokenFields) -> Option<TokenPlace>| fields.and_then(place);
        let renewed = self.endpoint.into_iter().flat_map(|it| it.credentials);
        let renewed = renewed.filter_map(|credential| credential.renewed);
        let fields = [
            (Kind::Token, of(|it| it.access)),
            (Kind::Token, of(|it| it.refresh)),
            (Kind::Base, of(|it| it.base)),
            (Kind::Lifetime, of(|it| it.expires_in)),
            (Kind::End, of(|it| it.expires_at)),
        ];
        let fields = fields.into_iter().filter_map(|(kind, place)| Some((kind, place?)));
        let extra = extra.map(|place| (Kind::Extra, place));
        fields.chain(extra).chain(renewed.map(|place| (Kind::Token, place)))
    }

    fn token(&self, name: &str) -> Option<Kind> {
        let is_it =
            |place| matches!(place, TokenPlace::Header(it) if name.eq_ignore_ascii_case(it));
        self.places().find(|(_, place)| is_it(*place)).map(|(kind, _)| kind)
    }

    /// A cookie in a declared place, with a stand-in for its value.
    fn cookie(&self, cookie: &str) -> Option<String> {
        let (name, rest) = cookie.split_once('=')?;
        let is_it = |place| matches!(place, TokenPlace::Cookie(it) if name.trim() == it);
        let (kind, _) = self.places().find(|(_, place)| is_it(*place))?;
        let (value, attributes) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
        let value = match kind {
            _ if stand_in::is_none(value.trim()) => value.to_owned(),
            Kind::Token | Kind::Extra => stand_in::text(value.trim()),
            Kind::Base => without_secrets(value),
            Kind::Lifetime => value.to_owned(),
            Kind::End => stand_in::end(value.trim()),
        };
        Some(format!("{name}={value}{attributes}"))
    }

    /// The part of a header that a rule of the declaration compares.
    fn compared(&self, name: &str, value: &str) -> Option<String> {
        let headers = self.rules.iter().flat_map(|rule| rule.headers);
        let mut own = headers.filter(|it| it.name.eq_ignore_ascii_case(name)).peekable();
        own.peek()?;
        let found = own.find_map(|it| match it.value {
            HeaderMatch::Equals(it) => (it == value).then_some(it),
            HeaderMatch::Contains(it) => value.contains(it).then_some(it),
            _ => None,
        });
        Some(found.map_or_else(|| stand_in::text(value), str::to_owned))
    }

    /// Whether the declaration reads this header for another purpose than a token.
    fn is_read(&self, name: &str) -> bool {
        let Some(endpoint) = self.endpoint else { return false };
        let headers = self.rules.iter().flat_map(|rule| rule.headers);
        let retried = endpoint.retry.into_iter().flat_map(|it| it.rules);
        let compared = headers.chain(retried.flat_map(|rule| rule.headers)).map(|it| it.name);
        let wait = endpoint.retry.and_then(|it| it.after).and_then(|after| match after.place {
            WaitPlace::Header(name) => Some(name),
            _ => None,
        });
        let page = endpoint.page.and_then(|page| match page.step {
            PageStep::Cursor { next: PageCursor::Header(name), .. }
            | PageStep::Number { last_page: Some(PagePlace::Header(name)), .. } => Some(name),
            _ => None,
        });
        compared.chain(wait).chain(page).any(|own| own.eq_ignore_ascii_case(name))
    }
}
