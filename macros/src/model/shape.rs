//! The signature of a method as callers see it. It exists for every function of the trait, understood or not,
//! so that after an error the trait and the client still have all their methods.

use proc_macro2::TokenTree;
use syn::{Attribute, FnArg, Ident, Pat, Signature, Type, Visibility};

/// A function of the trait.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    /// None of its own, or a mistake.
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    /// The braces and what is in them; `None` if there is a semicolon.
    pub(crate) body: Option<TokenTree>,
}

/// What a method looks like from outside.
#[derive(Clone)]
pub(crate) struct Shape {
    /// `#[cfg]`, which goes wherever the method goes.
    pub(crate) cfgs: Vec<Attribute>,
    /// What the client's own method bears as well: documentation, lints, `#[deprecated]`.
    pub(crate) shared: Vec<Attribute>,
    /// What stays on the trait's method alone, since it may be another macro.
    pub(crate) others: Vec<Attribute>,
    /// Without `async`, without our attributes, with a plain name for each parameter.
    pub(crate) signature: Signature,
    pub(crate) is_async: bool,
    pub(crate) returned: Returned,
}

/// What a method returns, as far as it can be seen.
#[derive(Clone)]
pub(crate) struct Returned {
    /// The whole type; `Result<()>` if none was written.
    pub(crate) whole: Type,
    /// The first argument of a type called `Result`.
    pub(crate) value: Option<Type>,
    /// The second one, of a stream as well.
    pub(crate) error: Option<Type>,
    /// Last name of the type's path.
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

    /// Whether the documentation says anything.
    pub(crate) fn has_docs(&self) -> bool {
        self.shared.iter().any(|attribute| attribute.path().is_ident("doc"))
    }
}

impl Returned {
    /// Whether the type is called so.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name.as_ref().is_some_and(|it| it == name)
    }

    /// Whether the type is called as a stream is.
    pub(crate) fn is_stream(&self) -> bool {
        STREAMS.iter().any(|name| self.is_named(name))
    }
}

/// The type without the invisible parentheses that a `macro_rules!` puts around it.
pub(crate) fn peeled(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peeled(&group.elem),
        Type::Paren(paren) => peeled(&paren.elem),
        ty => ty,
    }
}
