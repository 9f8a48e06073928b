//! The test that `#[api_client(openapi = "..")]` generates: it compares the types of a trait with the document.
//!
//! The document's examples, and the smallest and the fullest instance of each schema, are decoded as the method
//! itself decodes a response. For body types, the result is encoded again and compared with what the document
//! requires.

mod instances;
mod joined;
mod schema;
mod spy;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::marker::PhantomData;

use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::call::decode::{
    Asked, Custom, Decode, Json, Maybe, OfTokens, Piecemeal, Raw, Text, Undecoded, Unit, Whole,
};
use crate::call::response::Response;
use crate::call::sink::Decoded;
use crate::ports::response::Received;
use crate::types::endpoint::Endpoint;
use schema::Document;
use spy::{Found, Spy};

/// A method, and the operation that it is compared with.
#[derive(Debug)]
pub struct Method {
    /// Its name.
    pub name: &'static str,
    /// The path of the operation in the document.
    pub path: &'static str,
    /// The verb of the operation, in lower case.
    pub verb: &'static str,
    /// The type of its response.
    pub response: Option<Returns>,
    /// The type of its body in JSON.
    pub body: Option<Sends>,
}

/// The type of a response.
#[derive(Debug)]
pub struct Returns {
    decode: fn(&'static Endpoint, &Value) -> Result<(), String>,
    watch: fn(Spy<'_, '_>),
}

/// The type of a body.
#[derive(Debug)]
pub struct Sends {
    /// Decodes a value and encodes it again. `None` if the type cannot be decoded.
    encode: Option<fn(Spy<'_, '_>) -> Result<Value, String>>,
}

/// The type of a response that is decoded in the way `K`.
pub fn returns<T: Decode<K> + Watched<K>, K>(_: K) -> Option<Returns> {
    Some(Returns { decode: decode::<T, K>, watch: T::watch })
}

fn decode<T: Decode<K>, K>(endpoint: &'static Endpoint, value: &Value) -> Result<(), String> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut received = Received::whole(StatusCode::OK, headers, value.to_string().into());
    match T::decode(endpoint, &mut received, &mut |_| {}) {
        Decoded::Taken => Ok(()),
        Decoded::Broken(error) => Err(match (error.message(), error.cause()) {
            (Some(message), _) => message.to_owned(),
            (None, Some(cause)) => cause.to_string(),
            (None, None) => "it is not decoded".to_owned(),
        }),
        Decoded::Rejected(code) => Err(format!(
            "its code {} does not mean success",
            code.map_or("(none)".to_owned(), |it| it.to_string())
        )),
    }
}

/// The fields that a type asks for, depending on how it is decoded.
pub trait Watched<K> {
    /// Decodes a value, only to observe which fields the type asks for.
    fn watch(spy: Spy<'_, '_>);
}

impl<T: DeserializeOwned> Watched<Json> for T {
    fn watch(spy: Spy<'_, '_>) {
        // Whether it can be decoded is checked elsewhere.
        let _ = T::deserialize(spy);
    }
}

impl<T: DeserializeOwned> Watched<Maybe> for Option<T> {
    fn watch(spy: Spy<'_, '_>) {
        let _ = <Self as serde::Deserialize>::deserialize(spy);
    }
}

impl<K, T: Watched<K>> Watched<Whole<K>> for Response<T> {
    fn watch(spy: Spy<'_, '_>) {
        T::watch(spy);
    }
}

/// Types that have no fields.
macro_rules! without_fields {
    ($($kind:ty)*) => {$(
        impl<T> Watched<$kind> for T {
            fn watch(_: Spy<'_, '_>) {}
        }
    )*};
}

without_fields!(Asked OfTokens Unit Text Raw Piecemeal Custom Undecoded);

/// Finds out whether a body type can be decoded: the compiler picks the first impl that fits.
#[derive(Debug)]
pub struct Body<T: ?Sized>(PhantomData<T>);

impl<T: ?Sized> Body<T> {
    /// Returns the answer.
    pub const NEW: Self = Self(PhantomData);
}

/// A body type that can be decoded.
pub trait Readable {
    /// The type.
    fn __perennial_sends(&self) -> Option<Sends>;
}

/// Any other body type.
pub trait Unreadable {
    /// The type.
    fn __perennial_sends(&self) -> Option<Sends>;
}

impl<T: DeserializeOwned + Serialize> Readable for &Body<T> {
    fn __perennial_sends(&self) -> Option<Sends> {
        let encode = |spy: Spy<'_, '_>| {
            let value = T::deserialize(spy).map_err(|error| error.to_string())?;
            serde_json::to_value(&value).map_err(|error| error.to_string())
        };
        Some(Sends { encode: Some(encode) })
    }
}

impl<T: ?Sized> Unreadable for Body<T> {
    fn __perennial_sends(&self) -> Option<Sends> {
        Some(Sends { encode: None })
    }
}

/// Compares the types of a trait with its document.
///
/// # Panics
///
/// If they do not match. The message lists every mismatch.
pub fn check(document: &str, endpoints: &'static [Endpoint], methods: &[Method]) {
    let report = compare(document, endpoints, methods);
    for note in &report.notes {
        println!("{note}");
    }
    let mismatches = report.mismatches;
    let mut text = String::new();
    for mismatch in &mismatches {
        let _ = write!(text, "\n  {mismatch}");
    }
    assert!(mismatches.is_empty(), "{} mismatches with the document:{text}", mismatches.len());
}

/// The result of a comparison.
#[derive(Debug, Default)]
struct Report {
    /// The mismatches, each once.
    mismatches: BTreeSet<String>,
    /// Bodies that cannot be decoded and examples that contradict their own schema, which are not compared.
    notes: BTreeSet<String>,
}

impl Report {
    /// Adds what was found in one place.
    fn extend(&mut self, place: &str, found: Self) {
        self.mismatches.extend(found.mismatches.iter().map(|it| format!("{place}: {it}")));
        self.notes.extend(found.notes.iter().map(|it| format!("{place}: {it}")));
    }

