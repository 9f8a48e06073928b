//! The invariants of every state and every step.

use super::super::{Freshness, Launch, RefreshTrigger, Refusal, Release, Released, Ticket};
use super::mutants::Plain;
use super::steps::Result;
use super::world::{Flight, Kind, MOST_ATTEMPTS, Outcome, Permit, Scenario, Stage, Token, World};

/// An invariant that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Violation(pub(super) String);

impl Violation {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

fn require(holds: bool, otherwise: impl FnOnce() -> String) -> Result {
    if holds { Ok(()) } else { Err(Violation(otherwise())) }
}

impl World {
    /// The invariants that hold between any two steps.
    pub(super) fn check(&self, scenario: &Scenario) -> Result {
        let gate = &self.gate.gate;
        let flight = gate.flight();
        let permits = self.calls.iter().filter(|call| call.holds_permit());
        let sending = permits.clone().filter(|call| !matches!(call.stage, Stage::Waits(_))).count();
        let ready = self.ready().count();
        require(ready == self.waiting.len() || flight.is_some(), || {
            format!("calls {:?} wait for nobody", self.waiting)
        })?;
        require(ready == 0 || sending >= scenario.limits.permits, || {
            format!("calls {:?} wait for a permit, and one is free", self.waiting)
        })?;
        require(gate.waiting() == self.waiting.len(), || {
            format!("the gate counts {} waiting calls, but {:?} wait", gate.waiting(), self.waiting)
        })?;
        let in_the_air = |launch: &Launch| self.flights.iter().any(|there| there.launch == *launch);
        require(flight.is_none_or(in_the_air), || {
            "the gate waits for a flight that is not in the air".into()
        })?;
        let permits = permits.count();
        require(permits <= scenario.limits.permits, || format!("{permits} calls have a permit"))?;
        require(gate.waiting() <= scenario.limits.queue, || {
            "the queue is beyond its bound".into()
        })?;
        require(gate.is_lost() == self.lost, || "the gate is wrong about the loss".into())?;
        require(gate.is_signed_in() == self.token.is_some(), || {
            format!("signed in: {}, with the token {:?}", gate.is_signed_in(), self.token)
        })
    }

    pub(super) fn may_send(&self, call: u8, ticket: Ticket, scenario: &Scenario) -> Result<Token> {
        let state = &self.calls[usize::from(call)];
        let Some(token) = self.token else {
            return Err(Violation(format!("call {call} sends though nobody is signed in")));
        };
        require(state.era.is_none_or(|era| era == self.era), || {
            format!("call {call} of one user goes out with the token of another")
        })?;
        require(ticket == self.gate.gate.ticket(), || {
            format!("call {call} sends with a ticket of another token")
        })?;
        if let Some(flight) = self.flies(ticket) {
            let goes_on =
                flight.launch.trigger == RefreshTrigger::Ahead || scenario.send_during_refresh;
            require(goes_on && !self.known_expired, || {
                format!("call {call} sends while its token is renewed")
            })?;
        }
        require(state.started || !self.known_expired, || {
            format!("call {call} sends a token that it knows to have expired")
        })?;
        require(state.started || self.clock != Freshness::Expired, || {
            format!("call {call} sends a token that is past its expiry")
        })?;
        require(state.attempts < MOST_ATTEMPTS, || format!("call {call} is sent too often"))?;
        Ok(token)
    }

    pub(super) fn may_go_bare(&self, call: u8, scenario: &Scenario) -> Result {
        let optional = scenario.calls[usize::from(call)] == Kind::Optional;
        require(optional && self.token.is_none(), || format!("call {call} goes without a token"))
    }

    pub(super) fn may_replay(&self, call: u8, token: Token, scenario: &Scenario) -> Result {
        let once = scenario.calls[usize::from(call)] == Kind::Once;
        require(!once, || format!("call {call} is replayed though it cannot be"))?;
        require(self.token.is_some_and(|now| now.owner == token.owner), || {
            format!("call {call} of one user is replayed for another")
        })
    }

    pub(super) fn may_give_up(&self, call: u8, replays: bool, scenario: &Scenario) -> Result {
        let started = self.calls[usize::from(call)].started;
        require(!scenario.all_succeed && (started || !replays), || {
            format!("call {call} gives up without a reason")
        })
    }

    pub(super) fn may_refuse(&self, call: u8, why: &Refusal<u64>, scenario: &Scenario) -> Result {
        let era = self.calls[usize::from(call)].era;
        let has_reason = match why {
            Refusal::SignedOut => self.token.is_none() && !self.lost,
            Refusal::SessionChanged => era.is_some_and(|era| era != self.era),
            Refusal::Lost(_) => self.lost,
            Refusal::CoolingDown(_) => self.cooldown == Some(self.tick),
            Refusal::Excessive => self.is_excessive(scenario),
            Refusal::QueueFull => self.waiting.len() >= scenario.limits.queue,
        };
        require(has_reason && !scenario.all_succeed, || {
            format!("call {call} is refused without a reason: {why:?}")
        })
    }

    pub(super) fn is_excessive(&self, scenario: &Scenario) -> bool {
        self.futile_now(scenario) >= scenario.limits.window.refreshes as usize
    }

