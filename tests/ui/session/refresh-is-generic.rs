use perennial::{Result, Tokens, api_client};

#[api_client(auth(expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self, #[query] with: impl std::fmt::Display) -> Result<Tokens>;
}

fn main() {}
