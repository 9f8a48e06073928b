//! Reads the contents of macros, and serde's spellings.

use proc_macro2::TokenTree;

use super::options::options;

/// The pairs of `text_enum!(Name { A = "a", })`.
pub(super) fn pairs(tokens: &[TokenTree]) -> Vec<(String, String)> {
    let Some(TokenTree::Group(group)) =
        tokens.iter().rev().find(|it| matches!(it, TokenTree::Group(_)))
    else {
        return Vec::new();
    };
    options(group.stream())
        .into_iter()
        .filter_map(|it| Some((it.key.clone(), it.word()?)))
        .collect()
}

/// The arms of `tagged_union!(Name by "field" { "a" | "b" => A, })`.
pub(super) fn arms(tokens: &[TokenTree]) -> Vec<(Vec<String>, String)> {
    let Some(TokenTree::Group(group)) =
        tokens.iter().rev().find(|it| matches!(it, TokenTree::Group(_)))
    else {
        return Vec::new();
    };
    let (mut arms, mut values) = (Vec::new(), Vec::new());
    for token in group.stream() {
        match token {
            TokenTree::Literal(it) => values.push(unquoted(&it.to_string())),
            TokenTree::Ident(it) => arms.push((std::mem::take(&mut values), it.to_string())),
            _ => {}
        }
    }
    arms
}

pub(super) fn unquoted(literal: &str) -> String {
    syn::parse_str::<syn::LitStr>(literal).map_or_else(|_| literal.to_owned(), |it| it.value())
}

/// The name of a field on the wire, as serde's `rename_all` makes it.
pub(super) fn renamed(field: &str, case: &str) -> String {
    let field = field.strip_prefix("r#").unwrap_or(field);
    let words = || field.split('_').filter(|it| !it.is_empty());
    let capital = |word: &str| {
        word.chars()
            .take(1)
            .flat_map(char::to_uppercase)
            .chain(word.chars().skip(1))
            .collect::<String>()
    };
    match case {
        "PascalCase" => words().map(capital).collect(),
        "camelCase" => words()
            .enumerate()
            .map(|(at, word)| if at == 0 { word.to_owned() } else { capital(word) })
            .collect(),
        "kebab-case" => field.replace('_', "-"),
        "SCREAMING_SNAKE_CASE" => field.to_uppercase(),
        "SCREAMING-KEBAB-CASE" => field.to_uppercase().replace('_', "-"),
        _ => field.to_owned(),
    }
}

pub(super) fn variant_name(variant: &str, case: &str) -> String {
    let snake = crate::names::words(variant).join("_");
    match case {
        "" | "PascalCase" => variant.to_owned(),
        "lowercase" => variant.to_lowercase(),
        "UPPERCASE" => variant.to_uppercase(),
        "snake_case" => snake,
        case => renamed(&snake, case),
    }
}
