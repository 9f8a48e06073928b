#![deny(deprecated)]

use perennial::{Result, Tokens, api_client};

#[api_client(auth(bearer), tokens(extra("tenant" = "account.tenant")), headers("X-Tenant" = tokens("tenat")))]
trait Shop {
    #[post("/login", login)]
    async fn login(&self) -> Result<Tokens>;

    #[get("/orders", headers("X-Region" = tokens("region"), "X-Tenant" = tokens("tenant")))]
    async fn orders(&self) -> Result<String>;

    #[get("/items", headers("X-Shard" = tokens("shard")), allow(unknown_extra))]
    async fn items(&self) -> Result<String>;
}

fn main() {}
