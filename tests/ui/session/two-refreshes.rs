use perennial::{Result, Tokens, api_client};

#[api_client(auth(expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[post("/renew", refresh)]
    async fn renew(&self) -> Result<Tokens>;
}

fn main() {}
