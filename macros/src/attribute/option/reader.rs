//! Reads options, one by one: a broken one costs only itself.

use proc_macro2::{TokenStream, TokenTree};
use quote::TokenStreamExt;
use syn::parse::{ParseStream, Parser};
use syn::{Lit, LitInt, LitStr, Path, Token, token};

use super::{Body, Key, Opt, Value};
use crate::fault::Faults;
use crate::syntax::Word;

/// Reads the options of an attribute.
pub(crate) fn options(tokens: TokenStream, faults: &Faults) -> Vec<Opt> {
    match (|input: ParseStream<'_>| Ok(list(input, faults))).parse2(tokens) {
        Ok(list) => list,
        Err(error) => {
            faults.syntax(error);
            Vec::new()
        }
    }
}

/// Reads options up to the end. A broken one costs what stands before the next comma.
fn list(input: ParseStream<'_>, faults: &Faults) -> Vec<Opt> {
    let mut list = Vec::new();
    while !input.is_empty() {
        match option(input, faults) {
            Ok(option) => list.push(option),
            Err(error) => {
                faults.syntax(error);
                skip(input);
            }
        }
        if !input.is_empty() && !input.peek(Token![,]) {
            let text = "options stand apart by commas\nhelp: put a comma before this";
            faults.error("syntax", input.span(), text);
            skip(input);
        }
        let _comma: syn::Result<Token![,]> = input.parse();
    }
    list
}

fn option(input: ParseStream<'_>, faults: &Faults) -> syn::Result<Opt> {
    let begin = input.cursor();
    let (key, body) = option_parts(input, faults)?;
    Ok(Opt { key, body, tokens: between(begin, input) })
}

fn option_parts(input: ParseStream<'_>, faults: &Faults) -> syn::Result<(Key, Body)> {
    if input.peek(LitStr) && input.peek2(Token![=]) {
        let key = Key::Text(input.parse()?);
        input.parse::<Token![=]>()?;
        return Ok((key, Body::Value(value(input)?)));
    }
    if input.peek(LitStr) && input.peek2(token::Paren) {
        let key = Key::Text(input.parse()?);
        return Ok((key, Body::List(parenthesized(input, faults)?)));
    }
    if is_literal(input) || input.peek(token::Bracket) {
        return Ok((Key::None, Body::Value(value(input)?)));
    }
    let Word(name) = input.parse().map_err(|error: syn::Error| {
        syn::Error::new(error.span(), "expected an option: `name`, `name = value` or `name(..)`")
    })?;
    let body = if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        Body::Value(value(input)?)
    } else if input.peek(token::Paren) {
        Body::List(parenthesized(input, faults)?)
    } else {
        Body::Flag
    };
    Ok((Key::Name(name), body))
}

fn parenthesized(input: ParseStream<'_>, faults: &Faults) -> syn::Result<Vec<Opt>> {
    let content;
    syn::parenthesized!(content in input);
    Ok(list(&content, faults))
}

fn value(input: ParseStream<'_>) -> syn::Result<Value> {
    let begin = input.cursor();
    if input.peek(token::Bracket) {
        let content;
        syn::bracketed!(content in input);
        let list = content.parse_terminated(value, Token![,])?.into_iter().collect();
        return Ok(Value::List(list, between(begin, input)));
    }
    if is_literal(input) {
        return input.parse().map(Value::Lit);
    }
    if input.is_empty() || input.peek(Token![,]) {
        return Err(syn::Error::new(input.span(), "expected a value"));
    }
    input.call(Path::parse_mod_style).map(Value::Path)
}

fn is_literal(input: ParseStream<'_>) -> bool {
    input.peek(Lit) || (input.peek(Token![-]) && input.peek2(LitInt))
}

fn skip(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        let _skipped: syn::Result<TokenTree> = input.parse();
    }
}

/// The tokens that were read since.
fn between(begin: syn::buffer::Cursor<'_>, input: ParseStream<'_>) -> TokenStream {
    let mut tokens = TokenStream::new();
    let (mut at, end) = (begin, input.cursor());
    while at < end {
        let Some((token, next)) = at.token_tree() else {
            break;
        };
        tokens.append(token);
        at = next;
    }
    tokens
}
