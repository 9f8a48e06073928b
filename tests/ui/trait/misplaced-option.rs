use perennial::{Result, Tokens, api_client};

#[api_client(header = "X-Token", envelope(code = "code", ok = 0), expired(code = 1234), key = "{name}")]
trait Shop {
    #[post("/refresh", base = "/auth")]
    async fn refresh(&self) -> Result<Tokens>;
}

fn main() {}