    fn contradictions(&mut self, all: &[(String, String)]) {
        let text = "is not compared, since it contradicts its own schema";
        self.notes.extend(all.iter().map(|(name, why)| format!("{name} {text}: {why}")));
    }
}

fn compare(document: &str, endpoints: &'static [Endpoint], methods: &[Method]) -> Report {
    let mut report = Report::default();
    let mut root = match serde_json::from_str(document) {
        Ok(root) => root,
        Err(error) => {
            report.mismatches.insert(format!("the document is not JSON: {error}"));
            Value::Null
        }
    };
    schema::separated(&mut root);
    let document = Document::new(&root);
    for method in methods {
        let Some(operation) = document.operation(method.path, method.verb) else { continue };
        let name = method.name;
        let shown = format!("{} {}", method.verb.to_uppercase(), method.path);
        let endpoint = endpoints.iter().find(|it| it.name == name);
        if let (Some(returns), Some(endpoint)) = (&method.response, endpoint) {
            let found = response(document, operation, endpoint, returns);
            report.extend(&format!("`{name}`, the response of {shown}"), found);
        }
        match &method.body {
            Some(Sends { encode: Some(encode) }) => {
                let found = body(document, operation, *encode);
                report.extend(&format!("`{name}`, the body of {shown}"), found);
            }
            Some(Sends { encode: None }) => {
                let why = "is not compared: its type does not implement `Deserialize`";
                report.notes.insert(format!("the body of `{name}` {why}"));
            }
            None => {}
        }
    }
    report
}

fn response<'d>(
    document: Document<'d>,
    operation: &'d Value,
    endpoint: &'static Endpoint,
    returns: &Returns,
) -> Report {
    let mut report = Report::default();
    let responses = operation.get("responses").and_then(Value::as_object).into_iter().flatten();
    // A method has one type: that of the first success with a body.
    let mut good = responses.filter(|(status, _)| status.starts_with('2'));
    let Some(content) = good.find_map(|(_, it)| document.json_of(it)) else { return report };
    let fields = Found::default();
    let instances = instances::of_content(document, content);
    report.contradictions(&instances.contradictions);
    for (name, value) in instances.values {
        if let Err(why) = (returns.decode)(endpoint, &value) {
            report.mismatches.insert(format!("{name} is not decoded: {why}"));
        }
        let (schema, value) = opened(document, content.get("schema"), &value, endpoint);
        if let Some(value) = value {
            (returns.watch)(Spy { document, schema, value, at: String::new(), found: &fields });
        }
    }
    report.mismatches.extend(fields.into_inner());
    report
}

/// The data of the envelope, with its schema.
fn opened<'d, 'v>(
    document: Document<'d>,
    schema: Option<&'d Value>,
    value: &'v Value,
    endpoint: &'static Endpoint,
) -> (Option<&'d Value>, Option<&'v Value>) {
    let path = endpoint.envelope.and_then(|it| it.data).unwrap_or_default();
    path.iter().fold((schema, Some(value)), |(schema, value), step| {
        let inner = schema.and_then(|it| document.properties(it));
        let inner = inner.and_then(|it| it.into_iter().find(|(name, _)| name == step));
        (inner.map(|(_, schema)| schema), value.and_then(|it| it.get(step)))
    })
}

fn body<'d>(
    document: Document<'d>,
    operation: &'d Value,
    encode: fn(Spy<'_, '_>) -> Result<Value, String>,
) -> Report {
    let mut report = Report::default();
    let Some(content) = operation.get("requestBody").and_then(|it| document.json_of(it)) else {
        return report;
    };
    let Some(schema) = content.get("schema") else { return report };
    let fields = Found::default();
    let instances = instances::of_content(document, content);
    report.contradictions(&instances.contradictions);
    for (name, value) in instances.values {
        let spy = Spy {
            document,
            schema: Some(schema),
            value: &value,
            at: String::new(),
            found: &fields,
        };
        match encode(spy) {
            Err(why) => drop(report.mismatches.insert(format!("its type cannot be {name}: {why}"))),
            Ok(encoded) => {
                let problem = document.problem(schema, &encoded, "", 0);
                let problem = problem.map(|it| format!("its type does not encode {name}: {it}"));
                report.mismatches.extend(problem);
            }
        }
    }
    report.mismatches.extend(fields.into_inner());
    report
}
