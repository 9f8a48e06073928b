use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;

    type Item;

    #[get("/items")]
    async fn items(&self) -> Result<Self::Item>;
}

fn main() {}
