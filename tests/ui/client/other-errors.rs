use perennial::{Error, Result};

fn port() -> Result<u16> {
    let text = std::env::var("PORT")?;
    Ok(text.parse()?)
}

fn of_a_format() -> Error {
    Error::from(std::fmt::Error)
}

fn not_found() -> Error {
    Error::of_status("404")
}

fn main() {}
