use perennial::{Result, api_client};

#[api_client(retry(0))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
