//! The same API in every form, each as its own author would write it.

use std::fmt::Write as _;

use clap::ValueEnum;

use super::api::{self, Kind};
use super::cargo::{Package, root};
use crate::Outcome;

/// A way to write an API client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// A trait under `#[api_client]`.
    Perennial,
    /// One method for each endpoint over functions that are compiled once, the leanest that can be written. It knows no
    /// refresh.
    Lean,
    /// One method for each endpoint over a generic `exec<B, T>`, which knows no refresh.
    ByHand,
    /// The same with a careful shared refresh.
    Careful,
    /// The client that progenitor generates from an OpenAPI document.
    #[cfg(feature = "peers")]
    Progenitor,
    /// A trait under `#[feign]`.
    #[cfg(feature = "peers")]
    Feignhttp,
}

impl Form {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Perennial => "perennial",
            Self::Lean => "the leanest handwritten functions, without refresh",
            Self::ByHand => "a handwritten generic helper without refresh",
            Self::Careful => "a handwritten generic helper with a careful shared refresh",
            #[cfg(feature = "peers")]
            Self::Progenitor => "progenitor",
            #[cfg(feature = "peers")]
            Self::Feignhttp => "feignhttp",
        }
    }

    /// The package with so many endpoints.
    pub(super) fn package(self, endpoints: usize) -> Outcome<Package> {
        let mut sources = vec![("main.rs".to_owned(), api::program(endpoints))];
        let dependencies = match self {
            Self::Perennial => {
                sources.push(("types.rs".to_owned(), api::types(endpoints)));
                sources.push(("api.rs".to_owned(), perennial(endpoints)));
                let runtime = root()?.join("runtime");
                format!("perennial = {{ path = {runtime:?}, default-features = false }}\n")
            }
            Self::Lean => {
                sources.push(("types.rs".to_owned(), api::types(endpoints)));
                sources.push(("api.rs".to_owned(), lean(endpoints)));
                format!("{REQWEST}serde_json = {{ version = \"1\", features = [\"raw_value\"] }}\n")
            }
            Self::ByHand | Self::Careful => {
                sources.push(("types.rs".to_owned(), api::types(endpoints)));
                let helper = match self {
                    Self::Careful => include_str!("templates/careful.rs"),
                    _ => include_str!("templates/plain.rs"),
                };
                sources.push(("api.rs".to_owned(), by_hand(helper, endpoints)));
                REQWEST.to_owned()
            }
            #[cfg(feature = "peers")]
            Self::Progenitor => {
                sources = super::peers::progenitor(endpoints)?;
                format!("progenitor-client = \"0.15.1\"\n{REQWEST}")
            }
            #[cfg(feature = "peers")]
            Self::Feignhttp => {
                sources.extend(super::peers::feignhttp(endpoints));
                super::peers::FEIGNHTTP.to_owned()
            }
        };
        let dependencies = format!("{dependencies}{SHARED}");
        Ok(Package { name: self.package_name(endpoints), dependencies, sources })
    }

    /// The name of that package.
    pub(super) fn package_name(self, endpoints: usize) -> String {
        format!("{self:?}-{endpoints}").to_lowercase()
    }
}

const REQWEST: &str = "reqwest = { version = \"0.13.5\", default-features = false, \
                       features = [\"json\", \"query\"] }\n";

const SHARED: &str = "serde = { version = \"1\", features = [\"derive\"] }\n\
                      tokio = { version = \"1\", features = [\"macros\", \"rt\", \"sync\"] }\n";

/// The text within the parentheses of the attribute.
const OPTIONS: &str = "envelope(code = \"code\", message = \"message\", data = \"data\", ok = 0), \
                       auth(header = \"X-Token\", expired(code = 1234))";

fn perennial(endpoints: usize) -> String {
    let (options, declared) = declaration(endpoints);
    format!(
        "use perennial::{{Result, Tokens, api_client}};

pub use crate::types::*;

pub use perennial::Error;

pub type Client = ShopClient;

pub fn client(base: &str) -> Result<ShopClient> {{
    ShopClient::builder(base).build()
}}

#[api_client({options})]
{declared}"
    )
}

/// The attribute's options, and the trait.
pub(super) fn declaration(endpoints: usize) -> (&'static str, String) {
    let mut text = String::from(
        "pub trait Shop {
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
    (OPTIONS, text)
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

fn lean(endpoints: usize) -> String {
    let mut text = format!("{}\nimpl Client {{", include_str!("templates/lean.rs"));
    for n in 0..endpoints {
        let written = match Kind::of(n) {
            Kind::One => write!(
                text,
                "
    /// One order.
    pub async fn order{n}(&self, id: u64) -> Result<Order{n}, Error> {{
        let request = self.call(Method::GET, format_args!(\"/orders{n}/{{id}}\"));
        value(&good(request).await?)
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
        let request = self
            .call(Method::GET, format_args!(\"/found{n}\"))
            .query(&[(\"page\", page), (\"size\", size)])
            .query(&[(\"word\", word)]);
        value(&good(request).await?)
    }}
"
            ),
            Kind::Added => write!(
                text,
                "
    /// Adds an order.
    pub async fn add{n}(&self, new: &NewOrder{n}) -> Result<Added{n}, Error> {{
        let request = self.call(Method::POST, format_args!(\"/added{n}\")).json(new);
        value(&good(request).await?)
    }}
"
            ),
            Kind::Listed => write!(
                text,
                "
    /// All entries.
    pub async fn list{n}(&self, id: u64) -> Result<Vec<Entry{n}>, Error> {{
        let request = self.call(Method::GET, format_args!(\"/listed{n}/{{id}}/entries\"));
        value(&good(request).await?)
    }}
"
            ),
        };
        written.expect("a string takes everything");
    }
    text.push_str("}\n");
    text
}
