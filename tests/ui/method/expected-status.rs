use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[post("/orders", status = 201)]
    async fn order(&self) -> Result<String>;

    #[get("/orders", produces = "application/json")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
