use perennial::{Result, Tokens, api_client};

#[api_client(envelope(code = "code", ok = 0), auth(bearer, expired(code = 1234)))]
trait Shop {
    #[post("/refresh", refresh, logout(code = 1001))]
    async fn refresh(&self) -> Result<Tokens>;
}

fn main() {}
