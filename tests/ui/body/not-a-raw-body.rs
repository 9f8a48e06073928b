use perennial::{Result, Tokens, api_client};

#[api_client(auth(bearer, expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[post("/orders")]
    async fn create(&self, #[body] order: Vec<u64>) -> Result<()>;
}

fn main() {}
