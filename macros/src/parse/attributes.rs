//! Attributes beside a verb that are options, roles or verbs of this language or of another one. The compiler would
//! only say that it cannot find them.

use syn::{Attribute, Ident};

use super::param::ROLES;
use super::verb::{self, VERBS};
use super::{errors, shared};
use crate::suggest::text_of;

/// An attribute that does not exist, and the message for it.
pub(crate) struct Misplaced<'a> {
    pub(crate) attribute: &'a Attribute,
    pub(crate) rule: &'static str,
    pub(crate) text: String,
    /// Whether it is used instead of a verb.
    pub(crate) is_verb: bool,
}

/// The attributes of a method that belong elsewhere.
pub(crate) fn of_a_method(attributes: &[Attribute]) -> Vec<Misplaced<'_>> {
    let has_verb = attributes.iter().any(verb::is_verb);
    attributes.iter().filter_map(|attribute| one(attribute, has_verb)).collect()
}

fn one(attribute: &Attribute, has_verb: bool) -> Option<Misplaced<'_>> {
    if verb::is_verb(attribute) || errors::is_errors(attribute) {
        return None;
    }
    let name = attribute.path().get_ident().map(Ident::to_string)?;
    if let Some(ours) = in_cfg_attr(&name, attribute) {
        let text = format!(
            "`#[{ours}]` cannot be in `cfg_attr`, which is expanded after this macro\n\
             help: declare the method twice, each with its own `#[cfg(..)]`"
        );
        return Some(Misplaced { attribute, rule: "misplaced-attribute", text, is_verb: true });
    }
    if let Some(way_out) = verb_of_another_library(&name, attribute).filter(|_| !has_verb) {
        let text = format!("unknown verb `{name}`\nhelp: {way_out}");
        return Some(Misplaced { attribute, rule: "no-verb", text, is_verb: true });
    }
    if let ("login" | "refresh" | "logout", false) = (&*name, has_verb) {
        let path = attribute.parse_args::<syn::LitStr>().ok();
        let path = path.map_or_else(|| format!("/{name}"), |path| path.value());
        let text = format!(
            "`#[{name}]` is an option, not an attribute\n\
             help: write it as an option: `#[post({path:?}, {name})]`"
        );
        return Some(Misplaced { attribute, rule: "no-verb", text, is_verb: true });
    }
    let way_out = if verb::FLAGS.contains(&&*name) || shared::KNOWN.contains(&&*name) {
        // Rust has an attribute of this name.
        if name == "allow" {
            return None;
        }
        format!(
            "write it after the path, as in `#[get(\"/orders\", {})]`",
            as_option(&name, attribute)
        )
    } else if name == "header" {
        "write `headers(\"Accept\" = \"application/json\")` after the path, or write the role \
         before a parameter"
            .to_owned()
    } else if ROLES.contains(&&*name) {
        format!("write the role before a parameter, as in `#[{name}] value: ..`")
    } else {
        let plain = name.to_lowercase().replace('_', "");
        match &*plain {
            "multipart" | "formurlencoded" | "consumes" | "produces" | "contenttype" => {
                "remove it: the roles of the parameters set the media type".to_owned()
            }
            "streaming" => "remove it, and return a `Download`".to_owned(),
            "authorize" | "bearer" | "authenticated" | "secured" => {
                "remove it: a method carries the token of `auth(..)` unless it is `public`"
                    .to_owned()
            }
            "noauth" | "anonymous" | "unauthenticated" => {
                "write `public` after the path, as in `#[get(\"/orders\", public)]`".to_owned()
            }
            _ => return None,
        }
    };
    let text = format!("`#[{name}]` does not belong on a method\nhelp: {way_out}");
    Some(Misplaced { attribute, rule: "misplaced-attribute", text, is_verb: false })
}

