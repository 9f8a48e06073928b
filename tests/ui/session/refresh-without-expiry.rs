use perennial::{Result, Tokens, api_client};

#[api_client(auth(bearer))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
}

fn main() {}
