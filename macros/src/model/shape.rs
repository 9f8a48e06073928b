//! The signature of a method as callers see it. It exists for every function of the trait, even one that was not
//! understood, so that after an error the trait and the client still have all their methods.

use proc_macro2::TokenTree;
use syn::{Attribute, FnArg, Ident, Pat, Signature, Type, Visibility};

/// A function of the trait.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    /// The visibility; only the inherited one is valid.
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    /// The braces and their contents; `None` if there is a semicolon.
    pub(crate) body: Option<TokenTree>,
}

/// The signature of a method, as callers see it.
#[derive(Clone)]
pub(crate) struct Shape {
    /// `#[cfg]`, copied to everything that is generated for the method.
    pub(crate) cfgs: Vec<Attribute>,
    /// Copied to the client's own method: documentation, lints, `#[deprecated]`.
    pub(crate) shared: Vec<Attribute>,
    /// Kept only on the trait's method, since they may be other macros.
    pub(crate) others: Vec<Attribute>,
    /// Without `async`, without the macro's attributes, and with a plain name for each parameter.
    pub(crate) signature: Signature,
    pub(crate) is_async: bool,
    pub(crate) returned: Returned,
}

/// The return type of a method, as far as tokens show it.
#[derive(Clone)]
pub(crate) struct Returned {
    /// The whole type; `Result<()>` if none was written.
    pub(crate) whole: Type,
    /// The first argument of a `Result` or a stream.
    pub(crate) value: Option<Type>,
    /// The second one.
    pub(crate) error: Option<Type>,
    /// The last name of the type's path.
    pub(crate) name: Option<Ident>,
}

/// The types that are streams, by name.
pub(crate) const STREAMS: &[&str] = &["Pages", "Events", "Lines"];

impl Shape {
    /// The names of the parameters, without the receiver.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Ident> {
        self.signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) => match &*typed.pat {
                Pat::Ident(pat) => Some(&pat.ident),
                _ => None,
            },
            FnArg::Receiver(_) => None,
        })
    }

    /// Whether it is documented.
    pub(crate) fn has_docs(&self) -> bool {
        self.shared.iter().any(|attribute| attribute.path().is_ident("doc"))
    }
}

impl Returned {
    /// Whether the last name of its path is this one.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name.as_ref().is_some_and(|it| it == name)
    }

    /// Whether the name is that of a stream.
    pub(crate) fn is_stream(&self) -> bool {
        STREAMS.iter().any(|name| self.is_named(name))
    }
}

/// Whether the last name in the path of a type, or of that to which it refers, is this one.
pub(crate) fn is_named(ty: &Type, name: &str) -> bool {
    match peeled(ty) {
        Type::Reference(reference) => is_named(&reference.elem, name),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == name),
        _ => false,
    }
}

/// The type without the invisible parentheses that a `macro_rules!` adds.
pub(crate) fn peeled(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peeled(&group.elem),
        Type::Paren(paren) => peeled(&paren.elem),
        ty => ty,
    }
}

/// Whether the type, or the one to which it refers, is written as an `Option`.
pub(crate) fn is_option(ty: &Type) -> bool {
    is_named(ty, "Option")
}
