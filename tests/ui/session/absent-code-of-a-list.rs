#![deny(warnings)]

use perennial::{Result, api_client};

#[api_client(envelope(code = "errors.0.extensions.code", data = "data", ok = absent))]
trait GraphQl {
    #[get("/graphql")]
    async fn viewer(&self) -> Result<String>;
}

fn main() {}
