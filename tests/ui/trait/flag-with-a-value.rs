use perennial::{Result, api_client};

#[api_client(serve = true)]
trait Shop {
    #[post("/orders", idempotent = true)]
    async fn order(&self) -> Result<String>;

    #[get("/orders", public = false)]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
