//! Parses the role of a parameter: `#[query]`, `#[header("If-Match")]`, `#[json]`, ..

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, Ident, LitStr, Meta};

use super::option::{self, Body, Key, Opt, Options, Value, first_text};
use super::value::{header_name, header_value};
use super::{advice, part};
use crate::diagnostic::{At, Diagnostics};
use crate::model::case::Case;
use crate::model::param::{Role, Style};
use crate::suggest::{choices, help, near, text_of};

/// The roles that an attribute gives.
pub(crate) const ROLES: &[&str] = &[
    "query", "header", "headers", "json", "encoded", "form", "field", "part", "body", "url", "ext",
];

/// Attributes that Rust allows on a parameter.
const OF_RUST: &[&str] = &["allow", "warn", "deny", "expect", "forbid"];

/// The wire name of a parameter if its role does not give one.
pub(crate) struct Naming<'a> {
    pub(crate) parameter: &'a str,
    pub(crate) case: Option<Case>,
    /// The placeholders of the path without a parameter of their name.
    pub(crate) lost: &'a [String],
}

impl Naming<'_> {
    /// The given name, or the one that is derived from the parameter.
    pub(super) fn wire(&self, name: Option<LitStr>) -> String {
        match (name, self.case) {
            (Some(name), _) => name.value(),
            (None, Some(case)) => case.rename(self.parameter),
            (None, None) => self.parameter.to_owned(),
        }
    }
}

/// A role, and where it was given.
pub(crate) struct GivenRole {
    pub(crate) role: Role,
    /// The whole attribute.
    pub(crate) whole: At,
    /// The name in it, or the whole attribute.
    pub(crate) at: At,
    /// Its first word.
    pub(crate) word: Span,
}

/// The attributes of a parameter.
#[derive(Default)]
pub(crate) struct ParamAttributes {
    pub(crate) role: Option<GivenRole>,
    /// Those of Rust, which are kept.
    pub(crate) kept: Vec<Attribute>,
    /// Whether an attribute was unreadable, so that no rule reports the role as missing.
    pub(crate) is_broken: bool,
}

/// Parses the attributes of a parameter.
pub(crate) fn parse(
    attributes: &[Attribute],
    naming: &Naming<'_>,
    diagnostics: &Diagnostics,
) -> ParamAttributes {
    let parameter = naming.parameter;
    let mut parsed = ParamAttributes::default();
    for attribute in attributes {
        let name = attribute.path().get_ident().map(Ident::to_string).unwrap_or_default();
        if let Some(word) = attribute.path().get_ident()
            && !OF_RUST.contains(&name.as_str())
        {
            diagnostics.word("role", word, ROLES.contains(&name.as_str()));
        }
        if OF_RUST.contains(&name.as_str()) {
            parsed.kept.push(attribute.clone());
        } else if !ROLES.contains(&name.as_str()) {
            unknown(attribute, &name, naming, diagnostics);
            parsed.is_broken = true;
        } else if let Some(first) = &parsed.role {
            let text = format!(
                "`{parameter}` has two roles, `#[{}]` and `#[{name}]`\nhelp: keep one of the two",
                first.role.word()
            );
            diagnostics.error("two-roles", attribute, text);
        } else {
            let whole = At::from(attribute);
            let given = role(attribute, &name, naming, diagnostics);
            let given = given.map(|(role, at)| GivenRole {
                role,
                whole,
                at: at.unwrap_or(whole),
                word: attribute.path().span(),
            });
            parsed.is_broken |= given.is_none();
            parsed.role = given;
        }
    }
    parsed
}

/// The roles among the attributes of a parameter.
pub(crate) fn roles(input: &FnArg) -> impl Iterator<Item = &Ident> {
    let attributes = match input {
        FnArg::Typed(typed) => typed.attrs.as_slice(),
        FnArg::Receiver(_) => &[],
    };
    let names = attributes.iter().filter_map(|it| it.path().get_ident());
    names.filter(|name| ROLES.iter().any(|role| name == role))
}

