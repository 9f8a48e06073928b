use perennial::{Result, api_client};

#[api_client]
#[async_trait]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

// What `#[async_trait]` above `#[api_client]` makes of a method.
#[api_client]
trait Billing {
    #[get("/invoices")]
    fn invoices<'life0, 'async_trait>(
        &'life0 self,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<String>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait;
}

async fn use_it(billing: BillingClient) -> Result<String> {
    billing.invoices().await
}

fn main() {}
