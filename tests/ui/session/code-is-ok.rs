use perennial::{Result, Tokens, api_client};

#[api_client(envelope(code = "code", data = "data", ok = 0), auth(expired(code = 0)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
}

fn main() {}
