//! The effects of a step.

use super::super::{
    Admission, AfterExpiry, Ask, Expired, FlightOutcome, Launch, RefreshTrigger, Release, Released,
    Ticket, WaiterId,
};
use super::invariants::Violation;
use super::steps::Result;
use super::world::{
    Account, Call, FRESH, Futile, Kind, MOST_ATTEMPTS, Outcome, Permit, Scenario, Stage, Token,
    Verdict, World,
};

impl World {
    /// The account that the current token belongs to.
    pub(super) fn account(&mut self) -> &mut Account {
        let owner = self.token.map_or(0, |token| token.owner);
        &mut self.accounts[usize::from(owner)]
    }

    pub(super) fn start(&mut self, call: u8, scenario: &Scenario) -> Result {
        let bound = self.gate.gate.binding();
        let era = self.token.is_some() || self.lost;
        let era = era.then_some(self.era);
        let state = &mut self.calls[usize::from(call)];
        state.stage = Stage::Asks;
        (state.bound, state.era) = (bound, era);
        if scenario.lingers { Ok(()) } else { self.ask(call, scenario) }
    }

    pub(super) fn ask(&mut self, call: u8, scenario: &Scenario) -> Result {
        let kind = scenario.calls[usize::from(call)];
        let state = &self.calls[usize::from(call)];
        let (admission, launch) = if kind == Kind::Refresh {
            let (now, tokenless) = (self.now(), !scenario.signed_in);
            let (waiting, launch) = self.gate.refresh(call, now, tokenless, &scenario.limits);
            (waiting.map_or_else(Admission::Refuse, Admission::Wait), launch)
        } else {
            let ask = Ask {
                now: self.now(),
                freshness: self.clock,
                bound: state.bound,
                may_start: !state.started,
                optional: kind == Kind::Optional,
                tokenless: !scenario.signed_in,
                send_during_refresh: scenario.send_during_refresh,
            };
            self.gate.admit(call, &ask, &scenario.limits)
        };
        self.starts(call, launch, kind == Kind::Refresh, scenario)?;
        match admission {
            Admission::Send(ticket) => self.send(call, ticket, scenario),
            Admission::SendBare => {
                self.may_go_bare(call, scenario)?;
                self.finish(call, scenario)
            }
            Admission::Wait(id) => self.wait(call, id, scenario),
            Admission::Refuse(refusal) => {
                self.may_refuse(call, &refusal, scenario)?;
                self.finish(call, scenario)
            }
        }
    }

    fn starts(
        &mut self,
        call: u8,
        launch: Option<Launch>,
        asked: bool,
        scenario: &Scenario,
    ) -> Result {
        launch.map_or(Ok(()), |launch| self.launched(launch, Some(call), asked, scenario))
    }

    fn send(&mut self, call: u8, ticket: Ticket, scenario: &Scenario) -> Result {
        let token = self.may_send(call, ticket, scenario)?;
        let state = &mut self.calls[usize::from(call)];
        state.attempts += 1;
        state.stage = Stage::OnWire(ticket, token);
        (state.bound, state.era) = (Some(ticket.epoch), Some(self.era));
        Ok(())
    }

    /// A call that waits is bound from then on to the epoch in which it waits.
    fn wait(&mut self, call: u8, id: WaiterId, scenario: &Scenario) -> Result {
        let epoch = self.gate.gate.ticket().epoch;
        self.waiting.push(call);
        let state = &mut self.calls[usize::from(call)];
        state.stage = Stage::Waits(id);
        state.bound.get_or_insert(epoch);
        state.era.get_or_insert(self.era);
        if self.gate.returns_permit() { self.end_permit(call, scenario) } else { Ok(()) }
    }

    pub(super) fn serve(&mut self, call: u8, scenario: &Scenario) -> Result {
        let Stage::OnWire(ticket, token) = self.calls[usize::from(call)].stage else {
            return Ok(());
        };
        let is_forbidden = scenario.calls[usize::from(call)] == Kind::Forbidden;
        let verdict = if self.accounts[usize::from(token.owner)].revoked {
            Verdict::Revoked
        } else if self.is_valid(token) && !is_forbidden {
            Verdict::Accepted
        } else {
            Verdict::Expired
        };
        let state = &mut self.calls[usize::from(call)];
        state.stage = Stage::Answered(ticket, token, verdict);
        // A success that changes nothing may as well arrive at once, since it leads to no other state.
        let matters =
            state.permit.is_some() || !self.futile.is_empty() || !self.unhelped.is_empty();
        if verdict == Verdict::Accepted && !matters { self.receive(call, scenario) } else { Ok(()) }
    }

