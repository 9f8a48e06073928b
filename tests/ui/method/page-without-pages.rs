use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders", page(link))]
    async fn orders(&self) -> Result<String>;

    #[get("/items", page(link))]
    async fn items(&self) -> Result<Option<perennial::Pages<String>>>;
}

fn main() {}
