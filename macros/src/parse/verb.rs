//! Parses the verb of a method and its options: `#[get("/orders/{id}", public)]`.

mod mark;

use proc_macro2::{Literal, TokenStream, TokenTree};
use syn::{Attribute, Lit, LitStr, Meta};

use super::option::{self, Body, Key, Opt, Options, Value, first_text};
use super::value::header_name;
use super::{advice, http, key, page, rule, shared, template};
use crate::diagnostic::{At, Diagnostics};
use crate::model::options::Level;
use crate::model::verb::{Access, Idempotent, Spec, Target, Verb};
use crate::suggest::help;

/// The attributes that declare an endpoint, except `http`.
pub(crate) const VERBS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options"];

pub(super) const FLAGS: &[&str] = &[
    "login",
    "refresh",
    "logout",
    "rejected",
    "public",
    "optional",
    "idempotent",
    "page",
    "events",
    "spec",
    "host",
    "key",
];

/// Whether the attribute declares an endpoint.
pub(crate) fn is_verb(attribute: &Attribute) -> bool {
    verb_name(attribute).is_some()
}

fn verb_name(attribute: &Attribute) -> Option<String> {
    let name = attribute.path().segments.last()?.ident.to_string();
    (name == "http" || VERBS.contains(&name.as_str())).then_some(name)
}

/// Parses the attribute of a verb.
pub(crate) fn parse(attribute: &Attribute, diagnostics: &Diagnostics) -> Verb {
    let name = verb_name(attribute).unwrap_or_default();
    if let Some(word) = attribute.path().get_ident() {
        diagnostics.word("verb", word, true);
    }
    let mut list = match &attribute.meta {
        Meta::List(list) => {
            option::options(quoted_path(list.tokens.clone(), diagnostics), diagnostics)
        }
        Meta::Path(_) | Meta::NameValue(_) => Vec::new(),
    };
    let method = if name == "http" {
        http::name(attribute, &mut list, diagnostics)
    } else {
        name.to_uppercase()
    };
    let target = target(attribute, &name, &mut list, diagnostics);
    let names_a_page = list.iter().any(|it| advice::is_page_of_a_method(&it.name()));
    let names_a_role = list.iter().any(|it| advice::is_role_of_a_method(&it.name()));
    let known: Vec<_> = FLAGS.iter().chain(shared::KNOWN).copied().collect();
    let mut options = Options::new(
        list,
        &known,
        &["auth", "rejected", "allow"],
        "the options of a method are",
        diagnostics,
    );
    let mark = mark::mark(&mut options, diagnostics);
    let rejected =
        options.take_all("rejected").iter().filter_map(|it| rule::rule(it, diagnostics)).collect();
    let access = access(&mut options, diagnostics);
    let idempotent = options.take("idempotent").and_then(|it| idempotent(&it, diagnostics));
    let has_page = names_a_page || options.find("page").is_some();
    let before = diagnostics.count();
    let page =
        options.take("page").and_then(|it| Some((page::parse(&it, diagnostics)?, At::from(&it))));
    let page_errors = diagnostics.count() - before;
    let events_end =
        options.take("events").and_then(|it| Some((events(&it, diagnostics)?, At::from(&it))));
    let spec = options.take("spec").and_then(|it| match it.is_off() {
        true => Some(Spec::Off),
        false => it.string("spec = \"listOrders\"", diagnostics).map(Spec::Id),
    });
    let host = options.take("host").and_then(|it| host(&it, diagnostics));
    let key = options.take("key").map_or(Level::Inherit, |it| key::of_method(&it, diagnostics));
    let mut shared = shared::take(&mut options, diagnostics);
    let access = access.or(shared.auth_off.take().map(|at| (Access::Public, at)));
    options.end("#[get(\"/orders/{id}\", public)]", diagnostics);
    Verb {
        method,
        attribute: attribute.clone(),
        target,
        mark,
        rejected,
        access,
        idempotent,
        page,
        has_page,
        page_errors,
        names_a_role,
        events_end,
        spec,
        host,
        key,
        shared,
    }
}

