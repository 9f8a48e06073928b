use perennial::{Result, api_client};

#[api_client(auth(bearer), tokens(access = data.token))]
trait Login {
    #[post("/login", login)]
    async fn login(&self) -> Result<perennial::Tokens>;
}

#[api_client(base = concat!("/a", "pi"), envelope(code = "code", ok = 0 | 200))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
