use perennial::{Result, Tokens, api_client};

struct Photo;

#[api_client(auth(bearer, expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[post("/photos")]
    async fn add(&self, #[part] photo: Photo) -> Result<()>;
}

fn main() {}
