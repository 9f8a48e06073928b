use perennial::{Result, Tokens, api_client};
use perennial::body::StreamBody;

#[api_client(auth(bearer, expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[post("/recordings")]
    async fn record(&self, #[body] content: StreamBody) -> Result<()>;

    #[post("/scans", replay = off)]
    async fn scan(&self, #[body] content: StreamBody) -> Result<()>;
}

fn main() {}
