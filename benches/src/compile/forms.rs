//! The same API in every form, each as its own author would write it.

use std::fmt::Write as _;

use clap::ValueEnum;

use super::api::{self, Kind};

/// A way to write an API client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// A trait under `#[api_client]`.
    Perennial,
    /// One method for each endpoint over a generic `exec<B, T>`, which knows no refresh.
    ByHand,
    /// The same with a careful shared refresh.
    Careful,
}

/// A program to build.
pub(super) struct Program {
    /// The dependencies beside serde and tokio, as lines of the manifest.
    pub(super) dependencies: String,
    /// The features of tokio beside `macros` and `rt`.
    pub(super) tokio: &'static str,
    /// The files under `src`.
    pub(super) files: Vec<(&'static str, String)>,
}

impl Form {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Perennial => "perennial",
            Self::ByHand => "a generic helper, by hand",
            Self::Careful => "a generic helper with a careful shared refresh, by hand",
        }
    }

    /// The program with so many endpoints.
    pub(super) fn program(self, endpoints: usize, runtime: &str) -> Program {
        let reqwest = "reqwest = { version = \"0.13.5\", default-features = false, \
                       features = [\"json\", \"query\"] }\n";
        let (dependencies, tokio, api) = match self {
            Self::Perennial => {
                let path =
                    format!("perennial = {{ path = {runtime:?}, default-features = false }}\n");
                (path, "", perennial(endpoints))
            }
            Self::ByHand => {
                (reqwest.to_owned(), "", by_hand(include_str!("templates/plain.rs"), endpoints))
            }
            Self::Careful => {
                let helper = include_str!("templates/careful.rs");
                (reqwest.to_owned(), ", \"sync\"", by_hand(helper, endpoints))
            }
        };
        let files = vec![
            ("main.rs", api::program(endpoints, api::call)),
            ("types.rs", api::types(endpoints)),
            ("api.rs", api),
        ];
        Program { dependencies, tokio, files }
    }
}

fn perennial(endpoints: usize) -> String {
    let mut text = String::from(
        "use perennial::{Result, Tokens, api_client};

use crate::types::*;

pub use perennial::Error;

pub type Client = ShopClient;

pub fn client(base: &str) -> Result<ShopClient> {
    ShopClient::builder(base).build()
}

#[api_client(
    envelope(code = \"code\", message = \"message\", data = \"data\", ok = 0),
    auth(header = \"X-Token\", expired(code = 1234))
)]
pub trait Shop {
    /// Renews the session.
    #[post(\"/refresh\", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
",
    );
    for n in 0..endpoints {
        let written = match Kind::of(n) {
            Kind::One => write!(
                text,
                "
    /// One order.
    #[get(\"/orders{n}/{{id}}\")]
    async fn order{n}(&self, id: u64) -> Result<Order{n}>;
"
            ),
            Kind::Found => write!(
                text,
                "
    /// A page of what was found.
    #[get(\"/found{n}\")]
    async fn found{n}(
        &self,
        #[query] page: u32,
        #[query] size: u32,
        #[query] word: Option<&str>,
    ) -> Result<Page{n}>;
"
            ),
            Kind::Added => write!(
                text,
                "
    /// Adds an order.
    #[post(\"/added{n}\")]
    async fn add{n}(&self, #[json] new: &NewOrder{n}) -> Result<Added{n}>;
"
            ),
            Kind::Listed => write!(
                text,
                "
    /// All entries.
    #[get(\"/listed{n}/{{id}}/entries\")]
    async fn list{n}(&self, id: u64) -> Result<Vec<Entry{n}>>;
"
            ),
        };
        written.expect("a string takes everything");
    }
    text.push_str("}\n");
    text
}

fn by_hand(helper: &str, endpoints: usize) -> String {
    let mut text = format!("{helper}\nimpl Client {{");
    for n in 0..endpoints {
        let written = match Kind::of(n) {
            Kind::One => write!(
                text,
                "
    /// One order.
    pub async fn order{n}(&self, id: u64) -> Result<Order{n}, Error> {{
        self.exec(Method::GET, &format!(\"/orders{n}/{{id}}\"), &[], None::<&()>).await
    }}
"
            ),
            Kind::Found => write!(
                text,
                "
    /// A page of what was found.
    pub async fn found{n}(
        &self,
        page: u32,
        size: u32,
        word: Option<&str>,
    ) -> Result<Page{n}, Error> {{
        let mut query = vec![(\"page\", page.to_string()), (\"size\", size.to_string())];
        query.extend(word.map(|word| (\"word\", word.to_owned())));
        self.exec(Method::GET, \"/found{n}\", &query, None::<&()>).await
    }}
"
            ),
            Kind::Added => write!(
                text,
                "
    /// Adds an order.
    pub async fn add{n}(&self, new: &NewOrder{n}) -> Result<Added{n}, Error> {{
        self.exec(Method::POST, \"/added{n}\", &[], Some(new)).await
    }}
"
            ),
            Kind::Listed => write!(
                text,
                "
    /// All entries.
    pub async fn list{n}(&self, id: u64) -> Result<Vec<Entry{n}>, Error> {{
        self.exec(Method::GET, &format!(\"/listed{n}/{{id}}/entries\"), &[], None::<&()>).await
    }}
"
            ),
        };
        written.expect("a string takes everything");
    }
    text.push_str("}\n");
    text
}