/// The names that roles of other libraries give to a path parameter: `#[path("orderId")]`.
pub(crate) fn path_names(attributes: &[Attribute]) -> Vec<String> {
    let is_path = |it: &&Attribute| {
        it.path().get_ident().is_some_and(|name| advice::is_path_role(&name.to_string()))
    };
    let name = |it: &Attribute| it.parse_args::<LitStr>().ok().map(|name| name.value());
    attributes.iter().filter(is_path).filter_map(name).collect()
}

/// Whether the role of another library says that this is a path parameter, and gives it no other name.
pub(crate) fn is_in_path(attributes: &[Attribute]) -> bool {
    let is_path = |it: &Attribute| {
        let name = it.path().get_ident();
        name.is_some_and(|name| advice::is_path_role(&name.to_string()))
    };
    attributes.iter().any(is_path) && path_names(attributes).is_empty()
}

fn unknown(attribute: &Attribute, name: &str, naming: &Naming<'_>, diagnostics: &Diagnostics) {
    if let "cfg" | "cfg_attr" = name {
        let text = format!(
            "a parameter cannot have `#[{name}]`, which would change the signature of the trait\n\
             help: declare the method twice, each with its own `#[cfg(..)]`"
        );
        diagnostics.error("cfg-on-a-parameter", attribute, text);
        return;
    }
    if name == "doc" {
        let text = "a parameter cannot have a doc comment\n\
                    help: describe it in the doc comment of the method, or write `//` instead of \
                    `///`";
        diagnostics.error("comment-on-a-parameter", attribute, text);
        return;
    }
    let shown = text_of(attribute.path());
    let help = match advice::role(name, naming.parameter) {
        Some(_) if advice::is_path_role(name) && naming.lost.len() > 1 => {
            let each: Vec<_> = naming.lost.iter().map(|name| format!("{name}: &str")).collect();
            format!(
                "help: remove the role, and take a parameter for each placeholder: `{}`",
                each.join(", ")
            )
        }
        Some(ours) => format!("help: {ours}"),
        None => help(name, ROLES, "the roles are"),
    };
    diagnostics.error(
        "unknown-role",
        attribute.path(),
        format!("unknown role `#[{shown}]`\n{help}"),
    );
}

/// The role, and where the name of a header is.
fn role(
    attribute: &Attribute,
    name: &str,
    naming: &Naming<'_>,
    diagnostics: &Diagnostics,
) -> Option<(Role, Option<At>)> {
    let list = match &attribute.meta {
        Meta::Path(_) => Vec::new(),
        Meta::List(list) => option::options(list.tokens.clone(), diagnostics),
        Meta::NameValue(pair) => {
            let has_options = !["headers", "form", "url", "ext"].contains(&name);
            let value = text_of(&pair.value);
            let example = if has_options { format!("({value})") } else { String::new() };
            let text = format!("expected parentheses\nhelp: write `#[{name}{example}]`");
            return diagnostics.fail("wrong-value", pair, text);
        }
    };
    let role = match name {
        "query" => query(list, naming, diagnostics)?,
        "header" => return header(list, naming, diagnostics),
        "field" => {
            let (name, mut options) = named(list, &["style", "json"], "field", diagnostics);
            let (style, json) = (options.take("style"), options.take("json"));
            options.end("#[field(\"name\")]", diagnostics);
            let style = match (json, style) {
                (Some(json), None) => json.flag(diagnostics).map(|()| Style::Json)?,
                (Some(_), Some(style)) => return one_value(&style, diagnostics),
                (None, Some(style)) => list_style(&style, diagnostics)?,
                (None, None) => Style::default(),
            };
            Role::Field { name: naming.wire(name), style }
        }
        "part" => part::parse(list, naming, diagnostics)?,
        "form" => form(list, diagnostics)?,
        "json" => Role::Json { media_type: media_type(name, list, diagnostics)? },
        "encoded" => encoded(list, diagnostics)?,
        "body" => Role::Body { media_type: media_type(name, list, diagnostics)? },
        _ => {
            if let Some(option) = list.first() {
                let text = format!("`#[{name}]` takes no options\nhelp: write `#[{name}]`");
                return diagnostics.fail("wrong-value", option, text);
            }
            match name {
                "headers" => Role::Headers,
                "url" => Role::Url,
                _ => Role::Extension,
            }
        }
    };
    Some((role, None))
}

