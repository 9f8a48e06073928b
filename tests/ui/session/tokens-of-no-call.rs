use perennial::{Result, Tokens, api_client};

#[api_client(auth(bearer, expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh, public, fields("refresh_token" = tokens(refresh)))]
    async fn refresh(&self) -> Result<Tokens>;

    #[get("/health", public, headers("X-Tenant" = tokens("tenant")))]
    async fn health(&self) -> Result<String>;
}

#[api_client]
trait Open {
    #[get("/orders", queries("tenant" = tokens("tenant")))]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
