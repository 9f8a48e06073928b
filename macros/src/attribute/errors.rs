//! `#[errors(404 => NotFound, 5xx => Outage, code 2001 => QuotaExceeded)]`.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Ident, Lit, LitInt, Meta, Token};

use super::option::Value;
use super::value::{Scalar, scalar};
use crate::fault::Faults;

/// One arm: what an answer looks like, and the variant that it becomes.
pub(crate) struct Arm {
    pub(crate) pattern: Pattern,
    pub(crate) variant: Ident,
    at: TokenStream,
}

/// What an answer looks like.
pub(crate) enum Pattern {
    /// From the first to the last status.
    Status(u16, u16),
    Code(Scalar),
}

impl ToTokens for Arm {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.at.to_tokens(tokens);
    }
}

impl Arm {
    fn same(&self, other: &Self) -> bool {
        match (&self.pattern, &other.pattern) {
            (Pattern::Status(a, b), Pattern::Status(c, d)) => a == c && b == d,
            (Pattern::Code(a), Pattern::Code(b)) => a.same(b),
            _ => false,
        }
    }
}

/// Whether the attribute is this one.
pub(crate) fn is_errors(attribute: &Attribute) -> bool {
    attribute.path().is_ident("errors")
}

/// Reads the arms.
pub(crate) fn read(attribute: &Attribute, faults: &Faults) -> Vec<Arm> {
    let Meta::List(list) = &attribute.meta else {
        let text = "`#[errors]` takes arms\nhelp: write `#[errors(404 => NotFound)]`";
        faults.error("wrong-value", attribute, text);
        return Vec::new();
    };
    let read = (|input: ParseStream<'_>| Ok(arms(input, faults))).parse2(list.tokens.clone());
    let mut arms: Vec<Arm> = Vec::new();
    for arm in read.unwrap_or_default() {
        if arms.iter().any(|other| other.same(&arm)) {
            let text = format!(
                "`{}` is mapped twice\nhelp: keep one of the two",
                crate::syntax::text_of(&arm)
            );
            faults.error("mapped-twice", &arm, text);
        } else {
            arms.push(arm);
        }
    }
    arms
}

fn arms(input: ParseStream<'_>, faults: &Faults) -> Vec<Arm> {
    let mut arms = Vec::new();
    while !input.is_empty() {
        match arm(input, faults) {
            Ok(arm) => arms.extend(arm),
            Err(error) => {
                faults.syntax(error);
                while !input.is_empty() && !input.peek(Token![,]) {
                    let _skipped: syn::Result<TokenTree> = input.parse();
                }
            }
        }
        let _comma: syn::Result<Token![,]> = input.parse();
    }
    arms
}

fn arm(input: ParseStream<'_>, faults: &Faults) -> syn::Result<Option<Arm>> {
    let (pattern, at) = if input.peek(Ident) {
        let word: Ident = input.parse()?;
        if word != "code" {
            let text = "expected a status, as `404` or `5xx`, or `code` and a code";
            return Err(syn::Error::new(word.span(), text));
        }
        let code = Value::Lit(input.parse::<Lit>()?);
        (scalar(&code, faults).map(Pattern::Code), code.to_token_stream())
    } else {
        let status: LitInt = input.parse()?;
        (status_pattern(&status, faults), status.to_token_stream())
    };
    input.parse::<Token![=>]>()?;
    let variant = input.parse()?;
    if !input.is_empty() && !input.peek(Token![,]) {
        return Err(input.error("arms stand apart by commas"));
    }
    Ok(pattern.map(|pattern| Arm { pattern, variant, at }))
}

fn status_pattern(status: &LitInt, faults: &Faults) -> Option<Pattern> {
    let number = status.base10_digits().parse::<u16>().ok();
    let range = match (number, status.suffix()) {
        (Some(class), "xx") if (1..=5).contains(&class) => Some((class * 100, class * 100 + 99)),
        (Some(number), "") if (100..600).contains(&number) => Some((number, number)),
        _ => None,
    };
    match range {
        Some((first, _)) if (200..300).contains(&first) => {
            let text = format!(
                "`{status}` is a success, which is no error\n\
                 help: map a status from 300 on, or `code` and a code of the envelope"
            );
            faults.error("mapped-twice", status, text);
            None
        }
        Some((first, last)) => Some(Pattern::Status(first, last)),
        None => {
            let text = format!(
                "`{status}` is not an HTTP status\nhelp: write a number from 100 to 599, or a class such as `5xx`"
            );
            faults.error("bad-status", status, text);
            None
        }
    }
}
