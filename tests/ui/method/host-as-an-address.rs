use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/rates", host = "https://rates.example")]
    async fn rates(&self) -> Result<String>;
}

fn main() {}
