//! A walk over pages.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use futures_core::Stream;
use serde::de::DeserializeOwned;

use super::{ItemSource, LazyStream, NextItem};
use crate::call::Returned;
use crate::call::adjust::adjustments;
use crate::call::decode::landed;
use crate::call::execute::execute;
use crate::call::output::{Flowing, StreamItem};
use crate::call::parts::Parts;
use crate::call::sink::{Decoded, ReadMode, Sink};
use crate::logic::envelope::Opened;
use crate::logic::page::{self, Next};
use crate::ports::response::Received;
use crate::types::endpoint::{Endpoint, Page};
use crate::types::error::{Error, ErrorKind, Result};
use crate::types::tokens::Tokens;

/// A stream over all items of a list that comes in pages.
///
/// How to get from one page to the next is declared with `page(..)`. Each page is a call of its own,
/// made when its first item is asked for: it is retried as declared, its token is renewed if it is over
/// by then, and its limits in time are its own. A page that fails ends the stream.
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
///     /// The next page is named by the response.
///     #[get("/orders", page(cursor = "after", next = "meta.next", items = "orders"))]
///     fn orders(&self, #[query] limit: u32) -> Pages<Order>;
/// }
///
/// # async fn run() -> Result<()> {
/// let shop = ShopClient::builder("http://shop.example").build()?;
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

adjustments!(Pages);

impl<T, E> Pages<T, E> {
    /// What a fake of an API returns: these pages. Nothing that is adjusted about it has an effect, and a
    /// page that fails does not end it.
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

    /// The same page by page.
    pub fn pages(self) -> PageStream<T, E> {
        self.pages
    }

    /// The next item; `None` at the end.
    ///
    /// This is cancel safe: dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<T, E>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    fn parts_mut(&mut self) -> Option<&mut Parts> {
        self.pages.walk.parts_mut()
    }
}

// Nothing of it is pinned.
impl<T, E> Unpin for Pages<T, E> {}

impl<T, E> Stream for Pages<T, E> {
    type Item = Result<T, E>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(item) = this.page.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match std::task::ready!(Pin::new(&mut this.pages).poll_next(context)) {
                Some(Ok(page)) => this.page = page.into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T, E> Returned for Pages<T, E> {
    type Value = T;
    type Error = E;
    type Call = Self;
    type Way = Flowing;
}

#[diagnostic::do_not_recommend]
impl<K, T, E> StreamItem<Pages<T, E>, K> for T
where
    T: DeserializeOwned + Send + 'static,
{
    fn streamed(parts: Box<Parts>, error: fn(Error) -> E) -> Pages<T, E> {
        let call = LazyStream::new(parts, |parts| PageWalk::<T>::new(parts).into_boxed_stream());
        let walk = ItemSource::Call { call, make: Ok, error };
        Pages { pages: PageStream { walk }, page: Vec::new().into_iter() }
    }
}

impl<T, E> fmt::Debug for Pages<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pages").field(&self.pages.walk).finish()
    }
}

/// The pages of a list, each with its items.
#[must_use = "streams do nothing until they are polled"]
pub struct PageStream<T, E = Error> {
    walk: ItemSource<Vec<T>, Vec<T>, E>,
}

impl<T, E> PageStream<T, E> {
    /// The next page; `None` at the end.
    ///
    /// This is cancel safe: dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<Vec<T>, E>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

// Nothing of it is pinned.
impl<T, E> Unpin for PageStream<T, E> {}

impl<T, E> Stream for PageStream<T, E> {
    type Item = Result<Vec<T>, E>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().walk.poll(context)
    }
}

impl<T, E> fmt::Debug for PageStream<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PageStream").field(&self.walk).finish()
    }
}

struct PageWalk<T> {
    parts: Box<Parts>,
    /// How many items lie before the next page.
    passed: u64,
    /// Which page was asked for last.
    asked: Option<String>,
    next: Option<Next>,
    has_begun: bool,
    page: std::marker::PhantomData<fn() -> T>,
}

impl<T> PageWalk<T> {
    fn new(parts: Box<Parts>) -> Self {
        let declared = parts.endpoint.page.as_ref();
        let passed = declared.map_or(0, |page| page::passed_over(page, &parts.url));
        let page = std::marker::PhantomData;
        Self { parts, passed, asked: None, next: None, has_begun: false, page }
    }

    /// Turns to the next page. `false` is the end.
    fn advance(&mut self) -> Result<bool> {
        if !std::mem::replace(&mut self.has_begun, true) {
            return Ok(true);
        }
        let Some(next) = self.next.take() else { return Ok(false) };
        let asked = match next {
            Next::Query { name, value } => {
                self.parts.url = page::with_query(&self.parts.url, name, &value);
                self.parts.has_query = true;
                value
            }
            Next::Link(link) => {
                self.parts.follow_link(&link)?;
                link
            }
        };
        if self.asked.as_deref() == Some(&*asked) {
            return Err(Error::new(ErrorKind::Decode)
                .with_message("the response names the page that it is as the next one"));
        }
        self.asked = Some(asked);
        self.parts.begin_again();
        Ok(true)
    }
}

impl<T: DeserializeOwned + Send + 'static> NextItem for PageWalk<T> {
    type Item = Vec<T>;

    async fn next(&mut self) -> Result<Option<Vec<T>>> {
        let endpoint = self.parts.endpoint;
        let Some(page) = endpoint.page else {
            return Err(Error::new(ErrorKind::Argument)
                .with_message("nothing says how to get from one page to the next")
                .with_endpoint(endpoint));
        };
        if !self.advance().map_err(|error| error.with_endpoint(endpoint))? {
            return Ok(None);
        }
        let is_first = self.asked.is_none();
        let mut turned = PageSink { page, passed: self.passed, items: None, next: None };
        execute(&mut self.parts, &mut turned).await?;
        let items = turned.items.unwrap_or_default();
        self.passed += items.len() as u64;
        // A page without items is the last one, whatever it names as the next.
        let is_last = items.is_empty() && matches!(page, Page::Offset { .. });
        self.next = turned.next.filter(|_| !is_last);
        Ok((!is_last || is_first).then_some(items))
    }
}

/// The typed end of one page.
struct PageSink<T> {
    page: Page,
    passed: u64,
    items: Option<Vec<T>>,
    next: Option<Next>,
}

impl<T: DeserializeOwned + Send> Sink for PageSink<T> {
    fn reads(&self) -> ReadMode {
        ReadMode::Whole
    }

    fn land<'a>(&mut self, endpoint: &'static Endpoint, received: &'a mut Received) -> Decoded<'a> {
        let (Page::Cursor { items: place, .. }
        | Page::Offset { items: place, .. }
        | Page::Link { items: place }) = self.page;
        self.items = None;
        let opened = page::items(endpoint.envelope, place, &received.body, &mut self.items);
        if matches!(opened, Opened::Taken) {
            let came = self.passed + self.items.as_ref().map_or(0, Vec::len) as u64;
            self.next = page::next(&self.page, &received.headers, &received.body, came);
        }
        landed(endpoint, received, opened)
    }

    fn take_tokens(&mut self) -> Option<Box<Tokens>> {
        None
    }
}
