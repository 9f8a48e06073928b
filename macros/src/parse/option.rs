//! One option of an attribute, before it is interpreted: `flag`, `key = value` or `key(..)`. Every part carries its
//! tokens.

mod list;
mod reader;

use proc_macro2::TokenStream;
use quote::{ToTokens, TokenStreamExt};
use syn::{Ident, Lit, LitStr, Path};

pub(crate) use list::Options;
pub(crate) use reader::options;

use super::headers::is_constant;
use crate::diagnostic::Diagnostics;
use crate::suggest::text_of;

/// An option, with its tokens.
#[derive(Clone)]
pub(crate) struct Opt {
    pub(crate) key: Key,
    pub(crate) body: Body,
    tokens: TokenStream,
}

/// The part before `=` or the parentheses.
#[derive(Clone)]
pub(crate) enum Key {
    /// A name of the language.
    Name(Ident),
    /// A wire name: `"Accept" = ..`.
    Text(LitStr),
    /// A place as a list of names: `["error", ".tag"] = ..`.
    Place(Value),
    /// None: a bare value.
    None,
}

/// The part after the key.
#[derive(Clone)]
pub(crate) enum Body {
    Flag,
    Value(Value),
    List(Vec<Opt>),
    /// Unreadable, and already reported.
    Broken,
}

/// A value, as written.
#[derive(Clone)]
pub(crate) enum Value {
    Lit(Lit),
    Path(Path),
    List(Vec<Value>, TokenStream),
    /// `body("path")` or `header("Name")`.
    Call(Ident, Vec<Value>, TokenStream),
}

impl ToTokens for Opt {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append_all(self.tokens.clone());
    }
}

impl ToTokens for Key {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Name(name) => name.to_tokens(tokens),
            Self::Text(text) => text.to_tokens(tokens),
            Self::Place(place) => place.to_tokens(tokens),
            Self::None => {}
        }
    }
}

impl ToTokens for Value {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Lit(lit) => lit.to_tokens(tokens),
            Self::Path(path) => path.to_tokens(tokens),
            Self::List(_, list) => tokens.append_all(list.clone()),
            Self::Call(_, _, call) => tokens.append_all(call.clone()),
        }
    }
}

impl Opt {
    /// A bare string.
    pub(crate) fn text(text: LitStr) -> Self {
        let tokens = text.to_token_stream();
        Self { key: Key::None, body: Body::Value(Value::Lit(Lit::Str(text))), tokens }
    }

    /// Whether the option has this name.
    pub(crate) fn is(&self, name: &str) -> bool {
        matches!(&self.key, Key::Name(key) if key == name)
    }

    /// Whether it is `key = off`.
    pub(crate) fn is_off(&self) -> bool {
        matches!(&self.body, Body::Value(Value::Path(path)) if path.is_ident("off"))
    }

    /// Whether it is `key = none` or `key = false`, which other languages use for `off`.
    pub(crate) fn is_no(&self) -> bool {
        const NO: [&str; 6] = ["none", "None", "no", "never", "null", "disabled"];
        match &self.body {
            Body::Value(Value::Lit(Lit::Bool(value))) => !value.value,
            Body::Value(Value::Path(path)) => NO.iter().any(|no| path.is_ident(no)),
            _ => false,
        }
    }

    /// Whether its value was unreadable, which is already reported.
    pub(crate) fn is_broken(&self) -> bool {
        matches!(self.body, Body::Broken)
    }

    /// Whether it or an option in its parentheses was unreadable.
    pub(crate) fn has_broken(&self) -> bool {
        match &self.body {
            Body::Broken => true,
            Body::List(list) => list.iter().any(Self::has_broken),
            Body::Flag | Body::Value(_) => false,
        }
    }

