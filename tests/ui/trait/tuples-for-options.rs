use perennial::{Result, api_client};

#[api_client(headers = [("Accept", "text/csv"), ("X-App", "shop")])]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;

    #[get("/items", queries = ("v", "2"))]
    async fn items(&self) -> Result<String>;
}

fn main() {}
