//! First in, first out, with cancellation from the middle and an exact count.

use std::collections::VecDeque;

use super::WaiterId;

/// Places are given in ascending order, so that one is found by bisection; a cancelled one leaves an
/// empty seat until it comes to the front.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Queue<W> {
    seats: VecDeque<(WaiterId, Option<W>)>,
    taken: usize,
}

impl<W> Queue<W> {
    pub(super) const fn new() -> Self {
        Self { seats: VecDeque::new(), taken: 0 }
    }

    pub(super) const fn len(&self) -> usize {
        self.taken
    }

    /// `place` is higher than all before it.
    pub(super) fn push(&mut self, place: WaiterId, waiter: W) {
        self.seats.push_back((place, Some(waiter)));
        self.taken += 1;
    }

    pub(super) fn remove(&mut self, place: WaiterId) -> bool {
        let Ok(seat) = self.seats.binary_search_by_key(&place, |(place, _)| *place) else {
            return false;
        };
        let removed = self.seats[seat].1.take().is_some();
        self.taken -= usize::from(removed);
        while self.seats.front().is_some_and(|(_, waiter)| waiter.is_none()) {
            self.seats.pop_front();
        }
        removed
    }

    pub(super) fn pop(&mut self) -> Option<W> {
        while let Some((_, waiter)) = self.seats.pop_front() {
            if waiter.is_some() {
                self.taken -= 1;
                return waiter;
            }
        }
        None
    }

    pub(super) fn take_all(&mut self) -> Vec<W> {
        self.taken = 0;
        self.seats.drain(..).filter_map(|(_, waiter)| waiter).collect()
    }

    /// Moves all of `other` behind the last of this one.
    pub(super) fn append(&mut self, other: &mut Self) {
        self.seats.append(&mut other.seats);
        self.taken += std::mem::take(&mut other.taken);
    }
}
