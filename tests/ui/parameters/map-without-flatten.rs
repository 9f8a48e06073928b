use std::collections::{BTreeMap, HashMap};

use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[query] filter: &HashMap<String, String>) -> Result<String>;

    #[post("/search")]
    async fn search(&self, #[field] filter: BTreeMap<String, String>) -> Result<String>;
}

fn main() {}
