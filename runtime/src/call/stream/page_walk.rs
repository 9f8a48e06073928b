//! The calls that read a list page by page.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::marker::PhantomData;

use http::StatusCode;
use serde::de::DeserializeOwned;

use super::NextItem;
use crate::call::decode::{decoded, envelope_of};
use crate::call::parts::Parts;
use crate::call::sink::{Decoded, Gather, ReadMode};
use crate::logic::envelope::Opened;
use crate::logic::json;
use crate::logic::page::{self, Next, Position, Turn, is_past_the_end};
use crate::ports::response::Received;
use crate::types::endpoint::{Endpoint, Page, PageStep};
use crate::types::envelope::Envelope;
use crate::types::error::{Error, ErrorKind, Result};

/// A walk over the pages of a list. Each page is a call.
pub(super) struct PageWalk<T> {
    parts: Box<Parts>,
    /// `None` until the first page is requested.
    position: Option<Position>,
    turn: Turn,
    /// Hashes of the requests so far, to detect a list that goes in circles.
    visited: HashSet<u64>,
    /// Hashes of the items of each page in JSON, if pages are counted. The rest of a body may differ even if the
    /// page is the same.
    lists: HashSet<u64>,
    /// The last of them.
    last_list: Option<u64>,
    page: PhantomData<fn() -> T>,
}

impl<T> PageWalk<T> {
    pub(super) fn new(parts: Box<Parts>) -> Self {
        Self {
            parts,
            position: None,
            turn: Turn::End,
            visited: HashSet::new(),
            lists: HashSet::new(),
            last_list: None,
            page: PhantomData,
        }
    }

    /// Prepares the request for the next page. `false` means the end.
    fn advance(&mut self, page: &Page) -> Result<bool> {
        if self.position.is_none() {
            let started = Position::start(page, |param| self.parts.page_value(param));
            let (position, first) =
                started.map_err(|why| Error::of_kind(ErrorKind::Argument).with_message(why))?;
            self.position = Some(position);
            if let Some(first) = first {
                self.parts.turn_to(&first)?;
            }
            return Ok(true);
        }
        let (Turn::To(next) | Turn::Maybe(next)) = &self.turn else { return Ok(false) };
        self.parts.turn_to(next)?;
        let is_new = match next {
            Next::Link { .. } => self.visited.insert(hash(&self.parts.url)),
            Next::Param(_, value) => self.visited.insert(hash(value.as_str())),
        };
        if !is_new {
            return Err(no_next_page("the response names a page that was requested before"));
        }
        self.parts.begin_again();
        Ok(true)
    }
}

impl<T: DeserializeOwned + Send + 'static> NextItem for PageWalk<T> {
    type Item = Vec<T>;

    async fn next(&mut self) -> Result<Option<Vec<T>>> {
        let endpoint = self.parts.endpoint;
        let Some(page) = &endpoint.page else {
            return Err(Error::of_kind(ErrorKind::Argument)
                .with_message("expected `page(..)` on the method: it returns `Pages`")
                .with_endpoint(endpoint));
        };
        let is_first = self.position.is_none();
        if !self.advance(page).map_err(|error| error.with_endpoint(endpoint))? {
            return Ok(None);
        }
        let Some(position) = self.position.take() else { return Ok(None) };
        let last_list = self.last_list.filter(|_| is_counted(page));
        let turning =
            Turning::<T> { page, position, last_list, list: 0, items: None, turn: Turn::End };
        let Turning { position, list, items, turn, .. } =
            match self.parts.gather(ReadMode::Whole, turning).await {
                Err(error)
                    if matches!(self.turn, Turn::Maybe(_)) && is_past_the_end(error.status()) =>
                {
                    self.turn = Turn::End;
                    return Ok(None);
                }
                turned => turned?,
            };
        self.position = Some(position);
        (self.last_list, self.turn) = (Some(list), turn);
        let items = items.unwrap_or_default();
        // Empty pages may lie between others, for example if a server counts first and then filters.
        let is_new = !is_counted(page) || items.is_empty() || self.lists.insert(list);
        if !is_new && self.turn != Turn::End {
            let error = no_next_page(SAME_PAGE).with_endpoint(endpoint);
            return Err(error.with_address(|| self.parts.shown_address()));
        }
        // Counted pages are requested until there is nothing more; the final page has no items.
        let is_end = items.is_empty() && is_counted(page) && self.turn == Turn::End;
        Ok((!is_end || is_first).then_some(items))
    }
}

/// Whether the next page is requested by counting, and not by a cursor or link in the response.
const fn is_counted(page: &Page) -> bool {
    matches!(page.step, PageStep::Offset { .. } | PageStep::Number { .. })
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

const SAME_PAGE: &str = "the server sent the same page again, as if it did not know the parameter";

fn no_next_page(why: &str) -> Error {
    Error::of_kind(ErrorKind::Decode).with_message(format!("cannot find the next page: {why}"))
}

/// Whether a response without a body is accepted.
fn is_nothing(envelope: Option<&Envelope>, received: &Received) -> bool {
    let needs_code = envelope.is_some_and(|it| !it.ok_absent && it.ok_without.is_none());
    let is_silent = received.status == StatusCode::NO_CONTENT || !needs_code;
    is_silent && received.body.trim_ascii().is_empty()
}

/// Decodes one page, and finds the next.
struct Turning<T> {
    page: &'static Page,
    position: Position,
    last_list: Option<u64>,
    list: u64,
    items: Option<Vec<T>>,
    turn: Turn,
}

impl<T: DeserializeOwned + Send + 'static> Gather for Turning<T> {
    fn land<'a>(&mut self, endpoint: &'static Endpoint, received: &'a mut Received) -> Decoded<'a> {
        (self.items, self.list, self.turn) = (None, 0, Turn::End);
        let place = self.page.items;
        let envelope = envelope_of(endpoint, received);
        if self.page.may_be_absent && is_nothing(envelope, received) {
            return match self.position.turn_without_body(self.page, &received.headers) {
                Ok(turn) => {
                    self.turn = turn;
                    Decoded::Taken
                }
                Err(why) => Decoded::Broken(no_next_page(&why)),
            };
        }
        let opened = page::items(envelope, self.page, &received.body, &mut self.items);
        if matches!(opened, Opened::Taken) {
            let list = match (place, envelope) {
                ([], Some(envelope)) => envelope.data.unwrap_or_default(),
                _ => place,
            };
            let count = self.items.as_ref().map_or(0, Vec::len);
            self.list = hash(json::json_at(list, &received.body));
            let turned =
                self.position.turn(self.page, list, &received.headers, &received.body, count);
            match turned {
                Err(why) => return Decoded::Broken(no_next_page(&why)),
                Ok(turn) if turn != Turn::End && self.last_list == Some(self.list) => {
                    return Decoded::Broken(no_next_page(SAME_PAGE));
                }
                Ok(turn) => self.turn = turn,
            }
        }
        decoded(endpoint, received, opened)
    }
}
