use perennial::{Result, Tokens, api_client};

#[derive(serde::Serialize)]
struct Renew {
    token: String,
}

#[api_client(auth(expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self, #[json] with: Renew) -> Result<Tokens>;
}

fn main() {}
