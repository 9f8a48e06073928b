use perennial::{Result, Tokens, api_client};

#[api_client(auth(bearer, expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self, #[json] tokens: Tokens) -> Result<Tokens>;
}

#[api_client(auth(bearer, expired(status = 401)))]
trait Stock {
    #[post("/refresh", refresh)]
    async fn refresh(&self, #[query] tokens: &Tokens) -> Result<Tokens>;
}

fn main() {}
