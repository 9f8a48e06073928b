//! Options of attributes: `flag`, `key = value`, `key(..)` and `"text"`.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// One option.
#[derive(Debug, Clone, Default)]
pub(super) struct Opt {
    /// The word, or the string, before `=` or the parentheses.
    pub(super) key: String,
    /// Whether the key is a string.
    pub(super) is_text: bool,
    value: Option<TokenStream>,
    list: Option<Vec<Opt>>,
    tokens: TokenStream,
}

impl Opt {
    /// Whether it is this word.
    pub(super) fn is(&self, word: &str) -> bool {
        !self.is_text && self.key == word
    }

    /// The last word of a path, such as `Json` of `perennial::Json`.
    pub(super) fn last_word(&self) -> String {
        self.tokens.clone().into_iter().last().map_or_else(String::new, |it| it.to_string())
    }

    /// The string after `=`.
    pub(super) fn text(&self) -> Option<String> {
        syn::parse2::<syn::LitStr>(self.value.clone()?).ok().map(|it| it.value())
    }

    /// The word after `=`.
    pub(super) fn word(&self) -> Option<String> {
        self.value.as_ref().map(ToString::to_string)
    }

    /// The options in parentheses.
    pub(super) fn list(&self) -> &[Self] {
        self.list.as_deref().unwrap_or_default()
    }

    /// The text in the parentheses.
    pub(super) fn inside(&self) -> String {
        let group = self.tokens.clone().into_iter().find_map(|it| match it {
            TokenTree::Group(group) => Some(group.stream().to_string()),
            _ => None,
        });
        group.unwrap_or_default()
    }
}

/// The options of an attribute.
pub(super) fn options_of(attribute: &syn::Attribute) -> Vec<Opt> {
    match &attribute.meta {
        syn::Meta::List(list) => options(list.tokens.clone()),
        _ => Vec::new(),
    }
}

/// The string among options: the name, or the media type, that is sent.
pub(super) fn wire_name(options: &[Opt]) -> Option<&str> {
    options.iter().find(|it| it.is_text).map(|it| &*it.key)
}

/// Options, separated by commas.
pub(super) fn options(tokens: TokenStream) -> Vec<Opt> {
    let mut all = Vec::new();
    let mut current: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => {
                all.extend(one(std::mem::take(&mut current)))
            }
            _ => current.push(token),
        }
    }
    all.extend(one(current));
    all
}

fn one(tokens: Vec<TokenTree>) -> Option<Opt> {
    let first = tokens.first()?;
    let mut option = Opt { tokens: tokens.iter().cloned().collect(), ..Opt::default() };
    match first {
        TokenTree::Literal(literal) => {
            let text: TokenStream = [TokenTree::Literal(literal.clone())].into_iter().collect();
            option.key = syn::parse2::<syn::LitStr>(text)
                .map_or_else(|_| literal.to_string(), |it| it.value());
            option.is_text = true;
        }
        other => option.key = other.to_string(),
    }
    match tokens.get(1) {
        Some(TokenTree::Punct(punct)) if punct.as_char() == '=' => {
            option.value = Some(tokens[2..].iter().cloned().collect())
        }
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
            option.list = Some(options(group.stream()))
        }
        _ => {}
    }
    Some(option)
}
