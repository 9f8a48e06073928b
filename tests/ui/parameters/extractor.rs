use perennial::{Result, api_client};

#[derive(serde::Serialize)]
struct Filter {
    color: String,
}

#[api_client]
trait Shop {
    #[get("/orders/{id}")]
    async fn order(&self, Path(id): Path<u64>) -> Result<String>;

    #[get("/orders")]
    async fn orders(&self, Query(filter): Query<Filter>) -> Result<String>;
}

fn main() {}