    pub(super) fn receive(&mut self, call: u8, scenario: &Scenario) -> Result {
        // If the permit of a call was reclaimed after it was sent, it continues without the permit.
        self.polled(call)?;
        let Stage::Answered(ticket, token, verdict) = self.calls[usize::from(call)].stage else {
            return Ok(());
        };
        match verdict {
            Verdict::Accepted => {
                let kind = scenario.calls[usize::from(call)];
                self.gate.gate.accepted(ticket, kind as usize);
                self.unhelped.retain(|(other, ..)| *other != kind);
                self.futile.retain(|futile| {
                    futile.token.owner != token.owner || futile.token.serial > token.serial
                });
                self.finish(call, scenario)
            }
            Verdict::Revoked => {
                if let Some(released) = self.gate.revoked(ticket, 0) {
                    self.lose()?;
                    self.wake(released, true, scenario)?;
                }
                self.finish(call, scenario)
            }
            Verdict::Expired => self.expired(call, ticket, token, scenario),
        }
    }

    fn expired(&mut self, call: u8, ticket: Ticket, token: Token, scenario: &Scenario) -> Result {
        let state = &self.calls[usize::from(call)];
        let kind = scenario.calls[usize::from(call)];
        let expired = Expired {
            now: self.now(),
            ticket,
            endpoint: kind as usize,
            replays: kind != Kind::Once && state.attempts < MOST_ATTEMPTS,
            may_start: !state.started,
            was_replayed: state.attempts > 1,
        };
        let told = self.token == Some(token);
        if told && expired.was_replayed {
            self.unhelped.retain(|(other, ..)| *other != kind);
            self.unhelped.push((kind, token, self.tick));
        }
        let unhelped = told && self.is_unhelped(kind);
        let blocked = self.cooldown == Some(self.tick) || self.is_excessive(scenario);
        let (after, launch) = self.gate.expired(call, &expired, &scenario.limits);
        let starts = expired.may_start && !unhelped && (expired.replays || !blocked);
        let marks = self.flies(ticket).is_some() || starts;
        self.known_expired |= told && marks;
        self.must_help(call, launch.is_some(), unhelped)?;
        self.starts(call, launch, false, scenario)?;
        match after {
            Ok(AfterExpiry::Replay) => {
                self.calls[usize::from(call)].stage = Stage::Asks;
                self.may_replay(call, token, scenario)
            }
            Ok(AfterExpiry::Wait(id)) => {
                self.may_replay(call, token, scenario)?;
                self.wait(call, id, scenario)
            }
            Ok(AfterExpiry::GiveUp) => {
                self.may_give_up(call, expired.replays && !unhelped, scenario)?;
                self.finish(call, scenario)
            }
            Err(refusal) => {
                self.may_refuse(call, &refusal, scenario)?;
                self.finish(call, scenario)
            }
        }
    }

    pub(super) fn cancel(&mut self, call: u8, scenario: &Scenario) -> Result {
        self.allowance.cancels -= 1;
        if let Stage::Waits(id) = self.calls[usize::from(call)].stage {
            self.gate.cancel(id);
            self.waiting.retain(|waiting| *waiting != call);
        }
        self.finish(call, scenario)
    }

    /// Calls that have ended are equal, however they ended.
    pub(super) fn finish(&mut self, call: u8, scenario: &Scenario) -> Result {
        self.end_permit(call, scenario)?;
        self.calls[usize::from(call)] = Call { stage: Stage::Over, ..FRESH };
        Ok(())
    }

    fn end_permit(&mut self, call: u8, scenario: &Scenario) -> Result {
        if let Some(permit) = self.calls[usize::from(call)].permit.take() {
            let waiters = self.gate.permit_returned(self.now(), permit.id, &scenario.limits);
            self.wake(Released { waiters, release: Release::Proceed }, false, scenario)?;
        }
        Ok(())
    }

    /// A released call is polled. If its permit was reclaimed, it takes another, or waits for one.
    pub(super) fn poll(&mut self, call: u8, scenario: &Scenario) -> Result {
        let state = &mut self.calls[usize::from(call)];
        state.stage = Stage::Asks;
        if self.polled(call)? {
            return Ok(());
        }
        let taken = self.gate.take_permit(call, &scenario.limits);
        self.may_take_permit(call, taken.is_ok(), scenario)?;
        let state = &mut self.calls[usize::from(call)];
        match taken {
            Ok(id) => state.permit = Some(Permit { id, idle: None, reclaimed: false }),
            Err(id) => {
                (state.stage, state.ready, state.permit) = (Stage::Waits(id), true, None);
                self.waiting.push(call);
            }
        }
        Ok(())
    }

    /// Polls a call. `false` if its permit was reclaimed.
    fn polled(&mut self, call: u8) -> Result<bool> {
        let Some(permit) = &mut self.calls[usize::from(call)].permit else { return Ok(true) };
        permit.idle = None;
        let permit = *permit;
        let holds = self.gate.permit_polled(permit.id);
        self.must_hold(call, holds, !permit.reclaimed)?;
        Ok(holds)
    }

    pub(super) fn stall(&mut self, call: u8) {
        self.allowance.stalls -= 1;
        let (now, tick) = (self.now(), self.tick);
        if let Some(permit) = &mut self.calls[usize::from(call)].permit {
            permit.idle.get_or_insert(tick);
            self.gate.gate.permit_woken(now, permit.id);
        }
    }

