use perennial::{Result, Tokens, api_client};

#[api_client(auth(expired = 401))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
}

#[api_client(auth(expired = "TOKEN_EXPIRED"))]
trait Billing {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
}

fn main() {}
