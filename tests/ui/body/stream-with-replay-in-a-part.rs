use perennial::{Result, Tokens, api_client};
use perennial::body::StreamBody;

#[api_client(auth(bearer, expired(status = 401)), replay = idempotent)]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[put("/recordings")]
    async fn record(&self, #[part] content: Option<StreamBody>) -> Result<()>;

    #[post("/recordings")]
    async fn add(&self, #[part] content: Option<StreamBody>) -> Result<()>;
}

fn main() {}
