use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders", timeout(connect = "1s"))]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
