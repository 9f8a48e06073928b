use perennial::{Result, api_client};

#[api_client]
#[headers("Accept: application/json")]
trait Shop {
    #[get("/orders")]
    #[timeout("3s")]
    async fn orders(&self) -> Result<String>;

    #[public]
    #[get("/health")]
    async fn health(&self) -> Result<String>;

    #[get("/users")]
    #[header("Accept", "application/json")]
    async fn users(&self) -> Result<String>;

    #[multipart]
    #[post("/photos")]
    async fn photo(&self, #[part] title: &str) -> Result<String>;

    #[get("/carts")]
    #[json]
    async fn carts(&self) -> Result<String>;
}

fn main() {}
