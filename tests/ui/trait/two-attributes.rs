use perennial::{Result, api_client};

#[api_client(base = "/api")]
#[api_client(auth(bearer))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