    /// Checks the start of a refresh, and adds it to those in flight.
    pub(super) fn launched(
        &mut self,
        launch: Launch,
        starter: Option<u8>,
        asked: bool,
        scenario: &Scenario,
    ) -> Result {
        require(self.flies(launch.ticket).is_none(), || "two refreshes for one token".into())?;
        require(launch.ticket == self.gate.gate.ticket(), || {
            "a refresh for a token that is not the present one".into()
        })?;
        require(!self.lost, || "a refresh for a session that has ended".into())?;
        let first = self.token.is_none() && !scenario.signed_in;
        let expired = self.known_expired || self.clock != Freshness::Fresh;
        require(asked || first || expired, || "a refresh without a reason".into())?;
        require(self.cooldown != Some(self.tick), || {
            "a refresh right after one that has failed".into()
        })?;
        require(!self.is_excessive(scenario), || "a refresh after too many futile ones".into())?;
        if let Some(call) = starter {
            let started = std::mem::replace(&mut self.calls[usize::from(call)].started, true);
            require(!started, || format!("call {call} starts a second refresh"))?;
        }
        self.flights.push(Flight { launch, era: self.era, presents: self.token, outcome: None });
        Ok(())
    }

    pub(super) fn is_unhelped(&self, kind: Kind) -> bool {
        self.unhelped.iter().any(|(other, token, tick)| {
            *other == kind && self.token == Some(*token) && self.tick == *tick
        })
    }

    pub(super) fn must_help(&self, call: u8, starts: bool, unhelped: bool) -> Result {
        require(!(starts && unhelped), || {
            format!("call {call} starts a refresh that has not helped its endpoint")
        })
    }

    /// A permit is taken exactly if one is free, and no other call waits for one.
    pub(super) fn may_take_permit(&self, call: u8, taken: bool, scenario: &Scenario) -> Result {
        let held = self.calls.iter().filter(|call| call.holds_permit()).count();
        let free = held < scenario.limits.permits && self.ready().next().is_none();
        require(taken == free, || format!("call {call} takes a permit: {taken}, free: {free}"))
    }

    pub(super) fn must_hold(&self, call: u8, told: bool, is: bool) -> Result {
        require(told == is, || {
            format!("call {call} is told that it has its permit: {told}, and it has: {is}")
        })
    }

    /// Whether a flight that has ended belongs to the current era.
    pub(super) fn must_count(
        &self,
        flight: &Flight,
        counted: bool,
        before: &Plain,
    ) -> Result<bool> {
        let counts = flight.era == self.era && !self.lost;
        require(counts || !counted, || "a late outcome counts".into())?;
        require(!counts || counted, || "an outcome does not count".into())?;
        require(counts || self.gate.gate == *before, || "a late outcome changes something".into())?;
        Ok(counts)
    }

    pub(super) fn must_be_lost(&self, told: bool, is: bool) -> Result {
        require(told == is, || {
            format!("reported that the session has ended: {told}, but it has: {is}")
        })
    }

    pub(super) fn must_adopt(&self, adopted: bool, can: bool) -> Result {
        require(adopted == can, || format!("a token was adopted: {adopted}, but it can be: {can}"))
    }

    pub(super) fn lose(&mut self) -> Result {
        require(!self.lost, || "the session ends a second time".into())?;
        let era = self.era;
        self.end_era();
        (self.era, self.lost) = (era, true);
        Ok(())
    }

    /// Checks how the waiting calls are released after an outcome, and wakes them.
    pub(super) fn wake_after(
        &mut self,
        released: Released<u8, u64>,
        flight: &Flight,
        outcome: Option<Outcome>,
        scenario: &Scenario,
    ) -> Result {
        let failed = matches!(outcome, Some(Outcome::Transient | Outcome::Rejected));
        let fails = self.lost || failed && (self.known_expired || self.token.is_none());
        let release =
            if fails { Release::Fail(flight.launch.flight.into()) } else { Release::Proceed };
        require(released.release == release, || {
            format!("the waiting calls get {:?}, not {release:?}", released.release)
        })?;
        if !fails {
            for call in &self.waiting {
                self.calls[usize::from(*call)].ready = true;
            }
        }
        let all = fails || scenario.limits.permits == usize::MAX;
        self.wake(released, all, scenario)
    }

    /// Ends the wait of calls. If `all` is set, no call may remain.
    pub(super) fn wake(
        &mut self,
        released: Released<u8, u64>,
        all: bool,
        scenario: &Scenario,
    ) -> Result {
        let goes = released.release == Release::Proceed;
        for (id, call) in &released.waiters {
            require(self.waiting.contains(call), || {
                format!("call {call} is released though it does not wait")
            })?;
            let ready = self.calls[usize::from(*call)].ready;
            let mut alike =
                self.waiting.iter().filter(|it| self.calls[usize::from(**it)].ready == ready);
            let first = alike.next().copied();
            require(first == Some(*call), || {
                format!("call {call} is released before call {first:?}")
            })?;
            self.waiting.retain(|waiting| waiting != call);
            let state = &mut self.calls[usize::from(*call)];
            (state.stage, state.ready) = (Stage::Asks, false);
            if goes && scenario.limits.permits != usize::MAX {
                state.permit = Some(Permit { id: *id, idle: Some(self.tick), reclaimed: false });
                state.stage = Stage::Woken;
            }
        }
        // If no permit is reclaimed, it makes no difference when a call is polled.
        let woken = released.waiters.iter().filter(|_| scenario.allowance.reclaims == 0);
        for (_, call) in woken {
            if self.calls[usize::from(*call)].stage == Stage::Woken {
                self.poll(*call, scenario)?;
            }
        }
        require(!all || self.waiting.is_empty(), || {
            format!("calls {:?} are left behind", self.waiting)
        })?;
        for (_, call) in released.waiters {
            if !goes || scenario.calls[usize::from(call)] == Kind::Refresh {
                self.finish(call, scenario)?;
            }
        }
        require(goes || !scenario.all_succeed, || "calls fail without a reason".into())
    }
}
