use perennial::{Result, TokenKey, Tokens, api_client};

#[api_client(auth(bearer, key = "repository:{name}:pull", expired(status = 401)))]
trait Registry {
    #[get("/token", refresh, public)]
    async fn token(&self, #[query] scope: TokenKey) -> Result<Tokens>;

    #[get("/catalog")]
    async fn catalog(&self, #[query] n: u32) -> Result<String>;

    #[put("/{name}", key = "repository:{nam}:push")]
    async fn push(&self, name: &str) -> Result<()>;
}

fn main() {}
