//! The role of a parameter: `#[query]`, `#[header("If-Match")]`, `#[json]`, ..

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Attribute, Ident, LitStr, Meta};

use super::option::{self, Body, Key, Opt, Options, Value};
use super::part::{self, PartOptions};
use super::value::header_name;
use crate::diagnostic::Diagnostics;
use crate::suggest::{choices, help, near};

/// The roles that an attribute gives.
pub(crate) const ROLES: &[&str] =
    &["query", "header", "headers", "json", "form", "field", "part", "body", "url", "ext"];

/// Attributes that Rust allows on a parameter.
const OF_RUST: &[&str] = &["allow", "warn", "deny", "expect", "forbid"];

/// A role, with the attribute that gave it.
pub(crate) struct RoleAttribute {
    pub(crate) role: Role,
    /// Where its name stands.
    pub(crate) word: Span,
    tokens: TokenStream,
}

impl ToTokens for RoleAttribute {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.tokens.to_tokens(tokens);
    }
}

/// What a parameter becomes. A name that was not given is made of the parameter's own.
pub(crate) enum Role {
    Query { name: Option<LitStr>, style: Style },
    QueryStruct,
    Header { name: Option<(LitStr, String)> },
    Headers,
    Json,
    Form,
    Field { name: Option<LitStr>, style: Style },
    Part { name: Option<LitStr>, options: PartOptions },
    Body,
    Url,
    Extension,
}

/// How a list is written.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Style {
    /// `a=1&a=2`
    #[default]
    Repeated,
    /// `a=1,2`
    Comma,
    /// `a=1|2`
    Pipe,
}

impl Role {
    /// Its word in the language.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Query { .. } | Self::QueryStruct => "query",
            Self::Header { .. } => "header",
            Self::Headers => "headers",
            Self::Json => "json",
            Self::Form => "form",
            Self::Field { .. } => "field",
            Self::Part { .. } => "part",
            Self::Body => "body",
            Self::Url => "url",
            Self::Extension => "ext",
        }
    }
}

/// What the attributes of a parameter say.
#[derive(Default)]
pub(crate) struct ParamAttributes {
    pub(crate) role: Option<RoleAttribute>,
    /// Those of Rust, which stay.
    pub(crate) kept: Vec<Attribute>,
    /// There was an attribute that could not be understood, so that nobody should miss a role.
    pub(crate) is_broken: bool,
}

/// Reads the attributes of a parameter.
pub(crate) fn read(
    attributes: &[Attribute],
    parameter: &str,
    diagnostics: &Diagnostics,
) -> ParamAttributes {
    let mut read = ParamAttributes::default();
    for attribute in attributes {
        let name = attribute.path().get_ident().map(Ident::to_string).unwrap_or_default();
        if OF_RUST.contains(&name.as_str()) {
            read.kept.push(attribute.clone());
        } else if !ROLES.contains(&name.as_str()) {
            unknown(attribute, &name, parameter, diagnostics);
            read.is_broken = true;
        } else if let Some(first) = &read.role {
            let text = format!(
                "`{parameter}` has two roles, `#[{}]` and `#[{name}]`\nhelp: keep one of them",
                first.role.word()
            );
            diagnostics.error("two-roles", attribute, text);
        } else {
            match role(attribute, &name, diagnostics) {
                Some(role) => {
                    read.role = Some(RoleAttribute {
                        role,
                        word: attribute.path().span(),
                        tokens: attribute.to_token_stream(),
                    })
                }
                None => read.is_broken = true,
            }
        }
    }
    read
}

fn unknown(attribute: &Attribute, name: &str, parameter: &str, diagnostics: &Diagnostics) {
    if let "cfg" | "cfg_attr" = name {
        let text = format!(
            "`#[{name}]` on a parameter would be another signature for whoever implements the trait\n\
             help: declare the method twice, each time with its own `#[cfg]`"
        );
        diagnostics.error("cfg-on-a-parameter", attribute, text);
        return;
    }
    let shown = crate::syntax::text_of(attribute.path());
    let help = match name {
        "path" | "param" | "segment" => {
            format!("help: a path parameter needs no role: write `{{{parameter}}}` in the path")
        }
        "data" | "payload" | "dto" | "arg" if near(name, ROLES).is_none() => {
            format!("help: did you mean `json`? the roles are {}", choices(ROLES))
        }
        _ => help(name, ROLES, "the roles are"),
    };
    diagnostics.error(
        "unknown-role",
        attribute.path(),
        format!("unknown role `#[{shown}]`\n{help}"),
    );
}

