use perennial::{Result, api_client};

#[api_client]
#[errors(404 => NotFound)]
#[serde(rename_all = "camelCase")]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

#[api_client]
#[serde(deny_unknown_fields)]
trait Stock {
    #[get("/items")]
    async fn items(&self) -> Result<String>;
}

fn main() {}
