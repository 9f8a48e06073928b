//! Structs as JSON objects: the part of `#[derive(Json)]` that is the same for every struct. The derive generates
//! one line for each field, and a field is reached through a trait object, so that only its type is compiled again.

mod missing;
mod nothing;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use read::{Absent, Object, Slot, object, read, read_all, read_closed, rest, unsettled};
pub use serde::de::MapAccess;
pub use serde::{Deserialize, Deserializer, Serialize, Serializer};
pub use serde_json::to_value;
pub use write::{Entry, write, write_with};
