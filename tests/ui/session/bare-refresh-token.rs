use perennial::{RefreshToken, Result, Tokens, api_client};

#[api_client(auth(bearer, expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[json] refresh_token: RefreshToken) -> Result<Tokens>;

    #[post("/logout", logout)]
    async fn logout(&self, #[json] refresh_token: &perennial::RefreshToken) -> Result<()>;
}

// The server reads a JSON string.
#[api_client(auth(bearer, expired(status = 401)))]
trait Stock {
    #[post("/refresh", refresh, public, allow(bare_refresh_token))]
    async fn refresh(&self, #[json] refresh_token: RefreshToken) -> Result<Tokens>;
}

fn main() {}
