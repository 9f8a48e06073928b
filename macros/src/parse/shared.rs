//! Parses the options that both levels know.

use std::rc::Rc;

use syn::{Ident, Path};

use super::option::{Body, Key, Opt, Options, Value};
use super::value::duration;
use super::{auth, constants, envelope, headers, retry, tokens};
use crate::diagnostic::{At, Diagnostics};
use crate::lints::ALLOWABLE;
use crate::model::case::{CASES, Case};
use crate::model::options::{Level, Redirect, Replay, Shared, Timeouts};
use crate::suggest::{choices, help};

/// Names of the options that both levels have.
pub(crate) const KNOWN: &[&str] = &[
    "envelope",
    "auth",
    "timeout",
    "retry",
    "headers",
    "queries",
    "fields",
    "rename_all",
    "replay",
    "redirect",
    "secret",
    "tokens",
    "codec",
    "allow",
];

/// Those that `off` does not switch off. `auth` is handled separately.
const NOT_SWITCHED: [&str; 3] = ["auth", "secret", "allow"];

/// Takes the options that both levels know.
pub(super) fn take(options: &mut Options, diagnostics: &Diagnostics) -> Shared {
    let switched = KNOWN.iter().copied().filter(|name| !NOT_SWITCHED.contains(name));
    options.switched_off(&switched.collect::<Vec<_>>(), diagnostics);
    let mut auths = options.take_all("auth");
    let is_of_a_method = options.knows("public");
    auths.retain(|it| !(is_no(it, diagnostics) || is_of_a_method && is_access(it, diagnostics)));
    let (drops, own): (Vec<_>, Vec<_>) =
        auths.iter().filter(|it| !it.is_off()).partition(|it| auth::drops(it));
    let headers = options.take("headers");
    let given = options.take("codec");
    let codec_level = given.as_ref().map_or(Level::Inherit, |it| match it.is_off() {
        true => Level::Off,
        false => codec(it, diagnostics).map_or(Level::Inherit, Level::Set),
    });
    let has_wrong_codec = given.is_some() && matches!(codec_level, Level::Inherit);
    Shared {
        envelope: options
            .take("envelope")
            .map_or(Level::Inherit, |it| envelope::parse(&it, diagnostics)),
        auth_off: auths.iter().find(|it| it.is_off()).map(At::from),
        credentials: Rc::new(own.iter().map(|it| auth::parse(it, diagnostics)).collect()),
        dropped: drops.iter().flat_map(|it| auth::dropped(it, diagnostics)).collect(),
        timeout: options.take("timeout").map_or(Level::Inherit, |it| timeouts(&it, diagnostics)),
        retry: options.take("retry").map_or(Level::Inherit, |it| retry::parse(&it, diagnostics)),
        headers_off: headers.as_ref().is_some_and(Opt::is_off),
        headers: headers
            .filter(|it| !it.is_off())
            .map(|it| headers::parse(&it, diagnostics))
            .unwrap_or_default(),
        queries: constants::parse(options, "queries", diagnostics),
        fields: constants::parse(options, "fields", diagnostics),
        tokens: options.take("tokens").map_or(Level::Inherit, |it| tokens::parse(&it, diagnostics)),
        has_wrong_codec,
        codec: codec_level,
        rename_all: options
            .take("rename_all")
            .map_or(Level::Inherit, |it| rename_all(&it, diagnostics)),
        replay: options.take("replay").and_then(|it| replay(&it, diagnostics)),
        secret: options.take("secret").map(|it| secret(&it, diagnostics)).unwrap_or_default(),
        redirect: options
            .take("redirect")
            .and_then(|it| Some((redirect(&it, diagnostics)?, At::from(&it)))),
        allow: options.take_all("allow").iter().flat_map(|it| allow(it, diagnostics)).collect(),
    }
}