    pub(super) fn reclaim(&mut self, scenario: &Scenario) -> Result {
        self.allowance.reclaims -= 1;
        let tick = self.tick;
        for permit in self.calls.iter_mut().filter_map(|call| call.permit.as_mut()) {
            permit.reclaimed |= permit.idle.is_some_and(|idle| idle < tick);
        }
        let waiters = self.gate.reclaim_permits(self.now(), &scenario.limits);
        self.wake(Released { waiters, release: Release::Proceed }, false, scenario)
    }

    pub(super) fn renew(&mut self, at: usize) -> Result {
        let presents = self.flights[at].presents;
        let owner = presents.map_or(0, |token| token.owner);
        let account = &mut self.accounts[usize::from(owner)];
        let outcome = if account.revoked {
            Outcome::Permanent
        } else {
            if presents.is_some_and(|token| token.serial != account.serial) {
                return Err(Violation::new("a refresh token is presented twice"));
            }
            account.serial += 1;
            account.expired = false;
            Outcome::Renewed(Token { owner, serial: account.serial })
        };
        self.flights[at].outcome = Some(outcome);
        Ok(())
    }

    pub(super) fn fail(&mut self, at: usize, outcome: Outcome) {
        match outcome {
            Outcome::Transient => self.allowance.transients -= 1,
            Outcome::Rejected => self.allowance.rejections -= 1,
            _ => self.allowance.permanents -= 1,
        }
        self.flights[at].outcome = Some(outcome);
    }

    pub(super) fn abort(&mut self, at: usize, scenario: &Scenario) -> Result {
        self.allowance.abortions -= 1;
        self.complete_flight(at, None, scenario)
    }

    pub(super) fn complete(&mut self, at: usize, scenario: &Scenario) -> Result {
        let outcome = self.flights[at].outcome;
        self.complete_flight(at, outcome, scenario)
    }

    fn complete_flight(
        &mut self,
        at: usize,
        outcome: Option<Outcome>,
        scenario: &Scenario,
    ) -> Result {
        let flight = self.flights.remove(at);
        let error = u64::from(flight.launch.flight);
        let flight_outcome = match outcome {
            Some(Outcome::Renewed(_)) => FlightOutcome::Renewed,
            Some(Outcome::Transient) => FlightOutcome::Transient { error, retry_after: None },
            Some(Outcome::Rejected) => FlightOutcome::Rejected { error, retry_after: None },
            Some(Outcome::Permanent) => FlightOutcome::Permanent { error },
            None => FlightOutcome::Aborted,
        };
        let before = self.gate.gate.clone();
        let completion =
            self.gate.complete(self.now(), &flight.launch, flight_outcome, &scenario.limits);
        if !self.must_count(&flight, completion.counted, &before)? {
            return self.wake(completion.released, false, scenario);
        }
        let expires_again = std::mem::take(&mut self.expires_again);
        let mut lost = false;
        match outcome {
            Some(Outcome::Renewed(token)) => {
                self.install(token);
                self.known_expired = expires_again;
                if flight.launch.trigger != RefreshTrigger::Ahead {
                    self.futile.push(Futile { tick: self.tick, token });
                }
            }
            Some(Outcome::Transient) => self.cooldown = Some(self.tick),
            Some(Outcome::Rejected) => {
                self.cooldown = Some(self.tick);
                self.rejections += 1;
                lost = scenario
                    .limits
                    .rejections
                    .is_some_and(|most| u32::from(self.rejections) >= most);
            }
            Some(Outcome::Permanent) => lost = true,
            None => {}
        }
        self.must_be_lost(completion.lost, lost)?;
        if lost {
            self.lose()?;
        }
        self.wake_after(completion.released, &flight, outcome, scenario)
    }

    pub(super) fn demand(&mut self) {
        self.allowance.demands -= 1;
        self.known_expired = true;
        self.expires_again = self.flies(self.gate.gate.ticket()).is_some();
        self.gate.expire();
    }

    pub(super) fn ahead(&mut self, scenario: &Scenario) -> Result {
        self.allowance.aheads -= 1;
        match self.gate.refresh_ahead(self.now(), &scenario.limits) {
            Some(launch) => self.launched(launch, None, true, scenario),
            None => Ok(()),
        }
    }

    pub(super) fn login(&mut self, scenario: &Scenario) -> Result {
        self.allowance.logins -= 1;
        let released = self.gate.login();
        self.end_era();
        self.token = Some(Token { owner: 1, serial: self.accounts[1].serial });
        self.wake(released, true, scenario)
    }

    pub(super) fn logout(&mut self, scenario: &Scenario) -> Result {
        self.allowance.logouts -= 1;
        let released = self.gate.logout();
        self.end_era();
        self.wake(released, true, scenario)
    }

    pub(super) fn adopt(&mut self) -> Result {
        self.allowance.adoptions -= 1;
        let flies = self.flies(self.gate.gate.ticket()).is_some();
        let adopted = self.gate.gate.adopt();
        self.must_adopt(adopted, !flies)?;
        if let Some(old) = self.token.filter(|_| adopted) {
            let account = self.account();
            account.serial += 1;
            account.expired = false;
            let serial = account.serial;
            self.install(Token { serial, ..old });
            self.futile.clear();
            self.unhelped.clear();
        }
        Ok(())
    }
}
