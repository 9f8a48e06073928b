//! Parses options one by one: a broken option affects only itself.

use proc_macro2::{TokenStream, TokenTree};
use quote::TokenStreamExt;
use syn::parse::{ParseStream, Parser};
use syn::{Lit, LitInt, LitStr, Path, Token, token};

use super::{Body, Key, Opt, Value};
use crate::diagnostic::Diagnostics;
use crate::parse::advice;
use crate::parse::item::Word;
use crate::suggest::text_of;

/// Parses the options of an attribute.
pub(crate) fn options(tokens: TokenStream, diagnostics: &Diagnostics) -> Vec<Opt> {
    match (|input: ParseStream<'_>| Ok(list(input, diagnostics))).parse2(tokens) {
        Ok(list) => list,
        Err(error) => {
            diagnostics.syntax(error);
            Vec::new()
        }
    }
}

const COMPUTED: &str = "an attribute cannot contain an expression\n\
                        help: write one value after `=`, or several in brackets, as in `[401, 403]`";

const PAIRS: &str = "an attribute cannot contain a tuple\n\
                     help: write each pair as `name = value`, as in `headers(\"Accept\" = \
                     \"application/json\")`";

/// Parses options up to the end. After a broken one it continues after the next comma.
fn list(input: ParseStream<'_>, diagnostics: &Diagnostics) -> Vec<Opt> {
    let mut list = Vec::new();
    while !input.is_empty() {
        let begin = input.cursor();
        match key(input, diagnostics) {
            Ok(key) => {
                let body = body(&key, input, diagnostics).unwrap_or_else(|error| {
                    diagnostics.syntax(error);
                    skip(input);
                    Body::Broken
                });
                list.push(Opt { key, body, tokens: between(begin, input) });
            }
            Err(error) => {
                diagnostics.syntax(error);
                skip(input);
            }
        }
        if !input.is_empty() && !input.peek(Token![,]) {
            let text = match input.cursor().punct() {
                Some((punct, _)) => {
                    let text = computed(list.last(), punct.as_char(), input);
                    // The part before the operator is not the whole value.
                    if let Some(last) = list.last_mut() {
                        last.body = Body::Broken;
                    }
                    text
                }
                None => "expected `,`\n\
                         help: separate options with commas"
                    .to_owned(),
            };
            diagnostics.error("syntax", input.span(), text);
            skip(input);
        }
        one_of_several(&mut list, diagnostics);
        let _comma: syn::Result<Token![,]> = input.parse();
    }
    list
}

/// The way out for an operator after a value: `401 | 403`, `X-Token`.
fn computed(last: Option<&Opt>, operator: char, input: ParseStream<'_>) -> String {
    if let Some(Opt { key, body: Body::List(list), .. }) = last
        && let [Opt { key: Key::None, body: Body::Value(inner), .. }] = &list[..]
        && operator == '='
    {
        let (name, inner) = (text_of(key), text_of(inner));
        let rest = input.cursor().token_stream().into_iter().skip(1);
        let rest = rest
            .take_while(|token| !matches!(token, TokenTree::Punct(it) if it.as_char() == ','))
            .collect::<TokenStream>();
        let rest = text_of(&rest);
        return format!(
            "expected the value in the parentheses\nhelp: write `{name}({inner} = {rest})`"
        );
    }
    let Some(option @ Opt { body: Body::Value(first), .. }) = last else {
        return COMPUTED.to_owned();
    };
    let rest = input.cursor().token_stream().into_iter();
    let rest = rest
        .take_while(|token| !matches!(token, TokenTree::Punct(it) if it.as_char() == ','))
        .collect::<TokenStream>();
    let (first, rest) = (text_of(first), text_of(&rest));
    let way_out = match operator {
        '-' => {
            let whole = format!("{first}{rest}").replace(' ', "");
            format!("put the value in quotes: `{whole:?}`")
        }
        '|' => {
            let others = rest.split('|').map(str::trim).filter(|it| !it.is_empty());
            let all: Vec<_> = std::iter::once(&*first).chain(others).collect();
            match all.iter().any(|value| value.contains('=')) {
                true => "write a separate rule for each alternative".to_owned(),
                false => format!("write several values in brackets: `[{}]`", all.join(", ")),
            }
        }
        '.' if first == "self" => {
            let name = option.name();
            format!(
                "for a value known at run time, take a parameter, as in `#[header({name:?})] key: \
                 &str`\n\
                 help: or declare `auth(header = {name:?})`, and pass the value to \
                 `session().login(..)`"
            )
        }
        '.' if first == "tokens" => {
            let place = rest.trim_start_matches('.').trim();
            format!("write `{} = tokens({place:?})`", text_of(&option.key))
        }
        '.' if matches!(option.key, Key::Name(_)) && first.starts_with(char::is_alphabetic) => {
            let place = format!("{first}{rest}").replace(' ', "");
            format!("put the place in the response in quotes: `{place:?}`")
        }
        _ => return COMPUTED.to_owned(),
    };
    format!("an attribute cannot contain an expression\nhelp: {way_out}")
}

