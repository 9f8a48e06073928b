//! The API that every form declares: types of its own for each endpoint, and four kinds of endpoints
//! in turn.

use std::fmt::Write as _;

/// The kind of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// GET with a value in the path.
    One,
    /// GET with three query values, of which one may be missing.
    Found,
    /// POST with a body in JSON.
    Added,
    /// GET that responds with a list.
    Listed,
}

impl Kind {
    /// The kind of the endpoint with this number.
    pub(super) const fn of(number: usize) -> Self {
        match number % 4 {
            0 => Self::One,
            1 => Self::Found,
            2 => Self::Added,
            _ => Self::Listed,
        }
    }
}

/// The module of the types. Only what a form needs is derived.
pub(super) fn types(endpoints: usize) -> String {
    let mut text = String::from("use serde::{Deserialize, Serialize};\n");
    for n in 0..endpoints {
        let written = match Kind::of(n) {
            Kind::One => write!(
                text,
                "
#[derive(Debug, Deserialize)]
pub struct Order{n} {{
    pub id: u64,
    pub customer: String,
    pub total: u64,
    pub currency: String,
    pub note: Option<String>,
}}
"
            ),
            Kind::Found => write!(
                text,
                "
#[derive(Debug, Deserialize)]
pub struct Page{n} {{
    pub total: u64,
    pub items: Vec<Item{n}>,
}}

#[derive(Debug, Deserialize)]
pub struct Item{n} {{
    pub id: u64,
    pub name: String,
    pub tags: Vec<String>,
}}
"
            ),
            Kind::Added => write!(
                text,
                "
#[derive(Debug, Serialize)]
pub struct NewOrder{n} {{
    pub customer: String,
    pub items: Vec<u64>,
    pub note: Option<String>,
}}

#[derive(Debug, Deserialize)]
pub struct Added{n} {{
    pub id: u64,
    pub total: u64,
    pub state: String,
}}
"
            ),
            Kind::Listed => write!(
                text,
                "
#[derive(Debug, Deserialize)]
pub struct Entry{n} {{
    pub id: u64,
    pub at: String,
    pub text: String,
}}
"
            ),
        };
        written.expect("a string takes everything");
    }
    text
}

/// The program: each endpoint is called by a function of its own, as programs do, and which one is
/// known only when it runs, so that none is dropped.
pub(super) fn program(endpoints: usize) -> String {
    let mut text = String::from(include_str!("templates/main.rs"));
    text.push_str("\nfn call(api: &api::Client, number: usize) -> Option<Called<'_>> {\n");
    text.push_str("    Some(match number {\n");
    for n in 0..endpoints {
        writeln!(text, "        {n} => Box::pin(call_{n}(api)),")
            .expect("a string takes everything");
    }
    text.push_str("        _ => return None,\n    })\n}\n");
    for n in 0..endpoints {
        let call = call(n, Kind::of(n));
        write!(
            text,
            "
async fn call_{n}(api: &api::Client) -> Result<(), api::Error> {{
    black_box({call}.await?);
    Ok(())
}}
"
        )
        .expect("a string takes everything");
    }
    text
}

/// How a method is called.
fn call(n: usize, kind: Kind) -> String {
    match kind {
        Kind::One => format!("api.order{n}(7)"),
        Kind::Found => format!("api.found{n}(1, 20, Some(\"new\"))"),
        Kind::Added => format!(
            "api.add{n}(&api::NewOrder{n} {{ customer: \"Ada\".into(), items: vec![1], note: None }})"
        ),
        Kind::Listed => format!("api.list{n}(7)"),
    }
}
