//! Diagnostics are collected, so that one build shows all of them.

use std::cell::{Cell, RefCell};

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

/// The place of a mistake, from its first to its last token.
#[derive(Clone, Copy)]
pub(crate) struct At {
    start: Span,
    end: Span,
}

impl At {
    /// The first token, where a warning is shown: for a warning the compiler underlines a single token.
    pub(crate) fn start(self) -> Span {
        self.start
    }
}

impl From<Span> for At {
    fn from(span: Span) -> Self {
        Self { start: span, end: span }
    }
}

impl<T: ToTokens + ?Sized> From<&T> for At {
    fn from(tokens: &T) -> Self {
        let mut tokens = tokens.to_token_stream().into_iter();
        let start = tokens.next().map_or_else(Span::call_site, |token| token.span());
        let end = tokens.last().map_or(start, |token| token.span());
        Self { start, end }
    }
}

/// One mistake: the rule that it violates, its place, and the way out.
pub(crate) struct Diagnostic {
    /// The name of the rule, as in `docs/diagnostics.md`.
    pub(crate) rule: &'static str,
    /// Its place.
    pub(crate) at: At,
    /// The message. Its first line names the thing and the rule; a line of help names the way out.
    pub(crate) text: String,
}

impl Diagnostic {
    /// Creates a diagnostic.
    pub(crate) fn new(rule: &'static str, at: impl Into<At>, text: impl Into<String>) -> Self {
        Self { rule, at: at.into(), text: text.into() }
    }

    /// The diagnostic as a compile error at its place.
    pub(crate) fn to_compile_error(&self) -> TokenStream {
        let text = &self.text;
        let head = quote_spanned!(self.at.start=> ::core::compile_error!);
        let mut body = Group::new(Delimiter::Brace, quote!(#text));
        // The compiler underlines from the first token of an invocation to its last.
        body.set_span(self.at.end);
        quote!(#head #body)
    }
}

/// A word of the language in an attribute.
pub(crate) struct Word {
    /// Its module in `perennial::reference`.
    pub(crate) page: &'static str,
    pub(crate) name: Ident,
    /// A word that is only half typed is unknown.
    pub(crate) is_known: bool,
}

/// The diagnostics so far.
///
/// In tests, dropping it without reading it panics, since a diagnostic must never be lost.
pub(crate) struct Diagnostics {
    errors: RefCell<Vec<Diagnostic>>,
    warnings: RefCell<Vec<Diagnostic>>,
    words: RefCell<Vec<Word>>,
    asked: Cell<bool>,
}

impl Diagnostics {
    pub(crate) fn new() -> Self {
        Self {
            errors: RefCell::default(),
            warnings: RefCell::default(),
            words: RefCell::default(),
            asked: Cell::new(false),
        }
    }

    /// A collection that may be dropped without being read, for parsing something a second time.
    pub(crate) fn silent() -> Self {
        let diagnostics = Self::new();
        diagnostics.asked.set(true);
        diagnostics
    }

    /// Adds an error.
    pub(crate) fn error(&self, rule: &'static str, at: impl Into<At>, text: impl Into<String>) {
        self.errors.borrow_mut().push(Diagnostic::new(rule, at, text));
    }

    /// The number of errors so far.
    pub(crate) fn count(&self) -> usize {
        self.errors.borrow().len()
    }

    /// Adds an error in place of a value.
    pub(crate) fn fail<T>(
        &self,
        rule: &'static str,
        at: impl Into<At>,
        text: impl Into<String>,
    ) -> Option<T> {
        self.error(rule, at, text);
        None
    }

    /// Adds a warning, which `allow(rule)` silences.
    pub(crate) fn warning(&self, rule: &'static str, at: impl Into<At>, text: impl Into<String>) {
        self.warnings.borrow_mut().push(Diagnostic::new(rule, at, text));
    }

    /// Adds an error of the Rust parser.
    pub(crate) fn syntax(&self, error: syn::Error) {
        for error in error {
            self.error("syntax", error.span(), error.to_string());
        }
    }

    /// Records a word of the language, whose page an editor shows in this place.
    pub(crate) fn word(&self, page: &'static str, name: &Ident, is_known: bool) {
        self.words.borrow_mut().push(Word { page, name: name.clone(), is_known });
    }

    /// Takes the words out.
    pub(crate) fn take_words(&self) -> Vec<Word> {
        self.words.take()
    }

    /// Starts a part that needs to know whether it had errors of its own.
    pub(crate) fn nested(&self) -> Nested<'_> {
        Nested { parent: self, own: Self::new() }
    }

    /// Takes the errors and the warnings out.
    pub(crate) fn into_parts(self) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
        self.asked.set(true);
        (self.errors.take(), self.warnings.take())
    }
}

#[cfg(test)]
impl Drop for Diagnostics {
    fn drop(&mut self) {
        assert!(self.asked.get() || std::thread::panicking(), "diagnostics were dropped unread");
    }
}

/// A collection that passes its diagnostics on to its parent.
pub(crate) struct Nested<'a> {
    parent: &'a Diagnostics,
    own: Diagnostics,
}

impl std::ops::Deref for Nested<'_> {
    type Target = Diagnostics;

    fn deref(&self) -> &Diagnostics {
        &self.own
    }
}

impl Nested<'_> {
    /// Ends this part; returns the value if there was no error.
    pub(crate) fn unless_wrong<T>(self, value: T) -> Option<T> {
        self.parent.words.borrow_mut().extend(self.own.take_words());
        let (errors, warnings) = self.own.into_parts();
        let good = errors.is_empty();
        self.parent.errors.borrow_mut().extend(errors);
        self.parent.warnings.borrow_mut().extend(warnings);
        good.then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "dropped unread")]
    fn dropping_an_unread_diagnostic_panics() {
        let diagnostics = Diagnostics::new();
        diagnostics.error("rule", Span::call_site(), "text");
    }

    #[test]
    fn a_nested_diagnostic_reaches_the_parent() {
        let diagnostics = Diagnostics::new();
        let part = diagnostics.nested();
        part.error("rule", Span::call_site(), "text");
        assert!(part.unless_wrong(()).is_none());
        assert!(diagnostics.nested().unless_wrong(()).is_some());
        assert_eq!(diagnostics.into_parts().0.len(), 1);
    }
}
