use perennial::{Result, Tokens, api_client};

#[api_client(envelope(code = "code", ok = [0, 200..300]), auth(expired(code != 0)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
}

fn main() {}
