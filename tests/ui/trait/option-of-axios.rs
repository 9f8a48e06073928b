use perennial::{Result, api_client};

#[api_client(
    baseURL = "https://shop.example",
    withCredentials = true,
    responseType = "json",
    validateStatus = is_good,
    xsrfCookieName = "XSRF-TOKEN"
)]
trait Shop {
    #[get("/orders", signal = abort)]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
