use perennial::{Result, Tokens, api_client};

#[api_client(auth(expired(code = 1234)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
}

fn main() {}