/// `status = 401, 403`: the second value looks like a separate option.
fn one_of_several(list: &mut Vec<Opt>, diagnostics: &Diagnostics) {
    let [.., first, second] = &list[..] else { return };
    let (Key::Name(name), Body::Value(one @ Value::Lit(Lit::Int(_)))) = (&first.key, &first.body)
    else {
        return;
    };
    if let (Key::None, Body::Value(other)) = (&second.key, &second.body) {
        let (one, other) = (text_of(one), text_of(other));
        let text = format!(
            "unexpected `{other}`\nhelp: write several values in brackets: `{name} = [{one}, {other}]`"
        );
        diagnostics.error("wrong-value", second, text);
        list.pop();
    }
}

fn key(input: ParseStream<'_>, diagnostics: &Diagnostics) -> syn::Result<Key> {
    // A string before `=` or parentheses is a key.
    let is_named = input.peek2(Token![=]) || input.peek2(token::Paren) || input.peek2(Token![:]);
    if input.peek(LitStr) && is_named {
        return input.parse().map(Key::Text);
    }
    if input.peek(token::Bracket) && input.peek2(Token![=]) {
        return value(input, diagnostics).map(Key::Place);
    }
    if is_literal(input) || input.peek(token::Bracket) {
        return Ok(Key::None);
    }
    if input.peek(token::Paren) {
        return Err(input.error(PAIRS));
    }
    let Word(name) = input.parse().map_err(|error: syn::Error| {
        syn::Error::new(error.span(), "expected an option: `name`, `name = value` or `name(..)`")
    })?;
    Ok(Key::Name(name))
}

fn body(key: &Key, input: ParseStream<'_>, diagnostics: &Diagnostics) -> syn::Result<Body> {
    let error = |text: &str| Err(syn::Error::new(input.span(), text));
    if let Key::None = key {
        return value(input, diagnostics).map(Body::Value);
    }
    if input.peek(Token![::]) {
        return error(
            "an option has a plain name, without `::`\n\
             help: for a lint of Rust or of clippy, write `#[allow(..)]` above the trait or the method",
        );
    }
    if input.peek(Token![=>]) || input.peek(Token![==]) || input.peek(Token![:]) {
        return error(&format!("expected `=`\nhelp: write `{} = ..`", text_of(key)));
    }
    if input.peek(Token![!=]) || input.peek(Token![<]) || input.peek(Token![>]) {
        let name = text_of(key);
        let values = if name == "status" { "[401, 403]" } else { "[1234, 1235]" };
        return error(&format!(
            "an attribute cannot contain a comparison\n\
             help: write the values themselves, as in `{name} = {values}`"
        ));
    }
    if input.peek(Token![!]) {
        return error(
            "an attribute cannot contain a macro\n\
             help: write the literal itself",
        );
    }
    if input.peek(Token![-]) {
        return error("a name that contains `-` must be a string\nhelp: put it in quotes");
    }
    if input.peek(Token![=]) {
        let equals: Token![=] = input.parse()?;
        if input.is_empty() || input.peek(Token![,]) {
            let text = "expected a value after `=`\nhelp: write `name = \"value\"`";
            return Err(syn::Error::new(equals.span, text));
        }
        if input.peek(token::Paren) && matches!(key, Key::Name(name) if name == "backoff") {
            let text = "an attribute cannot contain a tuple\n\
                        help: write a range, as in `backoff = \"100ms..5s\"`";
            let error = input.error(text);
            // The parser must not find leftover tokens.
            let _pair: TokenTree = input.parse()?;
            return Err(error);
        }
        if input.peek(token::Brace) {
            let name = text_of(key);
            let text = format!(
                "expected parentheses\n\
                 help: write `{name}(..)`, and separate options with commas"
            );
            return Err(syn::Error::new(input.span(), text));
        }
        if let Key::Text(_) = key
            && is_macro(input)
        {
            let text = "an attribute cannot contain a macro\n\
                        help: write the name of a constant, such as `const USER_AGENT: &str = ..`, \
                        or the name of a function that returns the value";
            return Err(syn::Error::new(input.span(), text));
        }
        return value(input, diagnostics).map(Body::Value);
    }
    if input.cursor().punct().is_some_and(|(punct, _)| punct.as_char() != ',') {
        return error(COMPUTED);
    }
    if matches!(key, Key::Name(name) if name == "errors") && input.peek(token::Paren) {
        let Key::Name(name) = key else { return Ok(Body::Broken) };
        let home = advice::option("errors").unwrap_or_default();
        let text = format!("option `errors` does not belong here\nhelp: {home}");
        diagnostics.error("misplaced-option", name, text);
        let _arms: TokenTree = input.parse()?;
        return Ok(Body::Broken);
    }
    match input.peek(token::Paren) {
        true => parenthesized(input, diagnostics).map(Body::List),
        false => Ok(Body::Flag),
    }
}

