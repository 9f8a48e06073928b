use perennial::{Result, Tokens, api_client};

#[api_client(auth(bearer, expired(status = 401, 403)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
}

fn main() {}
