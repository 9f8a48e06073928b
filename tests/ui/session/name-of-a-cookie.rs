use perennial::{Result, api_client};

#[api_client(auth(cookie = "session=", logout(status = 401)))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
