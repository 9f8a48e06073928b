//! Waits for calls and streams on the caller's thread.

use std::fmt;
use std::future::poll_fn;
use std::io::{self, BufRead, Read};
use std::pin::Pin;

use futures_core::Stream;

use super::Call;
use super::stream::{Download, Events, Lines, PageStream, Pages};
use crate::ports::background::block_on;
use crate::types::error::{Error, Result};

/// Waits on the caller's thread for any future: [`Session::login`](crate::Session::login),
/// [`Download::save`](crate::Download::save), a method of a fake. A call has its own [`wait`](Call::wait).
///
/// ```
/// use perennial::{Result, api_client, blocking};
///
/// #[api_client]
/// pub trait Archive {
///     #[get("/backups/{name}")]
///     async fn backup(&self, name: &str) -> Result<perennial::Download>;
/// }
///
/// # fn run() -> Result<()> {
/// let archive = ArchiveClient::builder("http://archive.example").build()?;
/// let backup = archive.backup("today").wait()?;
/// blocking::wait(backup.save("today.tar"))?;
/// blocking::wait(archive.session().logout())?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// The errors of the future, and an error of the kind [`ErrorKind::Blocking`](crate::ErrorKind::Blocking) on a thread
/// of an async runtime; the future is then never polled.
pub fn wait<T, E: From<Error>>(future: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    block_on(future).unwrap_or_else(|error| Err(error.into()))
}

impl<T: 'static, E: From<Error>> Call<T, E> {
    /// Makes the call, and waits for it on this thread (feature `blocking`). The program needs no runtime.
    ///
    /// The call shares its session with all other calls, including awaited ones: they wait for the same refresh.
    ///
    /// ```
    /// use perennial::{Result, api_client};
    ///
    /// #[api_client]
    /// pub trait Shop {
    ///     #[get("/orders/{id}/title")]
    ///     async fn title(&self, id: u64) -> Result<String>;
    /// }
    ///
    /// # fn run() -> Result<()> {
    /// let shop = ShopClient::builder("http://shop.example").build()?;
    /// println!("{}", shop.title(7).wait()?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of the call, and an error of the kind [`ErrorKind::Blocking`](crate::ErrorKind::Blocking) on a thread
    /// of an async runtime; nothing is then sent.
    pub fn wait(self) -> Result<T, E> {
        let endpoint = self.endpoint();
        block_on(self).unwrap_or_else(|error| Err(error.with_endpoint(endpoint).into()))
    }
}

/// An iterator over the items of a stream, which waits for each item on the caller's thread.
///
/// On a thread of an async runtime, the iterator ends with an error of the kind
/// [`ErrorKind::Blocking`](crate::ErrorKind::Blocking).
///
/// ```
/// use perennial::Pages;
/// use perennial::blocking::Items;
///
/// fn first(orders: Pages<u64>) -> perennial::Result<Option<u64>> {
///     let mut orders: Items<Pages<u64>> = orders.wait();
///     orders.next().transpose()
/// }
/// ```
#[must_use = "iterators do nothing until they are consumed"]
pub struct Items<S> {
    /// `None` after an item could not be waited for.
    stream: Option<S>,
}

impl<S, T, E> Iterator for Items<S>
where
    S: Stream<Item = Result<T, E>> + Unpin,
    E: From<Error>,
{
    type Item = Result<T, E>;

    fn next(&mut self) -> Option<Self::Item> {
        let stream = self.stream.as_mut()?;
        block_on(poll_fn(|context| Pin::new(&mut *stream).poll_next(context))).unwrap_or_else(
            |error| {
                self.stream = None;
                Some(Err(error.into()))
            },
        )
    }
}

impl<S: fmt::Debug> fmt::Debug for Items<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Items").field(&self.stream).finish()
    }
}

macro_rules! items {
    ($($stream:ident),*) => {$(
        impl<T, E: From<Error>> $stream<T, E> {
            /// Returns the stream as an iterator that waits for each item on this thread (feature `blocking`). A `for`
            /// loop over the stream does the same.
            pub fn wait(self) -> Items<Self> {
                Items { stream: Some(self) }
            }
        }

        impl<T, E: From<Error>> IntoIterator for $stream<T, E> {
            type Item = <Self as Stream>::Item;
            type IntoIter = Items<Self>;

            fn into_iter(self) -> Items<Self> {
                self.wait()
            }
        }
    )*};
}

items!(Pages, PageStream, Events, Lines);

/// Waits for each chunk on this thread (feature `blocking`).
///
/// ```
/// use std::{fs::File, io};
///
/// use perennial::{Download, Result, api_client};
///
/// #[api_client]
/// pub trait Archive {
///     #[get("/backups/{name}")]
///     async fn backup(&self, name: &str) -> Result<Download>;
/// }
///
/// # fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let archive = ArchiveClient::builder("http://archive.example").build()?;
/// let mut backup = archive.backup("today").wait()?;
/// io::copy(&mut backup, &mut File::create("today.tar")?)?;
/// # Ok(())
/// # }
/// ```
///
/// The error of a read contains a [`perennial::Error`](crate::Error).
impl Read for Download {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Download {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.unread.is_empty() {
            let chunk = block_on(self.chunk()).and_then(|chunk| chunk).map_err(io_error)?;
            self.unread = chunk.unwrap_or_default();
        }
        Ok(&self.unread)
    }

    fn consume(&mut self, read: usize) {
        bytes::Buf::advance(&mut self.unread, read);
    }
}

fn io_error(error: Error) -> io::Error {
    let kind = if error.is_timeout() { io::ErrorKind::TimedOut } else { io::ErrorKind::Other };
    io::Error::new(kind, error)
}
