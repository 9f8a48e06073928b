use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[post("/orders", body = order)]
    async fn add(&self, order: &str) -> Result<String>;

    #[get("/orders", query(page, tag))]
    async fn orders(&self, page: u32, tag: &str) -> Result<String>;

    #[get("/users", header("X-Trace"))]
    async fn users(&self, trace: &str) -> Result<String>;
}

fn main() {}
