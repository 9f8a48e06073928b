use perennial::{Result, api_client};

#[api_client(auth(oauth))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

#[api_client(auth(oidc, insuficient_scope(status = 403)))]
trait Billing {
    #[get("/invoices")]
    async fn invoices(&self) -> Result<String>;
}

#[api_client(oauth2)]
trait Stock {
    #[get("/items")]
    async fn items(&self) -> Result<String>;
}

#[api_client(auth = oauth2)]
trait Staff {
    #[get("/staff")]
    async fn staff(&self) -> Result<String>;
}

fn main() {}
