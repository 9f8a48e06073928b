//! The queue of waiting calls, and the permits of released ones.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Gate, Limits, WaiterId};

/// A call that has a permit and is not polled for this long loses the permit to the next call.
const POLLED_WITHIN: Duration = Duration::from_millis(100);

/// First in, first out, with cancellation from the middle and an exact count.
///
/// Ids are assigned in ascending order, so an entry is found by bisection. A canceled call leaves an empty entry
/// until that reaches the front.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Queue<W> {
    entries: VecDeque<(WaiterId, Option<W>)>,
    waiting: usize,
}

impl<W> Queue<W> {
    pub(super) const fn new() -> Self {
        Self { entries: VecDeque::new(), waiting: 0 }
    }

    pub(super) const fn len(&self) -> usize {
        self.waiting
    }

    fn push(&mut self, id: WaiterId, waiter: W) {
        self.entries.push_back((id, Some(waiter)));
        self.waiting += 1;
    }

    fn remove(&mut self, id: WaiterId) -> bool {
        let Ok(at) = self.entries.binary_search_by_key(&id, |(id, _)| *id) else {
            return false;
        };
        let removed = self.entries[at].1.take().is_some();
        self.waiting -= usize::from(removed);
        while self.entries.front().is_some_and(|(_, waiter)| waiter.is_none()) {
            self.entries.pop_front();
        }
        removed
    }

    fn pop(&mut self) -> Option<(WaiterId, W)> {
        while let Some((id, waiter)) = self.entries.pop_front() {
            if let Some(waiter) = waiter {
                self.waiting -= 1;
                return Some((id, waiter));
            }
        }
        None
    }

    fn take_all(&mut self) -> Vec<(WaiterId, W)> {
        self.waiting = 0;
        self.entries
            .drain(..)
            .filter_map(|(id, waiter)| waiter.map(|waiter| (id, waiter)))
            .collect()
    }

    /// Moves all entries of `other` into this queue, in the order of their arrival.
    fn append(&mut self, other: &mut Self) {
        let last = self.entries.back().map(|(id, _)| *id);
        let is_sorted = last.is_none_or(|last| other.entries.iter().all(|(id, _)| *id > last));
        self.waiting += std::mem::take(&mut other.waiting);
        if !is_sorted {
            // Each queue is sorted. Sorting would be a large part of a page in a browser.
            let mut ahead = std::mem::take(&mut self.entries);
            while let (Some((a, _)), Some((b, _))) = (ahead.front(), other.entries.front()) {
                let next = if a < b { &mut ahead } else { &mut other.entries };
                self.entries.extend(next.pop_front());
            }
            self.entries.append(&mut ahead);
        }
        self.entries.append(&mut other.entries);
    }
}

impl<W, E: Clone> Gate<W, E> {
    /// Adds a call to the queue, if there is room. `make` is that of [`admit`](Self::admit).
    pub(super) fn enqueue<H>(
        &mut self,
        limits: &Limits,
        make: impl FnOnce() -> (WaiterId, W, H),
    ) -> Option<H> {
        if self.waiting() >= limits.queue {
            return None;
        }
        let (id, waiter, handle) = make();
        self.traffic().queue.push(id, waiter);
        Some(handle)
    }

    /// Removes a call that no longer waits from the queue.
    pub(crate) fn cancel(&mut self, id: WaiterId) {
        if let Some(traffic) = self.present_traffic_mut()
            && !traffic.queue.remove(id)
        {
            traffic.ready.remove(id);
        }
        self.tidy();
    }

    /// The number of waiting calls.
    pub(crate) fn waiting(&self) -> usize {
        self.present_traffic().map_or(0, |traffic| traffic.queue.len() + traffic.ready.len())
    }

    /// Whether released calls wait for a permit.
    pub(crate) fn has_ready(&self) -> bool {
        self.present_traffic().is_some_and(|traffic| traffic.ready.len() > 0)
    }

    /// Takes a permit for a call that is about to send again, or makes the call wait for one. The id is like those
    /// that `make` creates in [`admit`](Self::admit).
    pub(crate) fn take_permit<H>(
        &mut self,
        id: WaiterId,
        limits: &Limits,
        make: impl FnOnce() -> (W, H),
    ) -> Result<(), H> {
        let traffic = self.traffic();
        if traffic.permits.len() < limits.permits && traffic.ready.len() == 0 {
            traffic.permits.insert(id, None);
            return Ok(());
        }
        let (waiter, handle) = make();
        traffic.ready.push(id, waiter);
        Err(handle)
    }

    /// Records that the holder of a permit is being polled. `false` if its permit was passed to another call.
    pub(crate) fn permit_polled(&mut self, id: WaiterId) -> bool {
        let permit = self.present_traffic_mut().and_then(|traffic| traffic.permits.get_mut(&id));
        permit.map(|idle| *idle = None).is_some()
    }

    /// Records that the holder of a permit was woken, and is due to be polled.
    pub(crate) fn permit_woken(&mut self, now: Duration, id: WaiterId) {
        let permit = self.present_traffic_mut().and_then(|traffic| traffic.permits.get_mut(&id));
        if let Some(idle) = permit {
            idle.get_or_insert(now);
        }
    }

    /// Ends the permit of a call, and passes it to the next one.
    pub(crate) fn permit_returned(
        &mut self,
        now: Duration,
        id: WaiterId,
        limits: &Limits,
    ) -> Vec<(WaiterId, W)> {
        if let Some(traffic) = self.present_traffic_mut() {
            traffic.permits.remove(&id);
        }
        let next = self.take_ready(now, limits);
        self.tidy();
        next
    }

    /// Takes permits away from calls that were woken but are not polled, since they may never be.
    pub(crate) fn reclaim_permits(&mut self, now: Duration, limits: &Limits) -> Vec<(WaiterId, W)> {
        if let Some(traffic) = self.present_traffic_mut() {
            let is_polled =
                |idle: Duration| now.checked_sub(idle).is_none_or(|idle| idle < POLLED_WITHIN);
            traffic.permits.retain(|idle| idle.is_none_or(is_polled));
        }
        let next = self.take_ready(now, limits);
        self.tidy();
        next
    }

    pub(super) fn drain(&mut self) -> Vec<(WaiterId, W)> {
        let Some(traffic) = self.present_traffic_mut() else {
            return Vec::new();
        };
        let mut waiters = traffic.ready.take_all();
        waiters.extend(traffic.queue.take_all());
        waiters
    }

    pub(super) fn release(&mut self, now: Duration, limits: &Limits) -> Vec<(WaiterId, W)> {
        let Some(traffic) = self.present_traffic_mut() else {
            return Vec::new();
        };
        if limits.permits == usize::MAX && traffic.ready.len() == 0 {
            return traffic.queue.take_all();
        }
        traffic.ready.append(&mut traffic.queue);
        self.take_ready(now, limits)
    }

    fn take_ready(&mut self, now: Duration, limits: &Limits) -> Vec<(WaiterId, W)> {
        let Some(traffic) = self.present_traffic_mut() else {
            return Vec::new();
        };
        let mut taken = Vec::new();
        while traffic.permits.len() < limits.permits
            && let Some((id, waiter)) = traffic.ready.pop()
        {
            traffic.permits.insert(id, Some(now));
            taken.push((id, waiter));
        }
        taken
    }
}