/// The verb, or `errors`, in a `cfg_attr`.
fn in_cfg_attr(name: &str, attribute: &Attribute) -> Option<String> {
    let list = attribute.meta.require_list().ok().filter(|_| name == "cfg_attr")?;
    let words = list.tokens.clone().into_iter().skip_while(
        |token| !matches!(token, proc_macro2::TokenTree::Punct(it) if it.as_char() == ','),
    );
    let mut words = words.map(|word| word.to_string());
    words.find(|word| VERBS.contains(&&**word) || word == "http" || word == "errors")
}

/// The attribute as an option: `#[timeout("3s")]` becomes `timeout = "3s"`.
fn as_option(name: &str, attribute: &Attribute) -> String {
    match attribute.parse_args::<syn::LitStr>() {
        Ok(value) if name != "headers" => format!("{name} = {}", text_of(&value)),
        _ if name == "headers" => "headers(\"Accept\" = \"application/json\")".to_owned(),
        _ => text_of(&attribute.meta),
    }
}

fn verb_of_another_library(name: &str, attribute: &Attribute) -> Option<String> {
    let tokens = attribute.meta.require_list().map(|it| it.tokens.clone()).unwrap_or_default();
    let texts = tokens.into_iter().filter_map(|token| match token {
        proc_macro2::TokenTree::Literal(text) => {
            syn::parse_str::<syn::LitStr>(&text.to_string()).ok()
        }
        _ => None,
    });
    let texts: Vec<_> = texts.map(|text| text.value()).collect();
    let path = texts.iter().find(|text| text.starts_with('/')).map_or("/orders", String::as_str);
    let method = texts.iter().map(|text| text.to_lowercase());
    let method = method.into_iter().find(|text| VERBS.contains(&&**text));
    Some(match name {
        "trace" | "connect" | "query" | "search" | "propfind" => {
            format!("write `#[http({:?}, {path:?})]`", name.to_uppercase())
        }
        "route" | "request" | "endpoint" | "method" | "operation" | "rpc" | "call" | "api"
        | "request_mapping" | "RequestMapping" | "RequestLine" => {
            format!("write `#[{}({path:?})]`", method.as_deref().unwrap_or("get"))
        }
        "GetMapping" | "PostMapping" | "PutMapping" | "PatchMapping" | "DeleteMapping" => {
            format!("write `#[{}({path:?})]`", name.trim_end_matches("Mapping").to_lowercase())
        }
        "ws" | "websocket" | "web_socket" => {
            "for a stream from the server, write `#[get(..)]`, and return `Events<T>` or \
             `Lines<T>`: WebSockets are not supported"
                .to_owned()
        }
        "sse" | "event_source" | "stream" => {
            format!("write `#[get({path:?})]`, and return `Events<T>` or `Lines<T>`")
        }
        _ => return None,
    })
}

/// An attribute of the trait that should be an option of `#[api_client(..)]`.
pub(crate) fn of_the_trait(attribute: &Attribute) -> Option<String> {
    if attribute.path().segments.last().is_some_and(|last| last.ident == "api_client") {
        let text = "a trait has one `#[api_client]`\nhelp: write all options in one";
        return Some(text.to_owned());
    }
    let name = attribute.path().get_ident().map(Ident::to_string)?;
    if name == "errors" {
        let text = "`#[errors]` does not belong on a trait\n\
                    help: move it beside the verb of each method that needs it";
        return Some(text.to_owned());
    }
    if let ("serde", Ok(list)) = (&*name, attribute.meta.require_list()) {
        let options = text_of(&list.tokens);
        let way_out = match options.starts_with("rename_all =") {
            true => format!("write it as an option: `#[api_client({options})]`"),
            false => "move it to a type that derives serde's traits".to_owned(),
        };
        return Some(format!(
            "an API trait cannot have a serde attribute\n\
             help: {way_out}"
        ));
    }
    let is_option = name == "base" || shared::KNOWN.contains(&&*name);
    (is_option && name != "allow").then(|| {
        format!(
            "`#[{name}]` is an option, not an attribute\n\
             help: write it as an option: `#[api_client({})]`",
            as_option(&name, attribute)
        )
    })
}
