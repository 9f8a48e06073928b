use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders", headers("X-Trace" = trace))]
    async fn orders(&self, #[query] trace: &str) -> Result<String>;

    #[get("/orders/{id}", queries("v" = "{id}"))]
    async fn order(&self, id: u64) -> Result<String>;
}

fn main() {}
