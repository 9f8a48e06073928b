use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders/{name}")]
    async fn order(&self, name: impl AsRef<str>, #[query] sort: impl Into<String>) -> Result<String>;

    #[get("/orders")]
    async fn orders(
        &self,
        #[query] page: impl Into<Option<u32>>,
        #[query] ids: impl IntoIterator<Item = u64>,
    ) -> Result<String>;
}

fn main() {}
