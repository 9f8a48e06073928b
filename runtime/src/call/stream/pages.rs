//! A list that comes in pages.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use futures_core::Stream;
use futures_util::stream;
use serde::de::DeserializeOwned;

use super::page_walk::PageWalk;
use super::{ItemSource, LazyStream, NextItem as _};
use crate::call::output::StreamItem;
use crate::call::parts::Parts;
use crate::types::error::{Error, Result};

/// A stream over all items of a list that comes in pages.
///
/// `page(..)` declares how to get from one page to the next. Each page is a separate call, which is made when its first
/// item is polled: the call is retried as declared and has its own timeouts, and if the token has expired by then, it
/// is refreshed. A page that fails ends the stream.
///
/// The stream never ends before the list does: if a response does not lead to the next page as declared, the stream
/// yields an error.
///
/// ```
/// use futures_util::{StreamExt as _, TryStreamExt as _};
/// use perennial::{Pages, Result, api_client};
///
/// #[derive(serde::Deserialize)]
/// pub struct Order { id: u64 }
///
/// #[api_client]
/// pub trait Shop {
///     /// The response names the next page.
///     #[get("/orders", page(cursor = "after", next = "meta.next", items = "orders"))]
///     fn orders(&self, #[query] limit: u32) -> Pages<Order>;
/// }
///
/// # async fn run() -> Result<()> {
/// let shop = ShopClient::builder("http://shop.example").build()?;
/// // All of them, without an import of `futures`:
/// let all: Vec<Order> = shop.orders(50).try_collect().await?;
/// // Item by item:
/// let first: Vec<Order> = shop.orders(50).take(120).try_collect().await?;
/// // Page by page:
/// let mut pages = shop.orders(50).pages();
/// while let Some(page) = pages.next().await {
///     println!("{} orders", page?.len());
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "streams do nothing until they are polled"]
pub struct Pages<T, E = Error> {
    pages: PageStream<T, E>,
    page: vec::IntoIter<T>,
}

item_stream!(Pages(pages.walk) of T, |this, context| this.poll(context));
returned_stream!(Pages(pages.walk));
given_stream!(Pages of T, |items| Self::from_pages(stream::iter([Ok(items)])));

impl<T, E> Pages<T, E> {
    /// Creates a stream of these pages, for a fake of an API. Adjusting it has no effect, and a page that fails does
    /// not end the stream.
    ///
    /// ```
    /// use futures_util::{TryStreamExt, stream};
    /// use perennial::{Pages, api_client};
    ///
    /// #[api_client]
    /// pub trait Shop {
    ///     #[get("/orders", page(link))]
    ///     fn orders(&self) -> Pages<u64>;
    /// }
    ///
    /// struct Fake;
    ///
    /// impl Shop for Fake {
    ///     fn orders(&self) -> Pages<u64> {
    ///         Pages::from_pages(stream::iter([Ok(vec![1, 2]), Ok(vec![3])]))
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// assert_eq!(Fake.orders().try_collect::<Vec<_>>().await.unwrap(), [1, 2, 3]);
    /// assert_eq!(Fake.orders().pages().try_collect::<Vec<_>>().await.unwrap().len(), 2);
    /// # }
    /// ```
    pub fn from_pages(pages: impl Stream<Item = Result<Vec<T>, E>> + Send + 'static) -> Self
    where
        Result<Vec<T>, E>: 'static,
    {
        Self { pages: PageStream { walk: ItemSource::given(pages) }, page: Vec::new().into_iter() }
    }

    /// Yields the list page by page instead of item by item.
    pub fn pages(self) -> PageStream<T, E> {
        self.pages
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        loop {
            if let Some(item) = self.page.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match std::task::ready!(self.pages.walk.poll(context)) {
                Some(Ok(page)) => self.page = page.into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

#[diagnostic::do_not_recommend]
impl<K, T, E> StreamItem<Pages<T, E>, K> for T
where
    T: DeserializeOwned + Send + 'static,
{
    fn streamed(parts: Box<Parts>, error: fn(Error) -> E) -> Pages<T, E> {
        let call = LazyStream::new(parts, |parts| PageWalk::<T>::new(parts).into_boxed_stream());
        let walk = ItemSource::Call { call, make: |_, page| Ok(page), error };
        Pages { pages: PageStream { walk }, page: Vec::new().into_iter() }
    }
}

/// A stream over the pages of a list, each with its items.
///
/// ```
/// use perennial::stream::PageStream;
/// use perennial::{Pages, Result};
///
/// async fn longest(orders: Pages<u64>) -> Result<usize> {
///     let (mut pages, mut longest): (PageStream<u64>, _) = (orders.pages(), 0);
///     while let Some(page) = pages.next().await {
///         longest = longest.max(page?.len());
///     }
///     Ok(longest)
/// }
/// ```
#[must_use = "streams do nothing until they are polled"]
pub struct PageStream<T, E = Error> {
    walk: ItemSource<Vec<T>, Vec<T>, E>,
}

item_stream!(PageStream(walk) of Vec<T>);