/// Takes the name before the options of a role.
pub(super) fn named(
    mut list: Vec<Opt>,
    known: &[&str],
    whose: &str,
    diagnostics: &Diagnostics,
) -> (Option<LitStr>, Options) {
    let name = first_text(&mut list);
    if let Some(name) = name.as_ref().filter(|name| name.value().is_empty()) {
        let text = "a wire name cannot be empty\nhelp: remove it to use the name of the parameter";
        diagnostics.error("wrong-value", name, text);
    }
    if let Some(option) = list.iter().find(|it| known.contains(&"style") && is_style(it)) {
        let style = text_of(option);
        let text = format!(
            "`{style}` is a value of `style`\n\
             help: write `style = {style}`"
        );
        diagnostics.error("unknown-option", option, text);
        list.retain(|it| !is_style(it));
    }
    // The name, written as if it were an option.
    let is_name = |it: &Opt| !it.is("secret") && is_name_by_mistake(it, known);
    if let Some(at) = list.iter().position(|it| name.is_none() && is_name(it)) {
        let option = list.remove(at);
        let meant = match &option.body {
            Body::Value(value) => text_of(value),
            _ => format!("{:?}", text_of(&option)),
        };
        let text = format!(
            "expected the wire name in quotes\n\
             help: write `#[{whose}({meant})]`"
        );
        diagnostics.error("wrong-value", &option, text);
        // The parameter already has the name that was intended, or its own.
        let name = match option.body {
            Body::Value(Value::Lit(syn::Lit::Str(name))) => Some(name),
            _ => None,
        };
        return (name, Options::new(list, known, &[], "", diagnostics));
    }
    let what = match known {
        [] => format!("`{whose}` takes only a name, as in `#[{whose}(\"name\")]`"),
        _ => format!("besides a name, the options of `{whose}` are"),
    };
    (name, Options::new(list, known, &[], &what, diagnostics))
}

const STYLES: &[&str] = &["repeated", "csv", "pipe"];

