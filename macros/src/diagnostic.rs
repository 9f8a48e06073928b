//! Mistakes are collected, never returned at the first, so that one build shows all of them.

use std::cell::{Cell, RefCell};

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

/// Where a mistake was made: from the first to the last of the tokens that are wrong.
#[derive(Clone, Copy)]
pub(crate) struct At {
    start: Span,
    end: Span,
}

impl At {
    /// The first token, which is where a warning goes: the compiler shows only one span for it.
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

/// One mistake, the rule that it breaks, and the way out of it.
pub(crate) struct Diagnostic {
    /// Name of the rule, as it stands in the page of diagnostics.
    pub(crate) rule: &'static str,
    /// Where it was made.
    pub(crate) at: At,
    /// What is shown. The first line names the thing and the rule, a line of help the way out.
    pub(crate) text: String,
    /// Code by which the compiler itself points at it better, if there is some, and which says the text
    /// as well. It is for a mistake that is alone: beside an error of a macro the compiler is silent.
    pub(crate) native: Option<TokenStream>,
}

impl Diagnostic {
    /// A mistake.
    pub(crate) fn new(rule: &'static str, at: impl Into<At>, text: impl Into<String>) -> Self {
        Self { rule, at: at.into(), text: text.into(), native: None }
    }

    /// The mistake as an error that the compiler shows at its place.
    pub(crate) fn to_compile_error(&self) -> TokenStream {
        let text = &self.text;
        let head = quote_spanned!(self.at.start=> ::core::compile_error!);
        let mut body = Group::new(Delimiter::Brace, quote!(#text));
        // The compiler underlines from the first token of an invocation to its last.
        body.set_span(self.at.end);
        quote!(#head #body)
    }
}

/// What was found so far.
///
/// Under test it panics when it is dropped before anyone asked for what it holds, since a mistake
/// that is collected and never shown is worse than one that was never looked for.
pub(crate) struct Diagnostics {
    errors: RefCell<Vec<Diagnostic>>,
    warnings: RefCell<Vec<Diagnostic>>,
    asked: Cell<bool>,
}

impl Diagnostics {
    pub(crate) fn new() -> Self {
        Self { errors: RefCell::default(), warnings: RefCell::default(), asked: Cell::new(false) }
    }

    /// A collection that nobody will ask, for a second look at what was judged before.
    pub(crate) fn silent() -> Self {
        let diagnostics = Self::new();
        diagnostics.asked.set(true);
        diagnostics
    }

    /// Notes a mistake.
    pub(crate) fn error(&self, rule: &'static str, at: impl Into<At>, text: impl Into<String>) {
        self.errors.borrow_mut().push(Diagnostic::new(rule, at, text));
    }

    /// Notes a mistake that was put together elsewhere.
    pub(crate) fn push(&self, diagnostic: Diagnostic) {
        self.errors.borrow_mut().push(diagnostic);
    }

    /// Notes something that compiles and is probably not meant; `allow(rule)` silences it.
    pub(crate) fn warning(&self, rule: &'static str, at: impl Into<At>, text: impl Into<String>) {
        self.warnings.borrow_mut().push(Diagnostic::new(rule, at, text));
    }

    /// Notes what the parser of Rust itself could not read.
    pub(crate) fn syntax(&self, error: syn::Error) {
        for error in error {
            self.error("syntax", error.span(), error.to_string());
        }
    }

    /// Begins a part of the work that wants to know whether it went well by itself.
    pub(crate) fn nested(&self) -> Nested<'_> {
        Nested { parent: self, own: Self::new() }
    }

    /// Ends the collection: errors first, then warnings.
    pub(crate) fn into_found(self) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
        self.asked.set(true);
        (self.errors.take(), self.warnings.take())
    }
}

#[cfg(test)]
impl Drop for Diagnostics {
    fn drop(&mut self) {
        assert!(
            self.asked.get() || std::thread::panicking(),
            "mistakes were collected and nobody asked for them"
        );
    }
}

/// A collection inside another one, to which it hands what it found.
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
    /// Ends this part; the value is there if nothing was wrong with it.
    pub(crate) fn unless_wrong<T>(self, value: T) -> Option<T> {
        let (errors, warnings) = self.own.into_found();
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
    #[should_panic(expected = "nobody asked")]
    fn a_mistake_that_nobody_asks_for_is_noticed() {
        let diagnostics = Diagnostics::new();
        diagnostics.error("rule", Span::call_site(), "text");
    }

    #[test]
    fn what_a_part_found_reaches_the_whole() {
        let diagnostics = Diagnostics::new();
        let part = diagnostics.nested();
        part.error("rule", Span::call_site(), "text");
        assert!(part.unless_wrong(()).is_none());
        assert!(diagnostics.nested().unless_wrong(()).is_some());
        assert_eq!(diagnostics.into_found().0.len(), 1);
    }
}
