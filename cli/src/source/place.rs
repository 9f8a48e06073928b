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
    Map(Kind),
    /// Anything in which no reference is looked for.
    Data,
}

/// The kind of the values of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    PathItem,
    Parameter,
    Header,
    Body,
    Response,
    Media,
    Schema,
    Security,
    Callback,
}

const VERBS: &[&str] =
    &["get", "post", "put", "patch", "delete", "head", "options", "trace", "query"];

impl Place {
    /// The kind of the value under a key.
    pub(super) fn key(self, key: &str) -> Self {
        match (self, key) {
            (Self::Root, "paths" | "webhooks") | (Self::Components, "pathItems") => {
                Self::Map(Kind::PathItem)
            }
            (Self::Root, "components") => Self::Components,
            (Self::Components, "schemas") => Self::Map(Kind::Schema),
            (Self::Components | Self::Operation, "responses") => Self::Map(Kind::Response),
            // A list in an operation, whose items are of the same kind.
            (Self::Components | Self::Operation | Self::PathItem, "parameters") => {
                Self::Map(Kind::Parameter)
            }
            (Self::Components, "requestBodies") => Self::Map(Kind::Body),
            (Self::Components | Self::Response | Self::Media, "headers") => Self::Map(Kind::Header),
            (Self::Components, "securitySchemes") => Self::Map(Kind::Security),
            (Self::Components | Self::Operation, "callbacks") => Self::Map(Kind::Callback),
            (Self::PathItem, verb) if VERBS.contains(&verb) => Self::Operation,
            (Self::Operation, "requestBody") => Self::Body,
            (Self::Parameter | Self::Header | Self::Body | Self::Response, "content") => {
                Self::Map(Kind::Media)
            }
            (Self::Parameter | Self::Header | Self::Media, "schema") => Self::Schema,
            (Self::Media, "encoding") => Self::Map(Kind::Media),
            (Self::Callback, _) => Self::PathItem,
            (Self::Schema, key) => schema(key),
            (Self::Discriminator, "mapping") => Self::Mapping,
            (Self::Map(kind), _) => kind.value(),
            _ => Self::Data,
        }
    }

    /// The kind of the items of a list.
    pub(super) fn item(self) -> Self {
        match self {
            Self::Map(kind) => kind.value(),
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

impl Kind {
    fn value(self) -> Place {
        match self {
            Self::PathItem => Place::PathItem,
            Self::Parameter => Place::Parameter,
            Self::Header => Place::Header,
            Self::Body => Place::Body,
            Self::Response => Place::Response,
            Self::Media => Place::Media,
            Self::Schema => Place::Schema,
            Self::Security => Place::Security,
            Self::Callback => Place::Callback,
        }
    }
}

fn schema(key: &str) -> Place {
    match key {
        "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" => {
            Place::Map(Kind::Schema)
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