fn is_style(option: &Opt) -> bool {
    matches!(option.body, Body::Flag) && STYLES.iter().any(|style| option.is(style))
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

fn query(list: Vec<Opt>, naming: &Naming<'_>, diagnostics: &Diagnostics) -> Option<Role> {
    let (name, mut options) = named(list, &["flatten", "style", "json"], "query", diagnostics);
    let flatten = options.take("flatten");
    let json = options.take("json");
    let style = options.take("style");
    options.end("#[query(\"name\")]", diagnostics);
    if let Some(json) = json {
        json.flag(diagnostics)?;
        if let Some(other) = flatten.or(style) {
            return one_value(&other, diagnostics);
        }
        return Some(Role::QueryJson(naming.wire(name)));
    }
    let brackets = style.as_ref().is_some_and(is_brackets);
    let Some(flatten) = flatten else {
        if brackets {
            return Some(Role::QueryObject(naming.wire(name)));
        }
        let style = style.map_or(Some(Style::default()), |it| list_style(&it, diagnostics));
        return Some(Role::Query { name: naming.wire(name), style: style? });
    };
    flatten.flag(diagnostics)?;
    if let Some(name) = name {
        let text = "`flatten` takes its names from the fields of the struct\n\
                    help: remove the name, or remove `flatten`";
        diagnostics.error("wrong-value", &name, text);
    }
    if let Some(style) = style.filter(|_| !brackets) {
        return style.wrong("`brackets`", "flatten, style = brackets", diagnostics);
    }
    Some(Role::QueryStruct { brackets })
}

/// Reports an option beside `json`.
fn one_value<T>(other: &Opt, diagnostics: &Diagnostics) -> Option<T> {
    let text = "this option has no effect with `json`\n\
                help: remove it, or remove `json`";
    diagnostics.fail("wrong-value", other, text)
}

fn form(list: Vec<Opt>, diagnostics: &Diagnostics) -> Option<Role> {
    let what = "the option of `form` is";
    let mut options = Options::new(list, &["style"], &[], what, diagnostics);
    let style = options.take("style");
    options.end("#[form(style = brackets)]", diagnostics);
    let brackets = style.as_ref().is_some_and(is_brackets);
    if let Some(style) = style.filter(|_| !brackets) {
        return style.wrong("`brackets`", "style = brackets", diagnostics);
    }
    Some(Role::Form { brackets })
}

/// `#[encoded]`, or `#[encoded(codec = path::to::Codec)]` for another format than that of the method.
fn encoded(list: Vec<Opt>, diagnostics: &Diagnostics) -> Option<Role> {
    let what = "the option of `encoded` is";
    let mut options = Options::new(list, &["codec"], &[], what, diagnostics);
    let codec = options.take("codec");
    options.end("#[encoded(codec = perennial::codec::Xml)]", diagnostics);
    match codec {
        Some(codec) => {
            Some(Role::Encoded { codec: Some(super::shared::codec(&codec, diagnostics)?) })
        }
        None => Some(Role::Encoded { codec: None }),
    }
}

/// The media type of a whole body: `#[json("application/merge-patch+json")]`.
fn media_type(role: &str, mut list: Vec<Opt>, diagnostics: &Diagnostics) -> Option<Option<String>> {
    let example = match role {
        "json" => r#"#[json("application/merge-patch+json")]"#,
        _ => r#"#[body("application/x-ndjson")]"#,
    };
    let literal = first_text(&mut list);
    if let Some(option) = list.first() {
        if !option.is_broken() {
            let other = ["json", "form", "part"].into_iter().find(|it| option.is(it));
            let example = other.map_or_else(|| example.to_owned(), |it| format!("#[{it}]"));
            let text = format!(
                "`#[{role}]` takes only a media type\n\
                 help: write `{example}`"
            );
            diagnostics.error("wrong-value", option, text);
        }
        return None;
    }
    let Some(literal) = literal else { return Some(None) };
    let (example, more) = match role {
        "json" => (
            "application/merge-patch+json",
            "\nhelp: for a member of the body, take a struct with all members, or write `#[field]` for each \
             member of a form",
        ),
        _ => ("application/x-ndjson", ""),
    };
    part::check_mime(&literal, example, more, diagnostics)?;
    header_value(&literal, diagnostics).map(Some)
}

fn is_brackets(style: &Opt) -> bool {
    matches!(&style.body, Body::Value(Value::Path(path)) if path.is_ident("brackets"))
}

fn header(
    list: Vec<Opt>,
    naming: &Naming<'_>,
    diagnostics: &Diagnostics,
) -> Option<(Role, Option<At>)> {
    let (literal, options) = named(list, &[], "header", diagnostics);
    options.end("#[header(\"If-Match\")]", diagnostics);
    match literal {
        Some(literal) => {
            let name = header_name(&literal, diagnostics)?;
            Some((Role::Header(name), Some(At::from(&literal))))
        }
        // Servers drop headers with an underscore, and no header in use contains one.
        None => Some((Role::Header(naming.parameter.replace('_', "-").to_lowercase()), None)),
    }
}

fn list_style(option: &Opt, diagnostics: &Diagnostics) -> Option<Style> {
    let Body::Value(Value::Path(path)) = &option.body else {
        return option.wrong(&choices(STYLES), "style = csv", diagnostics);
    };
    match path.get_ident().map(Ident::to_string).as_deref() {
        Some("repeated") => Some(Style::Repeated),
        Some("csv") => Some(Style::Comma),
        Some("pipe") => Some(Style::Pipe),
        _ => {
            let name = text_of(path);
            let help = help(&name, STYLES, "the styles are");
            diagnostics.fail("unknown-option", path, format!("unknown style `{name}`\n{help}"))
        }
    }
}