/// `auth = false` is reported, since another word is used for it.
fn is_no(option: &Opt, diagnostics: &Diagnostics) -> bool {
    let is_no = option.is_no();
    if is_no {
        let text = "`auth` takes options in parentheses\n\
                    help: for a method without a token, write `public`";
        diagnostics.error("wrong-value", option, text);
    }
    is_no
}

/// `auth`, `auth = required` and `auth(optional)` on a method: reported, since the token goes along anyway, or the option
/// has another name.
fn is_access(option: &Opt, diagnostics: &Diagnostics) -> bool {
    let word = match &option.body {
        Body::Flag => String::new(),
        Body::Value(Value::Path(path)) => crate::suggest::text_of(path),
        Body::Value(Value::Lit(literal)) => crate::suggest::text_of(literal),
        Body::List(list) => match &list[..] {
            [one] if matches!(one.body, Body::Flag) => one.name(),
            _ => return false,
        },
        Body::Value(_) | Body::Broken => return false,
    };
    let way_out = match word.trim_matches('"') {
        "" | "true" | "required" | "user" => {
            "remove `auth`: a method carries the token of the trait unless it is `public`"
        }
        "optional" => "write `optional` instead of `auth`",
        "public" => "write `public` instead of `auth`",
        _ => return false,
    };
    let text = format!(
        "`auth` does not declare whether a method carries a token\n\
         help: {way_out}"
    );
    diagnostics.error("wrong-value", option, text);
    true
}

fn rename_all(option: &Opt, diagnostics: &Diagnostics) -> Level<Case> {
    if option.is_off() {
        return Level::Off;
    }
    case(option, diagnostics).map_or(Level::Inherit, Level::Set)
}

/// The case that `rename_all` names.
pub(crate) fn case(option: &Opt, diagnostics: &Diagnostics) -> Option<Case> {
    let literal = option.string("rename_all = \"camelCase\"", diagnostics)?;
    let name = literal.value();
    if let Some((_, case)) = CASES.iter().find(|(known, _)| *known == name) {
        return Some(*case);
    }
    let names: Vec<_> = CASES.iter().map(|(name, _)| *name).collect();
    let help = help(&name, &names, "the values are");
    let text = format!("unknown case `{name}`\n{help}");
    diagnostics.fail("wrong-value", &literal, text)
}

