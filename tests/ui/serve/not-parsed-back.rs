use perennial::{Result, api_client};

#[derive(serde::Serialize)]
enum State {
    Open,
}

#[derive(Clone, Copy)]
struct Price(u64);

impl std::fmt::Display for Price {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ct", self.0)
    }
}

#[api_client(serve)]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[query] state: State, #[query] price: Option<Price>) -> Result<String>;
    #[get("/orders/{price}")]
    async fn order(&self, price: Price) -> Result<String>;
}

fn main() {}
