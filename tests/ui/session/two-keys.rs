use perennial::{Result, TokenKey, Tokens, api_client};

#[api_client(
    auth(bearer, key = "{name}", expired(status = 401)),
    auth(name = "device", header = "X-Device", key = "{name}", expired(status = 403)),
)]
trait Registry {
    #[get("/token", refresh, public)]
    async fn token(&self, #[query] scope: TokenKey) -> Result<Tokens>;

    #[get("/device", refresh("device"), public)]
    async fn device(&self, #[query] scope: TokenKey) -> Result<Tokens>;

    #[get("/{name}")]
    async fn get(&self, name: &str) -> Result<String>;
}

fn main() {}