fn timeouts(option: &Opt, diagnostics: &Diagnostics) -> Level<Timeouts> {
    let example = r#"timeout = "10s""#;
    if option.is_off() {
        return Level::Off;
    }
    if let Body::Value(_) = option.body {
        let total = duration(option, example, diagnostics);
        return Level::Set(Timeouts { total, ..Timeouts::default() });
    }
    let Some(list) = option.list(example, diagnostics) else {
        return Level::Inherit;
    };
    let known = ["total", "connect", "attempt"];
    let mut options = Options::new(list, &known, &[], "the options of `timeout` are", diagnostics);
    let mut read = |name: &str| {
        let option = options.take(name)?;
        Some((duration(&option, &format!("{name} = \"10s\""), diagnostics)?, At::from(&option)))
    };
    let (total, connect, attempt) = (read("total"), read("connect"), read("attempt"));
    if let (Some((total, _)), Some((attempt, at))) = (total, attempt)
        && attempt > total
    {
        let text = "`attempt` is longer than `total`\n\
                    help: write a shorter `attempt` or a longer `total`";
        diagnostics.error("attempt-beyond-total", at, text);
    }
    let limits = Timeouts { total: total.map(|it| it.0), connect, attempt: attempt.map(|it| it.0) };
    options.end(r#"timeout(total = "10s")"#, diagnostics);
    Level::Set(limits)
}

fn replay(option: &Opt, diagnostics: &Diagnostics) -> Option<Replay> {
    let known =
        [("always", Replay::Always), ("idempotent", Replay::Idempotent), ("off", Replay::Off)];
    word(option, &known, "replay = off", diagnostics)
}

fn redirect(option: &Opt, diagnostics: &Diagnostics) -> Option<Redirect> {
    let known = [("off", Redirect::Off), ("same", Redirect::Same), ("follow", Redirect::Follow)];
    word(option, &known, "redirect = follow", diagnostics)
}

/// `secret(token)`: names of parameters.
fn secret(option: &Opt, diagnostics: &Diagnostics) -> Vec<Ident> {
    let example = "secret(token)";
    let name = |it: &Opt| match (&it.key, &it.body) {
        (Key::Name(name), Body::Flag) => Some(name.clone()),
        _ => it.wrong("the name of a parameter without quotes", example, diagnostics),
    };
    match &option.body {
        Body::List(list) if !list.is_empty() => list.iter().filter_map(name).collect(),
        _ => option.wrong("the names of parameters", example, diagnostics).unwrap_or_default(),
    }
}

/// One of a few words.
pub(super) fn word<T: Copy>(
    option: &Opt,
    known: &[(&str, T)],
    example: &str,
    diagnostics: &Diagnostics,
) -> Option<T> {
    let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
    let Body::Value(Value::Path(path)) = &option.body else {
        return option.wrong(&choices(&names), example, diagnostics);
    };
    let found = known.iter().find(|(name, _)| path.is_ident(name));
    if found.is_none() {
        let name = crate::suggest::text_of(path);
        let help = help(&name, &names, "the values are");
        diagnostics.error("unknown-option", path, format!("unknown value `{name}`\n{help}"));
    }
    found.map(|(_, value)| *value)
}

fn allow(option: &Opt, diagnostics: &Diagnostics) -> Vec<String> {
    let Some(list) = option.list("allow(duplicate_endpoint)", diagnostics) else {
        return Vec::new();
    };
    let what = "the lints are";
    let mut options = Options::new(list, ALLOWABLE, ALLOWABLE, what, diagnostics);
    let mut allowed = Vec::new();
    for rule in ALLOWABLE {
        for option in options.take_all(rule) {
            option.flag(diagnostics);
            allowed.push((*rule).to_owned());
        }
    }
    if let Some(rest) = options.take_rest() {
        let text = crate::suggest::text_of(&rest);
        let name = text.trim_matches('"');
        let name = if ALLOWABLE.contains(&name) { name } else { "duplicate_endpoint" };
        let text = format!(
            "expected the name of a lint without quotes\n\
             help: write `allow({name})`"
        );
        diagnostics.error("wrong-value", &rest, text);
    }
    allowed
}

/// `codec = perennial::codec::Xml`: the path of a type.
pub(super) fn codec(option: &Opt, diagnostics: &Diagnostics) -> Option<Path> {
    let path = match &option.body {
        Body::Value(Value::Path(path)) => Some(path),
        _ => None,
    };
    let written = match &option.body {
        // Imported.
        Body::Value(Value::Path(path))
            if ["Xml", "Cbor", "MessagePack"].iter().any(|name| path.is_ident(name)) =>
        {
            return Some(path.clone());
        }
        Body::Value(value) => crate::suggest::text_of(value).trim_matches('"').to_lowercase(),
        _ => String::new(),
    };
    if let Some(known) = known_codec(&written) {
        return option.wrong("the path of a format", &format!("codec = {known}"), diagnostics);
    }
    if path.is_none() {
        return option.wrong("the path of a format", "codec = perennial::codec::Xml", diagnostics);
    }
    path.cloned()
}

/// The format that a word means.
fn known_codec(word: &str) -> Option<&'static str> {
    match word {
        "xml" | "application/xml" | "text/xml" => Some("perennial::codec::Xml"),
        "cbor" | "application/cbor" => Some("perennial::codec::Cbor"),
        "msgpack" | "messagepack" | "message_pack" | "application/msgpack" => {
            Some("perennial::codec::MessagePack")
        }
        _ => None,
    }
}
