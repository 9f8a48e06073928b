use perennial::{Result, api_client};

#[api_client(timout = "10s")]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
