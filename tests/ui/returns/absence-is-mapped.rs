use perennial::{Error, Response, api_client};

enum Failure {
    NotFound,
    Other(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

#[api_client]
trait Shop {
    #[get("/orders/{id}")]
    #[errors(404 => NotFound)]
    async fn order(&self, id: u64) -> Result<Option<String>, Failure>;

    #[get("/items/{id}")]
    #[errors(410 => NotFound, 404 => NotFound)]
    async fn item(&self, id: u64) -> Result<Response<Option<String>>, Failure>;

    // A class contains more than 404.
    #[get("/users/{id}")]
    #[errors(4xx => NotFound)]
    async fn user(&self, id: u64) -> Result<Option<String>, Failure>;
}

fn main() {}
