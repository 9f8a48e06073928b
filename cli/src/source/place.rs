//! Which kind of object a value of a document is, by the keys that lead to it.

/// The kind of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Root,
    Components,
    PathItem,
    Operation,
    Parameter,
    Header,
    Body,
    Response,
    Media,
    Schema,
    Discriminator,
    Security,
    Callback,
    /// References by the value of a discriminator.
    Mapping,
    /// A map from names to values of a kind.
    Map(&'static Self),
    /// Anything in which no reference is looked for.
    Data,
}

const VERBS: &[&str] =
    &["get", "post", "put", "patch", "delete", "head", "options", "trace", "query"];

impl Place {
    /// The kind of the value under a key.
    pub(super) fn key(self, key: &str) -> Self {
        match (self, key) {
            (Self::Root, "paths" | "webhooks") | (Self::Components, "pathItems") => {
                Self::Map(&Self::PathItem)
            }
            (Self::Root, "components") => Self::Components,
            (Self::Components, "schemas") => Self::Map(&Self::Schema),
            (Self::Components | Self::Operation, "responses") => Self::Map(&Self::Response),
            // A list in an operation, whose items are of the same kind.
            (Self::Components | Self::Operation | Self::PathItem, "parameters") => {
                Self::Map(&Self::Parameter)
            }
            (Self::Components, "requestBodies") => Self::Map(&Self::Body),
            (Self::Components | Self::Response | Self::Media, "headers") => {
                Self::Map(&Self::Header)
            }
            (Self::Components, "securitySchemes") => Self::Map(&Self::Security),
            (Self::Components | Self::Operation, "callbacks") => Self::Map(&Self::Callback),
            (Self::PathItem, verb) if VERBS.contains(&verb) => Self::Operation,
            (Self::Operation, "requestBody") => Self::Body,
            (Self::Parameter | Self::Header | Self::Body | Self::Response, "content") => {
                Self::Map(&Self::Media)
            }
            (Self::Parameter | Self::Header | Self::Media, "schema") => Self::Schema,
            (Self::Media, "encoding") => Self::Map(&Self::Media),
            (Self::Callback, _) => Self::PathItem,
            (Self::Schema, key) => schema(key),
            (Self::Discriminator, "mapping") => Self::Mapping,
            (Self::Map(kind), _) => *kind,
            _ => Self::Data,
        }
    }

    /// The kind of the items of a list.
    pub(super) fn item(self) -> Self {
        match self {
            Self::Map(kind) => *kind,
            // Of schemas.
            place => place,
        }
    }

    /// The part of `components` that holds values of this kind.
    pub(super) fn components(self) -> Option<&'static str> {
        Some(match self {
            Self::Schema => "schemas",
            Self::Parameter => "parameters",
            Self::Header => "headers",
            Self::Body => "requestBodies",
            Self::Response => "responses",
            Self::Security => "securitySchemes",
            Self::PathItem => "pathItems",
            _ => return None,
        })
    }
}

fn schema(key: &str) -> Place {
    match key {
        "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" => {
            Place::Map(&Place::Schema)
        }
        // Lists of schemas, and schemas.
        "items"
        | "prefixItems"
        | "allOf"
        | "oneOf"
        | "anyOf"
        | "additionalProperties"
        | "not"
        | "if"
        | "then"
        | "else"
        | "contains"
        | "propertyNames"
        | "unevaluatedProperties"
        | "unevaluatedItems" => Place::Schema,
        "discriminator" => Place::Discriminator,
        _ => Place::Data,
    }
}
