use perennial::{Result, Tokens, api_client};

#[api_client(auth(header = "Authorization: Bearer", expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
}

#[api_client(auth(header = "Authorization: Token", expired(status = 401)))]
trait Stock {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
}

fn main() {}
