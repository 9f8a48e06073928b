use perennial::{Result, Tokens, api_client};

#[api_client(auth(bearer))]
trait Shop {
    #[post("/login", login)]
    async fn login(&self) -> Result<Tokens>;

    #[post("/sign-in", login)]
    async fn sign_in(&self) -> Result<Tokens>;
}

fn main() {}
