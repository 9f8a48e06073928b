use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders/:id")]
    async fn order(&self, id: u64) -> Result<String>;

    #[get("/users/<name>")]
    async fn user(&self, name: &str) -> Result<String>;

    #[get("/items/${id}")]
    async fn item(&self, id: u64) -> Result<String>;

    #[get("/files/*rest")]
    async fn file(&self, rest: &str) -> Result<String>;

    #[get("/pages/:page?")]
    async fn page(&self, page: Option<u64>) -> Result<String>;

    #[get("/carts/{{id}}")]
    async fn cart(&self, id: u64) -> Result<String>;

    #[get("/prices/%s")]
    async fn price(&self, name: &str) -> Result<String>;
}

fn main() {}
