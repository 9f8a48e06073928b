//! Parses `#[errors(404 => NotFound, 5xx => Outage, code 2001 => QuotaExceeded)]`.

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Ident, Lit, LitInt, Meta, Token};

use super::option::Value;
use super::value::{named_status, scalar};
use crate::diagnostic::Diagnostics;
use crate::model::verb::{Arm, Pattern};

mod kw {
    syn::custom_keyword!(code);
}

/// Whether the attribute is this one.
pub(crate) fn is_errors(attribute: &Attribute) -> bool {
    attribute.path().is_ident("errors")
}

/// An attribute with a similar name.
pub(crate) fn nearly(attributes: &[Attribute]) -> Option<&Attribute> {
    let is_near = |name: &Ident| crate::suggest::near(&name.to_string(), &["errors"]).is_some();
    attributes.iter().find(|it| !is_errors(it) && it.path().get_ident().is_some_and(is_near))
}

/// Parses the arms.
pub(crate) fn parse(attribute: &Attribute, diagnostics: &Diagnostics) -> Vec<Arm> {
    if let Some(word) = attribute.path().get_ident() {
        diagnostics.word("verb", word, true);
    }
    let Meta::List(list) = &attribute.meta else {
        let text = "expected arms in parentheses\nhelp: write `#[errors(404 => NotFound)]`";
        diagnostics.error("wrong-value", attribute, text);
        return Vec::new();
    };
    let parsed =
        (|input: ParseStream<'_>| Ok(arms(input, diagnostics))).parse2(list.tokens.clone());
    let mut arms: Vec<Arm> = Vec::new();
    for arm in parsed.unwrap_or_default() {
        if arms.iter().any(|other| other.same(&arm)) {
            let text = format!(
                "`{}` is mapped twice\nhelp: keep one of the two",
                crate::suggest::text_of(&arm)
            );
            diagnostics.error("mapped-twice", &arm, text);
        } else if let Some(earlier) = arms.iter().find(|other| other.hides(&arm)) {
            let (earlier, later) =
                (crate::suggest::text_of(earlier), crate::suggest::text_of(&arm));
            let text = format!(
                "`{later}` is already mapped by `{earlier}`, since the first matching arm applies\n\
                 help: move `{later}` before `{earlier}`"
            );
            diagnostics.error("mapped-twice", &arm, text);
        } else {
            arms.push(arm);
        }
    }
    arms
}

fn arms(input: ParseStream<'_>, diagnostics: &Diagnostics) -> Vec<Arm> {
    let mut arms = Vec::new();
    while !input.is_empty() {
        match arm(input, diagnostics) {
            Ok(arm) => arms.extend(arm),
            Err(error) => {
                diagnostics.syntax(error);
                while !input.is_empty() && !input.peek(Token![,]) {
                    let _skipped: syn::Result<TokenTree> = input.parse();
                }
            }
        }
        // A semicolon in place of the comma is reported.
        let _semicolon: syn::Result<Token![;]> = input.parse();
        let _comma: syn::Result<Token![,]> = input.parse();
    }
    arms
}

fn arm(input: ParseStream<'_>, diagnostics: &Diagnostics) -> syn::Result<Option<Arm>> {
    const EXAMPLE: &str = "help: write `404 => NotFound`, or `code 2001 => QuotaExceeded`";
    let (pattern, at) = if input.peek(kw::code) && !input.peek2(Token![=>]) {
        input.parse::<Ident>()?;
        let Ok(code) = input.parse::<Lit>() else {
            let text = "expected an integer or a string\nhelp: write `code 2001 => QuotaExceeded`";
            return Err(input.error(text));
        };
        let code = Value::Lit(code);
        (scalar(&code, diagnostics).map(Pattern::Code), code.to_token_stream())
    } else if input.peek(LitInt) {
        let status: LitInt = input.parse()?;
        (status_pattern(&status, diagnostics), status.to_token_stream())
    } else {
        let what = "expected a status such as `404` or `5xx`, or a code such as `code 2001`";
        return Err(
            input.error(format!("{what}\n{}", pattern_help(input).as_deref().unwrap_or(EXAMPLE)))
        );
    };
    if input.peek(Token![|]) || input.peek(Token![..]) {
        let text = "an arm takes one status\n\
                    help: write one arm for each status, as in `404 => NotFound, 410 => NotFound`, \
                    or one for a class, as in `5xx => Outage`";
        return Err(input.error(text));
    }
    if !input.peek(Token![=>]) {
        return Err(input.error(format!("expected `=>` and a variant\n{EXAMPLE}")));
    }
    input.parse::<Token![=>]>()?;
    if !input.peek(Ident) {
        return Err(input.error("expected the name of a variant\nhelp: write `404 => NotFound`"));
    }
    let path = input.call(syn::Path::parse_mod_style)?;
    if input.peek(Token![;]) {
        diagnostics.error(
            "syntax",
            input.span(),
            "expected `,`\n\
             help: separate arms with commas",
        );
    } else if !input.is_empty() && !input.peek(Token![,]) {
        let text = "expected `,` after the variant";
        let way_out =
            "help: write the name of the variant alone: its value is decoded from the body";
        return Err(input.error(format!("{text}\n{way_out}")));
    }
    let Some(variant) = path.get_ident().cloned() else {
        let last = path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        let text = format!(
            "expected the name of a variant, without its enum\n\
             help: write `{last}`"
        );
        return Err(syn::Error::new_spanned(path, text));
    };
    Ok(pattern.map(|pattern| Arm { pattern, variant, at }))
}

/// The way out for a pattern that this language does not have.
fn pattern_help(input: ParseStream<'_>) -> Option<String> {
    if input.peek(Token![_]) {
        let text = "help: remove this arm: `From<perennial::Error>` converts every other error";
        return Some(text.to_owned());
    }
    let ahead = input.fork();
    if let Ok(text) = ahead.parse::<syn::LitStr>() {
        let text = text.value();
        let is_status = text.len() == 3 && text.starts_with(|c: char| c.is_ascii_digit());
        return Some(match is_status {
            true => format!("help: write `{text}` without quotes"),
            false => format!("help: write `code {text:?} => ..`"),
        });
    }
    let path = ahead.call(syn::Path::parse_mod_style).ok()?;
    if let Some(status) = named_status(&crate::suggest::text_of(&path)) {
        return Some(format!("help: write `{status}`"));
    }
    (ahead.is_empty() || ahead.peek(Token![,])).then(|| {
        format!(
            "help: remove `{}`, which the return type names, and map each error to a variant, as \
             in `404 => NotFound`",
            crate::suggest::text_of(&path)
        )
    })
}

fn status_pattern(status: &LitInt, diagnostics: &Diagnostics) -> Option<Pattern> {
    let number = status.base10_digits().parse::<u16>().ok();
    let range = match (number, status.suffix()) {
        (Some(class), "xx") if (1..=5).contains(&class) => Some((class * 100, class * 100 + 99)),
        (Some(number), "") if (100..600).contains(&number) => Some((number, number)),
        _ => None,
    };
    match range {
        Some((first, _)) if (200..300).contains(&first) => {
            let text = format!(
                "`{status}` is a success, not an error\n\
                 help: map a status from 300 upward, or a code of the envelope, as in `code 2001 \
                 => QuotaExceeded`"
            );
            diagnostics.fail("mapped-twice", status, text)
        }
        Some((first, last)) => Some(Pattern::Status(first, last)),
        None => {
            let text = format!(
                "`{status}` is not an HTTP status\nhelp: write a number from 100 to 599, or a class such as `5xx`"
            );
            diagnostics.fail("bad-status", status, text)
        }
    }
}
