use perennial::{Result, api_client};

#[api_client(auth(bearer, header = "X-Token"))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
