use perennial::{Result, TokenKey, Tokens, api_client};

#[api_client(auth(bearer, expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[get("/orders/{id}", key = "{id}")]
    async fn order(&self, id: u64) -> Result<String>;
}

#[api_client(auth(bearer, key = "repository:{name", expired(status = 401)))]
trait Registry {
    #[get("/token", refresh, public)]
    async fn token(&self, #[query] scope: TokenKey) -> Result<Tokens>;
}

#[api_client(auth(bearer, key = "{name}", expired(status = 401)))]
trait Vault {
    #[post("/login", login)]
    async fn login(&self, #[field] password: &str) -> Result<Tokens>;

    #[get("/token", refresh, public, key = "{scope}")]
    async fn token(&self, #[query] scope: TokenKey) -> Result<Tokens>;

    #[get("/open/{name}", public, key = "{name}")]
    async fn open(&self, name: &str) -> Result<String>;
}

fn main() {}
