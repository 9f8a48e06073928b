use perennial::{Result, api_client};

#[api_client(headers("X-Client" = "größer"))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
