//! Reads `x-perennial`, with which an export says what OpenAPI cannot express. A document may come from anywhere, so
//! each value is parsed and accepted only as the construct that is expected there.

use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Ident, LitBool, LitInt, LitStr, Token};

use crate::document::Document;
use crate::node::{Node, step};

const ROLES: &[&str] = &["login", "refresh", "logout"];

/// The name of the trait that a document was exported from.
///
/// # Errors
///
/// If it is not a name.
pub(crate) fn trait_name<'d>(document: &Document<'d>) -> Result<Option<&'d str>, String> {
    let Some(name) = document.root.get("x-perennial").and_then(|it| it.get("trait")) else {
        return Ok(None);
    };
    let text = name.text().filter(|it| syn::parse_str::<Ident>(it).is_ok());
    text.map(Some).ok_or_else(|| {
        format!("/x-perennial/trait: expected the name of a trait, found {}", shown(name))
    })
}

/// The role of an operation.
///
/// # Errors
///
/// If there is no such role.
pub(super) fn role<'n>(ours: &'n Node, at: &str) -> Result<Option<&'n str>, String> {
    let Some(role) = ours.get("role") else { return Ok(None) };
    role.text().filter(|it| ROLES.contains(it)).map(Some).ok_or_else(|| {
        format!(
            "{at}/x-perennial/role: {} is not a role of an operation\nhelp: the roles are `{}`",
            shown(role),
            ROLES.join("`, `")
        )
    })
}

/// The rules of `expired(..)` of a scheme.
///
/// # Errors
///
/// If one of them is not a rule.
pub(super) fn rules(ours: &Node, scheme: &str) -> Result<Vec<String>, String> {
    let list =
        ours.get("expired").and_then(|it| it.get(scheme)).map(Node::list).unwrap_or_default();
    let one = |(at, node): (usize, &Node)| {
        let rule = node.text().ok_or_else(|| "expected a string".to_owned());
        rule.and_then(|it| rule_of(it).map_err(|error| error.to_string())).map_err(|error| {
            format!(
                "/x-perennial/expired/{}/{at}: {} is not a rule: {error}\n\
                 help: a rule is made of `code`, `status`, `body(..)`, `header(..)` and `when`, as in `status = 401`",
                step(scheme),
                shown(node)
            )
        })
    };
    list.iter().enumerate().map(one).collect()
}

fn shown(node: &Node) -> String {
    node.text().map_or_else(|| node.kind().to_owned(), |it| format!("`{it}`"))
}

/// A rule, once it is known to be one.
fn rule_of(text: &str) -> syn::Result<String> {
    let tokens: TokenStream = text.parse()?;
    let conditions = Punctuated::<(), Token![,]>::parse_terminated_with;
    let all = |input: ParseStream<'_>| match input.is_empty() {
        true => Err(input.error("expected a condition")),
        false => conditions(input, condition).map(drop),
    };
    all.parse2(tokens.clone())?;
    // Without the comments that the text may have.
    Ok(tokens.to_string())
}

fn condition(input: ParseStream<'_>) -> syn::Result<()> {
    let name = input.call(Ident::parse_any)?;
    match name.to_string().as_str() {
        "code" => {
            input.parse::<Token![=]>()?;
            one_or_several(input, scalar)
        }
        "status" => {
            input.parse::<Token![=]>()?;
            one_or_several(input, |input| input.parse::<LitInt>().map(drop))
        }
        // The function of a trait that was exported.
        "when" => {
            input.parse::<Token![=]>()?;
            input.call(syn::Path::parse_mod_style).map(drop)
        }
        "body" => {
            let inside;
            syn::parenthesized!(inside in input);
            Punctuated::<(), Token![,]>::parse_terminated_with(&inside, value_in_body).map(drop)
        }
        "header" => {
            let inside;
            syn::parenthesized!(inside in input);
            header(&inside)
        }
        _ => Err(syn::Error::new(name.span(), format!("`{name}` is not a condition"))),
    }
}

fn one_or_several(
    input: ParseStream<'_>,
    one: fn(ParseStream<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    if !input.peek(syn::token::Bracket) {
        return one(input);
    }
    let inside;
    syn::bracketed!(inside in input);
    Punctuated::<(), Token![,]>::parse_terminated_with(&inside, one).map(drop)
}

fn scalar(input: ParseStream<'_>) -> syn::Result<()> {
    if input.peek(LitStr) {
        return input.parse::<LitStr>().map(drop);
    }
    if input.peek(LitBool) {
        return input.parse::<LitBool>().map(drop);
    }
    input.parse::<Option<Token![-]>>()?;
    input.parse::<LitInt>().map(drop)
}

/// `"error.code" = 1`, `["error", ".tag"] = "expired"`.
fn value_in_body(input: ParseStream<'_>) -> syn::Result<()> {
    one_or_several(input, |input| input.parse::<LitStr>().map(drop))?;
    input.parse::<Token![=]>()?;
    scalar(input)
}

/// `"Name"`, `"Name" = "value"`, `"Name", contains = "value"`.
fn header(input: ParseStream<'_>) -> syn::Result<()> {
    input.parse::<LitStr>()?;
    if input.peek(Token![,]) && input.peek2(Ident) {
        input.parse::<Token![,]>()?;
        let word: Ident = input.parse()?;
        if word != "contains" && word != "equals" {
            return Err(syn::Error::new(word.span(), "expected `contains` or `equals`"));
        }
        input.parse::<Token![=]>()?;
        input.parse::<LitStr>()?;
    } else if input.parse::<Option<Token![=]>>()?.is_some() {
        input.parse::<LitStr>()?;
    }
    input.parse::<Option<Token![,]>>()?;
    match input.is_empty() {
        true => Ok(()),
        false => Err(input.error("expected the end of the condition")),
    }
}