fn role(attribute: &Attribute, name: &str, diagnostics: &Diagnostics) -> Option<Role> {
    let list = match &attribute.meta {
        Meta::Path(_) => Vec::new(),
        Meta::List(list) => option::options(list.tokens.clone(), diagnostics),
        Meta::NameValue(pair) => {
            let has_options = ["query", "header", "field", "part"].contains(&name);
            let value = crate::syntax::text_of(&pair.value);
            let example = if has_options { format!("({value})") } else { String::new() };
            let text = format!(
                "what a role is told stands in parentheses\nhelp: write `#[{name}{example}]`"
            );
            diagnostics.error("wrong-value", pair, text);
            return None;
        }
    };
    match name {
        "query" => query(list, diagnostics),
        "header" => header(list, diagnostics),
        "field" => {
            let (name, mut options) = named(list, &["style"], "field", diagnostics);
            let style = options
                .take("style")
                .map_or(Some(Style::default()), |it| style(&it, diagnostics))?;
            options.end("#[field(\"name\")]", diagnostics);
            Some(Role::Field { name, style })
        }
        "part" => part::read(list, diagnostics),
        _ => {
            if let Some(option) = list.first() {
                let text = format!("`#[{name}]` has no options\nhelp: write `#[{name}]`");
                diagnostics.error("wrong-value", option, text);
                return None;
            }
            Some(match name {
                "headers" => Role::Headers,
                "json" => Role::Json,
                "form" => Role::Form,
                "body" => Role::Body,
                "url" => Role::Url,
                _ => Role::Extension,
            })
        }
    }
}

/// Takes the name in front of the options of a role.
pub(super) fn named(
    mut list: Vec<Opt>,
    known: &[&str],
    whose: &str,
    diagnostics: &Diagnostics,
) -> (Option<LitStr>, Options) {
    let name = super::auth::first_text(&mut list);
    if let Some(name) = name.as_ref().filter(|name| name.value().is_empty()) {
        let text = "a name on the wire cannot be empty\nhelp: leave it out to use the parameter's own name";
        diagnostics.error("wrong-value", name, text);
    }
    // The name itself, written as if it were an option.
    if let Some(at) = list.iter().position(|it| name.is_none() && is_name_by_mistake(it, known)) {
        let option = list.remove(at);
        let meant = match &option.body {
            Body::Value(value) => crate::syntax::text_of(value),
            _ => format!("{:?}", crate::syntax::text_of(&option)),
        };
        let text = format!(
            "the name on the wire is a string that stands alone\nhelp: write `#[{whose}({meant})]`"
        );
        diagnostics.error("wrong-value", &option, text);
        let name = LitStr::new("name", Span::call_site());
        return (Some(name), Options::new(list, known, &[], "", diagnostics));
    }
    let what = match known {
        [] => format!("`{whose}` takes a name, as `#[{whose}(\"name\")]`, and nothing else"),
        _ => format!("besides a name, the options of `{whose}` are"),
    };
    (name, Options::new(list, known, &[], &what, diagnostics))
}

/// `name = "q"`, or `q` without its quotes.
fn is_name_by_mistake(option: &Opt, known: &[&str]) -> bool {
    let Key::Name(name) = &option.key else { return false };
    match &option.body {
        Body::Value(Value::Lit(syn::Lit::Str(_))) => {
            ["name", "rename", "key"].iter().any(|it| name == it)
        }
        Body::Flag => near(&name.to_string(), known).is_none(),
        _ => false,
    }
}

fn query(list: Vec<Opt>, diagnostics: &Diagnostics) -> Option<Role> {
    let (name, mut options) = named(list, &["flatten", "style"], "query", diagnostics);
    let flatten = options.take("flatten");
    let style = options.take("style").map_or(Some(Style::default()), |it| style(&it, diagnostics));
    options.end("#[query(\"name\")]", diagnostics);
    let Some(flatten) = flatten else {
        return Some(Role::Query { name, style: style? });
    };
    flatten.flag(diagnostics)?;
    if let Some(name) = name {
        let text = "a struct that is flattened has no name, its fields have\n\
                    help: remove the name, or `flatten`";
        diagnostics.error("wrong-value", &name, text);
    }
    Some(Role::QueryStruct)
}

fn header(list: Vec<Opt>, diagnostics: &Diagnostics) -> Option<Role> {
    let (literal, options) = named(list, &[], "header", diagnostics);
    options.end("#[header(\"If-Match\")]", diagnostics);
    match literal {
        Some(literal) => {
            let name = header_name(&literal, diagnostics)?;
            Some(Role::Header { name: Some((literal, name)) })
        }
        None => Some(Role::Header { name: None }),
    }
}

fn style(option: &Opt, diagnostics: &Diagnostics) -> Option<Style> {
    let known = ["repeated", "csv", "pipe"];
    let Body::Value(Value::Path(path)) = &option.body else {
        return option.wrong(&choices(&known), "style = csv", diagnostics);
    };
    match path.get_ident().map(Ident::to_string).as_deref() {
        Some("repeated") => Some(Style::Repeated),
        Some("csv") => Some(Style::Comma),
        Some("pipe") => Some(Style::Pipe),
        _ => {
            let name = crate::syntax::text_of(path);
            let help = help(&name, &known, "it takes");
            diagnostics.error(
                "unknown-option",
                path,
                format!("`style` does not know `{name}`\n{help}"),
            );
            None
        }
    }
}