    /// The value as a string.
    pub(crate) fn string(&self, example: &str, diagnostics: &Diagnostics) -> Option<LitStr> {
        match &self.body {
            Body::Value(Value::Lit(Lit::Str(text))) => Some(text.clone()),
            Body::Value(Value::Path(path)) if is_constant(path) => {
                let text = format!(
                    "`{}` takes a string, found the constant `{}`\n\
                     help: write the string itself: an attribute cannot read a constant",
                    self.name(),
                    text_of(path)
                );
                diagnostics.fail("wrong-value", path, text)
            }
            _ => {
                let own = self.quoted();
                self.wrong("a string", own.as_deref().unwrap_or(example), diagnostics)
            }
        }
    }

    /// The option with its value in quotes: a name, or a string in parentheses.
    pub(crate) fn quoted(&self) -> Option<String> {
        let value = match &self.body {
            Body::Value(Value::Path(path)) => text_of(path),
            Body::List(list) => match &list[..] {
                [Opt { key: Key::None, body: Body::Value(Value::Lit(Lit::Str(text))), .. }] => {
                    text.value()
                }
                _ => return None,
            },
            _ => return None,
        };
        Some(format!("{} = {value:?}", self.name()))
    }

    /// The value as the path of a function.
    pub(crate) fn path(&self, example: &str, diagnostics: &Diagnostics) -> Option<Path> {
        match &self.body {
            Body::Value(Value::Path(path)) if !self.is_off() => Some(path.clone()),
            _ => self.wrong("a path", example, diagnostics),
        }
    }

    /// The options in the parentheses.
    pub(crate) fn list(&self, example: &str, diagnostics: &Diagnostics) -> Option<Vec<Opt>> {
        match &self.body {
            Body::List(list) => Some(list.clone()),
            _ => self.wrong("options in parentheses", example, diagnostics),
        }
    }

    /// Checks that it has neither a value nor parentheses.
    pub(crate) fn flag(&self, diagnostics: &Diagnostics) -> Option<()> {
        match (&self.key, &self.body) {
            (_, Body::Flag) => Some(()),
            (Key::Name(name), _) if self.is_no() => {
                let text = format!(
                    "`{name}` takes no value\n\
                     help: remove `{name}`"
                );
                diagnostics.fail("wrong-value", self, text)
            }
            (Key::Name(name), _) => self.wrong("no value", &name.to_string(), diagnostics),
            _ => self.wrong("no value", "", diagnostics),
        }
    }

    /// One value or a list of them.
    pub(crate) fn values(&self, example: &str, diagnostics: &Diagnostics) -> Option<Vec<Value>> {
        match &self.body {
            Body::Value(Value::List(list, _)) => Some(list.clone()),
            Body::Value(value) => Some(vec![value.clone()]),
            _ => self.wrong("a value or a list of values", example, diagnostics),
        }
    }

    /// Reports a value of the wrong kind.
    pub(crate) fn wrong<T>(
        &self,
        kind: &str,
        example: &str,
        diagnostics: &Diagnostics,
    ) -> Option<T> {
        if self.is_broken() {
            return None;
        }
        let takes = match self.name() {
            name if name.is_empty() => "expected".to_owned(),
            name => format!("`{name}` takes"),
        };
        let text = format!(
            "{takes} {kind}\n\
             help: write `{example}`"
        );
        match &self.body {
            Body::Value(value) => diagnostics.error("wrong-value", value, text),
            _ => diagnostics.error("wrong-value", self, text),
        }
        None
    }

    /// Its key, as text.
    pub(crate) fn name(&self) -> String {
        match &self.key {
            Key::Name(name) => name.to_string(),
            Key::Text(name) => name.value(),
            Key::Place(place) => text_of(place),
            Key::None => String::new(),
        }
    }
}

/// Takes the string before the options.
pub(super) fn first_text(list: &mut Vec<Opt>) -> Option<LitStr> {
    let text = match list.first() {
        Some(Opt { key: Key::None, body: Body::Value(Value::Lit(Lit::Str(text))), .. }) => {
            text.clone()
        }
        _ => return None,
    };
    list.remove(0);
    Some(text)
}
