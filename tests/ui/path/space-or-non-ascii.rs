use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/new orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
