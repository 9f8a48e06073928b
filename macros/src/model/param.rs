//! A parameter and its role.

use proc_macro2::Span;
use syn::{Ident, Type};

use crate::diagnostic::At;

/// A parameter, and its place in the request.
pub(crate) struct Param {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    pub(crate) role: Role,
    /// The attribute that gives the role, or the name.
    pub(crate) at: At,
    /// Its first word, where a warning is shown.
    pub(crate) word: Span,
}

/// The part of a request that a parameter becomes.
pub(crate) enum Role {
    /// `{id}`, `{id?}` or `{*id}`, as in the template.
    Path,
    Query {
        name: String,
        style: Style,
    },
    /// One value in JSON.
    QueryJson(String),
    /// The fields of a struct, in brackets after the name.
    QueryObject(String),
    /// The fields of a struct.
    QueryStruct {
        brackets: bool,
    },
    Header(String),
    Headers,
    Json {
        media_type: Option<String>,
    },
    /// In a declared format: that of the parameter, or of the method.
    Encoded {
        codec: Option<syn::Path>,
    },
    Form {
        brackets: bool,
    },
    Field {
        name: String,
        style: Style,
    },
    Part {
        name: String,
        options: PartOptions,
    },
    Body {
        media_type: Option<String>,
    },
    Url,
    Extension,
}

impl Role {
    /// The word of the attribute that gives the role.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query { .. }
            | Self::QueryJson(_)
            | Self::QueryObject(_)
            | Self::QueryStruct { .. } => "query",
            Self::Header(_) => "header",
            Self::Headers => "headers",
            Self::Json { .. } => "json",
            Self::Encoded { .. } => "encoded",
            Self::Form { .. } => "form",
            Self::Field { .. } => "field",
            Self::Part { .. } => "part",
            Self::Body { .. } => "body",
            Self::Url => "url",
            Self::Extension => "ext",
        }
    }
}

/// How a list is written.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Style {
    /// `a=1&a=2`
    #[default]
    Repeated,
    /// `a=1,2`
    Comma,
    /// `a=1|2`
    Pipe,
    /// One value in JSON; only of a field.
    Json,
}

/// The options of a part of a multipart body.
#[derive(Default)]
pub(crate) struct PartOptions {
    pub(crate) mime: Option<String>,
    pub(crate) file: Option<String>,
    pub(crate) json: bool,
}
