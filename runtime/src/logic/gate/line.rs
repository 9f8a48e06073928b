//! The line of those who wait, and the permits of those who were let go.

use super::{Gate, Limits, WaiterId};

impl<W, E: Clone> Gate<W, E> {
    /// Puts a call into the queue; gives it back if the queue is full. A call that has a permit ends it
    /// when it waits again: it would wait for itself otherwise.
    pub(crate) fn hold(&mut self, waiter: W, limits: &Limits) -> Result<WaiterId, W> {
        if self.held() >= limits.queue {
            return Err(waiter);
        }
        let place = self.next_waiter;
        self.next_waiter += 1;
        self.traffic().queue.push(place, waiter);
        Ok(place)
    }

    /// Takes a call that does not wait any more out of the queue.
    pub(crate) fn cancel(&mut self, place: WaiterId) {
        if let Some(traffic) = &mut self.traffic
            && !traffic.queue.remove(place)
        {
            traffic.ready.remove(place);
        }
        self.tidy();
    }

    /// Ends the permit of a released call, and says who is next.
    pub(crate) fn permit_returned(&mut self, limits: &Limits) -> Vec<W> {
        if let Some(traffic) = &mut self.traffic {
            traffic.permits = traffic.permits.saturating_sub(1);
        }
        let next = self.take_ready(limits);
        self.tidy();
        next
    }

    /// How many calls wait.
    pub(crate) fn held(&self) -> usize {
        self.traffic.as_ref().map_or(0, |traffic| traffic.queue.len() + traffic.ready.len())
    }

    pub(super) fn drain(&mut self) -> Vec<W> {
        let Some(traffic) = &mut self.traffic else {
            return Vec::new();
        };
        let mut waiters = traffic.ready.take_all();
        waiters.extend(traffic.queue.take_all());
        waiters
    }

    pub(super) fn release(&mut self, limits: &Limits) -> Vec<W> {
        let Some(traffic) = &mut self.traffic else {
            return Vec::new();
        };
        if limits.permits == usize::MAX && traffic.ready.len() == 0 {
            return traffic.queue.take_all();
        }
        traffic.ready.append(&mut traffic.queue);
        self.take_ready(limits)
    }

    pub(super) fn take_ready(&mut self, limits: &Limits) -> Vec<W> {
        let Some(traffic) = &mut self.traffic else {
            return Vec::new();
        };
        let mut taken = Vec::new();
        while traffic.permits < limits.permits
            && let Some(waiter) = traffic.ready.pop()
        {
            traffic.permits += 1;
            taken.push(waiter);
        }
        taken
    }
}
