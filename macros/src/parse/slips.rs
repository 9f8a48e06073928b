//! Slips in the syntax of a method. The compiler reports each of them before the macro runs, so that the macro adds only
//! what the compiler cannot know.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::quote;

use crate::diagnostic::{At, Diagnostics};
use crate::suggest::text_of;

/// The method without its slips, as far as its meaning is clear. With it, its other mistakes are found, and its callers
/// have no further errors.
pub(super) fn mended(chunk: TokenStream, diagnostics: &Diagnostics) -> TokenStream {
    let mut after_fn = false;
    let tokens = chunk.into_iter().map(|token| {
        let is_name = std::mem::replace(&mut after_fn, is_word(&token, "fn"));
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
                let mut copy = Group::new(Delimiter::Parenthesis, params(&group, diagnostics));
                copy.set_span(group.span());
                copy.into()
            }
            TokenTree::Ident(word) if is_name => raw(word).into(),
            token => token,
        }
    });
    tokens.collect()
}

/// Whether the compiler has reported this error of the parser, with the same words or better ones.
pub(super) fn is_reported(reason: &str) -> bool {
    let reported = [
        "expected `,`",
        "expected `:`",
        "expected `;` or a body",
        "expected identifier",
        "expected parentheses",
        "unexpected method receiver",
        "unexpected end of input",
    ];
    reported.iter().any(|start| reason.starts_with(start))
}

fn params(group: &Group, diagnostics: &Diagnostics) -> TokenStream {
    let mut params = vec![Vec::new()];
    for token in group.stream() {
        let ends = is_punct(&token, ',');
        if let Some(param) = params.last_mut() {
            param.push(token);
        }
        if ends {
            params.push(Vec::new());
        }
    }
    params.into_iter().flat_map(|it| param(it, diagnostics)).collect()
}

fn param(param: Vec<TokenTree>, diagnostics: &Diagnostics) -> Vec<TokenTree> {
    let param = before_its_name(param, diagnostics);
    let mut param = without_a_default(param, diagnostics);
    let name = param.windows(2).position(|it| is_punct(&it[1], ':'));
    if let Some(TokenTree::Ident(name)) = name.and_then(|at| param.get_mut(at)) {
        *name = raw(name.clone());
    }
    param
}

/// `page: #[query] u32` and `#[query page: u32]`, with the role before the parameter.
fn before_its_name(param: Vec<TokenTree>, diagnostics: &Diagnostics) -> Vec<TokenTree> {
    let (role, rest) = match &param[..] {
        [name, colon, hash, TokenTree::Group(role), rest @ ..]
            if is_punct(colon, ':') && is_punct(hash, '#') =>
        {
            (quote!(#hash #role), quote!(#name #colon #(#rest)*))
        }
        [hash, TokenTree::Group(role), after @ ..]
            if is_punct(hash, '#') && role.delimiter() == Delimiter::Bracket =>
        {
            let inner: Vec<TokenTree> = role.stream().into_iter().collect();
            let [role, name @ TokenTree::Ident(_), colon, rest @ ..] = &inner[..] else {
                return param;
            };
            if !is_punct(colon, ':') {
                return param;
            }
            (quote!(#hash [#role]), quote!(#name #colon #(#rest)* #(#after)*))
        }
        _ => return param,
    };
    let written = quote!(#role #rest);
    let shown = text_of(&rest);
    let text = format!(
        "the role of a parameter is an attribute before it\nhelp: write `{} {}`",
        text_of(&role),
        shown.trim_end_matches([',', ' '])
    );
    diagnostics.error("syntax", At::from(&written), text);
    written.into_iter().collect()
}

/// `page: u32 = 1`, without the default.
fn without_a_default(mut param: Vec<TokenTree>, diagnostics: &Diagnostics) -> Vec<TokenTree> {
    // Inside of angle brackets, `=` is for an associated type.
    let mut depth = 0_usize;
    let equals = param.iter().position(|token| {
        if is_punct(token, '<') {
            depth += 1;
        } else if is_punct(token, '>') {
            depth = depth.saturating_sub(1);
        }
        depth == 0 && is_punct(token, '=')
    });
    let Some(at) = equals else { return param };
    let text = "a parameter cannot have a default\nhelp: take an `Option`: `None` is left out";
    diagnostics.error("syntax", At::from(&param[at]), text);
    let end = param.pop().filter(|token| is_punct(token, ','));
    param.truncate(at);
    param.extend(end);
    param
}

/// A keyword as a name: `type` becomes `r#type`.
fn raw(word: Ident) -> Ident {
    let text = word.to_string();
    let is_keyword = syn::parse_str::<Ident>(&text).is_err();
    match is_keyword && !matches!(&*text, "self" | "Self" | "super" | "crate" | "_") {
        true => Ident::new_raw(&text, word.span()),
        false => word,
    }
}

fn is_punct(token: &TokenTree, punct: char) -> bool {
    matches!(token, TokenTree::Punct(it) if it.as_char() == punct)
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(it) if it == word)
}
