//! Bodies other than bytes in memory: files, streams and multipart.
//!
//! A call may be sent several times, so a body is built for each attempt. A body that can be built only once reports
//! this, and its call is then sent once.

#[cfg(target_family = "wasm")]
mod blob;
#[cfg(not(target_family = "wasm"))]
mod file;
#[cfg(feature = "gzip-requests")]
mod gzip;
mod multipart;
mod part;
mod progress;
mod raw;
pub(super) mod sized;
mod stream;

#[cfg(target_family = "wasm")]
pub use blob::FileBody;
#[cfg(not(target_family = "wasm"))]
pub use file::FileBody;

#[cfg(feature = "gzip-requests")]
pub(crate) use gzip::gzipped;
pub(crate) use multipart::Multipart;
pub use part::{
    Maybe as MaybePart, Part, PartList, PartOptions, PartValue, Ready as ReadyPart,
    Text as TextPart,
};
pub(crate) use progress::{Counter, Watcher, counted};
pub use progress::{Progress, ProgressEvents};
pub use raw::{Again, Once, RawBody, RawContent, Repeatable};
pub use stream::{BodyFactory, StreamBody};
