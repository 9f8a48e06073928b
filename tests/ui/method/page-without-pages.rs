use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders", page(link))]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
