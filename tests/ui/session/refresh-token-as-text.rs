use perennial::{Result, Tokens, api_client};

#[api_client(auth(bearer, expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self, #[field] refresh_token: &str) -> Result<Tokens>;
}

#[api_client(auth(bearer, expired(status = 401)))]
trait Stock {
    #[post("/refresh", refresh)]
    async fn refresh(&self, #[field("refreshToken")] token: String) -> Result<Tokens>;
}

#[api_client(auth(bearer, expired(status = 401)))]
trait Music {
    #[post("/refresh", refresh)]
    async fn refresh(&self, #[json] refresh_token: &str) -> Result<Tokens>;
}

fn main() {}
