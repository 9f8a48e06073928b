use perennial::{Result, Tokens, api_client};

#[api_client(bearer, expired(status = 401))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
}

fn main() {}
