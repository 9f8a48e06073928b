use perennial::{Result, Tokens, api_client};

#[api_client(
    auth(bearer, expired(status = 401)),
    tokens(access_token = "data.token", ttl = "data.ttl", unit = "millis"),
)]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
