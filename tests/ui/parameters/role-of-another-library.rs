use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders/{id}")]
    async fn order(&self, #[param] id: u64) -> Result<String>;

    #[get("/orders")]
    async fn orders(&self, #[query_map] filter: &str) -> Result<String>;

    #[post("/orders")]
    async fn create(&self, #[Body] order: &str) -> Result<String>;

    #[get("/carts/{cartId}")]
    async fn cart(&self, #[path("cartId")] id: u64) -> Result<String>;

    #[get("/users")]
    async fn users(&self, #[flatten] filter: &str, #[bearer] token: &str) -> Result<String>;

    #[get("/prices")]
    async fn prices(&self, #[cookie("session")] session: &str) -> Result<String>;

    #[post("/prices")]
    async fn price(&self, #[body(json)] price: &str) -> Result<String>;

    #[get("/pages")]
    async fn page(&self, #[query(default = 1)] page: u32) -> Result<String>;

    #[get("/stock")]
    async fn stock(&self, #[timeout] limit: std::time::Duration) -> Result<String>;
}

fn main() {}