fn parenthesized(input: ParseStream<'_>, diagnostics: &Diagnostics) -> syn::Result<Vec<Opt>> {
    let content;
    syn::parenthesized!(content in input);
    Ok(list(&content, diagnostics))
}

/// The values of a list. A broken one costs only itself, unless nothing else is left.
fn values(input: ParseStream<'_>, diagnostics: &Diagnostics) -> syn::Result<Vec<Value>> {
    if input.peek(token::Paren) {
        let error = input.error(PAIRS);
        // The parser must not find leftover tokens.
        let _pairs: TokenStream = input.parse()?;
        return Err(error);
    }
    let (mut list, mut broken) = (Vec::new(), None);
    while !input.is_empty() {
        match value(input, diagnostics) {
            Ok(value) => list.push(value),
            Err(error) => {
                broken.replace(error).into_iter().for_each(|before| diagnostics.syntax(before));
                skip(input);
            }
        }
        if !input.is_empty() && !input.peek(Token![,]) {
            let text = if input.peek(Token![..]) {
                "a list cannot contain a range\n\
                 help: write each value, as in `[401, 403]`"
            } else if input.peek(Token![=]) {
                "a list cannot contain pairs\n\
                 help: write the pairs without brackets, as in `headers(\"Accept\" = \
                 \"application/json\")`"
            } else {
                COMPUTED
            };
            broken.replace(input.error(text)).into_iter().for_each(|it| diagnostics.syntax(it));
            list.pop();
            skip(input);
        }
        let _comma: syn::Result<Token![,]> = input.parse();
    }
    match broken {
        Some(error) if list.is_empty() => return Err(error),
        broken => broken.into_iter().for_each(|error| diagnostics.syntax(error)),
    }
    Ok(list)
}

fn value(input: ParseStream<'_>, diagnostics: &Diagnostics) -> syn::Result<Value> {
    let begin = input.cursor();
    if input.peek(token::Bracket) {
        let content;
        syn::bracketed!(content in input);
        let list = values(&content, diagnostics)?;
        return Ok(Value::List(list, between(begin, input)));
    }
    if is_literal(input) {
        return input.parse().map(Value::Lit);
    }
    if input.is_empty() || input.peek(Token![,]) {
        return Err(syn::Error::new(input.span(), "expected a value"));
    }
    if input.peek(token::Paren) {
        return Err(input.error(PAIRS));
    }
    if input.peek(Token![|]) || input.peek(Token![move]) || input.peek(Token![async]) {
        let text = "an attribute cannot contain a closure\n\
                    help: write a function, and put its path here";
        return Err(syn::Error::new(input.span(), text));
    }
    if input.peek(Token![&]) || input.peek(Token![*]) {
        let text = "an attribute cannot contain an expression\n\
                    help: write the path of a constant or of a function, without `&` or `*`";
        return Err(syn::Error::new(input.span(), text));
    }
    if input.peek(Token![!]) {
        let text = "an attribute cannot contain an expression\n\
                    help: write the accepted values themselves, as in `[0, 1]`";
        return Err(syn::Error::new(input.span(), text));
    }
    let path = input.call(Path::parse_mod_style).map_err(|error| {
        let text = "expected a value\n\
                    help: write a string, a number, or the name of a constant";
        syn::Error::new(error.span(), text)
    })?;
    if input.peek(Token![!]) {
        let text = "an attribute cannot contain a macro\n\
                    help: write the literal itself";
        return Err(syn::Error::new_spanned(path, text));
    }
    // Places in a request or a response: `body("path")`, `header("Name")`, `cookie("name")`, `absent("errors")`,
    // `not("isLast")`; and a value from the tokens: `tokens(refresh)`.
    if input.peek(token::Paren)
        && let Some(function) = path.get_ident().filter(|it| {
            ["body", "header", "cookie", "absent", "not", "tokens", "extra"]
                .iter()
                .any(|name| it == name)
        })
    {
        let content;
        syn::parenthesized!(content in input);
        let arguments = values(&content, diagnostics)?;
        return Ok(Value::Call(function.clone(), arguments, between(begin, input)));
    }
    if input.peek(token::Paren) {
        let arguments: TokenTree = input.parse()?;
        let text = text_of(&path) + &arguments.to_string();
        let help = advice::expression(&text);
        let text = format!("an attribute cannot contain an expression\nhelp: {help}");
        return Err(syn::Error::new_spanned(path, text));
    }
    Ok(Value::Path(path))
}

fn is_macro(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    ahead.call(Path::parse_mod_style).is_ok() && ahead.peek(Token![!])
}

fn is_literal(input: ParseStream<'_>) -> bool {
    input.peek(Lit) || (input.peek(Token![-]) && input.peek2(LitInt))
}

fn skip(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        let _skipped: syn::Result<TokenTree> = input.parse();
    }
}

/// The tokens that were parsed since then.
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
