use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    #[errors(404 => NotFound)]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