/// `host = "accounts"`: a name, whose address the builder sets.
fn host(option: &Opt, diagnostics: &Diagnostics) -> Option<LitStr> {
    let name = option.string(r#"host = "accounts""#, diagnostics)?;
    let address = name.value();
    if !address.contains([':', '/']) {
        return Some(name);
    }
    let scheme = if address.contains("://") { "" } else { "https://" };
    let text = format!(
        "`host` takes a name, not an address\n\
         help: write the address in the path, as in `#[get(\"{scheme}{}/orders\")]`\n\
         help: or write a name, as in `host = \"accounts\"`, and set its address on the client \
         builder",
        address.trim_matches('/')
    );
    diagnostics.fail("wrong-value", &name, text)
}

/// `events(end = "[DONE]")`: the data of the last event.
fn events(option: &Opt, diagnostics: &Diagnostics) -> Option<String> {
    let example = r#"events(end = "[DONE]")"#;
    if let Body::Flag = option.body {
        let text = format!(
            "`events` takes options in parentheses\n\
             help: remove it: the return type `Events<T>` alone declares a stream\n\
             help: to declare how the stream ends, write `{example}`"
        );
        return diagnostics.fail("wrong-value", option, text);
    }
    let list = option.list(example, diagnostics)?;
    let has_unknown = list.iter().any(|it| matches!(it.key, Key::Name(_)) && !it.is("end"));
    let mut options = Options::new(list, &["end"], &[], "the option of `events` is", diagnostics);
    let Some(end) = options.take("end") else {
        // One mistake is one error.
        if has_unknown {
            return None;
        }
        return option.wrong("the data of the last event", example, diagnostics);
    };
    options.end(example, diagnostics);
    Some(end.string(example, diagnostics)?.value())
}

/// Reports a path without quotes, and puts it in quotes.
fn quoted_path(tokens: TokenStream, diagnostics: &Diagnostics) -> TokenStream {
    let is =
        |token: &TokenTree, sign| matches!(token, TokenTree::Punct(it) if it.as_char() == sign);
    let all: Vec<_> = tokens.clone().into_iter().collect();
    if !all.first().is_some_and(|first| is(first, '/')) {
        return tokens;
    }
    let end = all.iter().position(|token| is(token, ',')).unwrap_or(all.len());
    let path: TokenStream = all[..end].iter().cloned().collect();
    let text = path.to_string().replace(' ', "");
    diagnostics.error(
        "not-a-literal",
        &path,
        format!("the path must be a string literal\nhelp: write `{text:?}`"),
    );
    let mut literal = Literal::string(&text);
    literal.set_span(all[0].span());
    std::iter::once(TokenTree::from(literal)).chain(all[end..].iter().cloned()).collect()
}

fn target(
    attribute: &Attribute,
    verb: &str,
    list: &mut Vec<Opt>,
    diagnostics: &Diagnostics,
) -> Target {
    if let Some(literal) = first_text(list) {
        return Target::Path(template::parse(&literal, diagnostics));
    }
    let before = if verb == "http" { "\"NAME\", " } else { "" };
    if let Some(at) = list.iter().position(is_path_by_name) {
        let option = list.remove(at);
        let path = match &option.body {
            Body::Value(path) => crate::suggest::text_of(path),
            _ => "\"/orders\"".to_owned(),
        };
        let text = format!(
            "unexpected name before the path\n\
             help: write `#[{verb}({before}{path})]`"
        );
        diagnostics.error("wrong-value", &option, text);
        return Target::Unknown;
    }
    match list.first() {
        Some(option) if option.is("url") && matches!(option.body, Body::Flag) => {
            let at = At::from(option);
            list.remove(0);
            Target::Url(at)
        }
        Some(option) if !option.is_broken() && is_constant(option) => {
            let text = format!(
                "the path must be a string literal\n\
                 help: write the path itself instead of `{}`",
                crate::suggest::text_of(option)
            );
            diagnostics.error("not-a-literal", option, text);
            list.remove(0);
            Target::Unknown
        }
        Some(option) if option.is_broken() => {
            list.remove(0);
            Target::Unknown
        }
        _ => {
            no_path(attribute, verb, before, list, diagnostics);
            Target::Unknown
        }
    }
}

/// Reports a verb without a path.
fn no_path(
    attribute: &Attribute,
    verb: &str,
    before: &str,
    list: &mut Vec<Opt>,
    diagnostics: &Diagnostics,
) {
    if let Meta::NameValue(pair) = &attribute.meta {
        let text = format!(
            "expected the path in parentheses\nhelp: write `#[{verb}({})]`",
            crate::suggest::text_of(&pair.value)
        );
        return diagnostics.error("wrong-value", pair, text);
    }
    let text = format!(
        "expected a path\n\
         help: write `#[{verb}({before}\"/orders/{{id}}\")]`, or `#[{verb}({before}url)]` with a `#[url]` \
         parameter"
    );
    match list.first() {
        Some(option) if matches!(option.key, Key::None) || option.is("path") => {
            diagnostics.error("wrong-value", option, text);
            list.remove(0);
        }
        _ => diagnostics.error("wrong-value", attribute.path(), text),
    }
}

/// `path = "/orders"`, as in other libraries.
fn is_path_by_name(option: &Opt) -> bool {
    let is_text = matches!(&option.body, Body::Value(Value::Lit(Lit::Str(_))));
    is_text && ["path", "uri", "url", "route", "endpoint"].iter().any(|name| option.is(name))
}

fn access(options: &mut Options, diagnostics: &Diagnostics) -> Option<(Access, At)> {
    let mut found = None;
    for (name, access) in [("public", Access::Public), ("optional", Access::Optional)] {
        let Some(option) = options.take(name) else {
            continue;
        };
        if option.flag(diagnostics).is_none() {
            continue;
        }
        if found.is_some() {
            let text = "a method cannot be both `public` and `optional`\nhelp: keep one of the two";
            diagnostics.error("two-parts", &option, text);
        }
        found = Some((access, At::from(&option)));
    }
    found
}

fn idempotent(option: &Opt, diagnostics: &Diagnostics) -> Option<Idempotent> {
    let mut list = match &option.body {
        Body::Value(Value::Lit(Lit::Bool(_))) => {
            option.flag(diagnostics);
            return Some(Idempotent { header: None });
        }
        Body::Flag => return Some(Idempotent { header: None }),
        Body::List(list) => list.clone(),
        Body::Value(_) | Body::Broken => Vec::new(),
    };
    match first_text(&mut list).filter(|_| list.is_empty()) {
        Some(name) => Some(Idempotent { header: Some(header_name(&name, diagnostics)?) }),
        None if list.iter().any(Opt::is_broken) => None,
        None => option.wrong(
            "the name of a header, or no parentheses",
            r#"idempotent("Idempotency-Key")"#,
            diagnostics,
        ),
    }
}

/// Whether it is a bare name that is not an option, and so probably a constant.
fn is_constant(option: &Opt) -> bool {
    matches!((&option.key, &option.body), (Key::Name(_), Body::Flag))
        && !FLAGS.iter().chain(shared::KNOWN).any(|name| option.is(name))
}

/// The attribute of a method without a verb whose name is similar to one, with that name and the message.
pub(crate) fn nearly_a_verb(
    attributes: &[Attribute],
) -> Option<(&Attribute, &'static str, String)> {
    attributes.iter().find_map(|attribute| {
        let name = attribute.path().get_ident()?.to_string();
        let known_to_rust = [
            "doc",
            "cfg",
            "cfg_attr",
            "allow",
            "warn",
            "deny",
            "expect",
            "forbid",
            "must_use",
            "deprecated",
        ];
        if known_to_rust.contains(&name.as_str()) || VERBS.contains(&name.as_str()) {
            return None;
        }
        let near = crate::suggest::near(&name, VERBS)?;
        let text = format!("unknown verb `{name}`\n{}", help(&name, VERBS, "the verbs are"));
        Some((attribute, near, text))
    })
}
