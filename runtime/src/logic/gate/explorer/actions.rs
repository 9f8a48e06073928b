//! What follows from a step.

use super::super::{
    Admission, AfterExpiry, Ask, FlightOutcome, Release, Released, Ticket, Trigger,
};
use super::invariants::Violation;
use super::steps::Result;
use super::world::{
    Account, Call, FRESH, Futile, Kind, MOST_ATTEMPTS, Outcome, Scene, Stage, Token, Verdict, World,
};

impl World {
    /// The account whose token is the present one.
    pub(super) fn account(&mut self) -> &mut Account {
        let owner = self.token.map_or(0, |token| token.owner);
        &mut self.accounts[usize::from(owner)]
    }

    pub(super) fn start(&mut self, call: u8, scene: &Scene) -> Result {
        let bound = self.gate.gate.binding();
        let era = self.token.is_some() || self.lost;
        let era = era.then_some(self.era);
        let state = &mut self.calls[usize::from(call)];
        state.stage = Stage::Asks;
        (state.bound, state.era) = (bound, era);
        if scene.lingers { Ok(()) } else { self.ask(call, scene) }
    }

    pub(super) fn ask(&mut self, call: u8, scene: &Scene) -> Result {
        let kind = scene.calls[usize::from(call)];
        let state = &self.calls[usize::from(call)];
        let admission = if kind == Kind::Refresh {
            self.gate.refresh(self.now(), Trigger::Asked, !scene.signed_in, &scene.limits)
        } else {
            let ask = Ask {
                now: self.now(),
                freshness: self.clock,
                bound: state.bound,
                may_start: !state.started,
                optional: kind == Kind::Optional,
                tokenless: !scene.signed_in,
                send_during_refresh: scene.send_during_refresh,
            };
            self.gate.admit(&ask, &scene.limits)
        };
        match admission {
            Admission::Send(ticket) => self.send(call, ticket, scene),
            Admission::Bare => {
                self.may_go_bare(call, scene)?;
                self.finish(call, scene)
            }
            Admission::Hold(launch) => {
                if let Some(launch) = launch {
                    self.launched(launch, Some(call), kind == Kind::Refresh, scene)?;
                }
                self.hold(call, scene)
            }
            Admission::Refuse(refusal) => {
                self.may_refuse(call, &refusal, scene)?;
                self.finish(call, scene)
            }
        }
    }

    fn send(&mut self, call: u8, ticket: Ticket, scene: &Scene) -> Result {
        let token = self.may_send(call, ticket, scene)?;
        let state = &mut self.calls[usize::from(call)];
        state.attempts += 1;
        state.stage = Stage::OnWire(ticket, token);
        (state.bound, state.era) = (Some(ticket.epoch), Some(self.era));
        Ok(())
    }

    /// A call that waits is bound from then on to the epoch in which it does.
    fn hold(&mut self, call: u8, scene: &Scene) -> Result {
        match self.gate.hold(call, &scene.limits) {
            Ok(place) => {
                let epoch = self.gate.gate.ticket().epoch;
                self.waiting.push(call);
                let state = &mut self.calls[usize::from(call)];
                state.stage = Stage::Waits(place);
                state.bound.get_or_insert(epoch);
                state.era.get_or_insert(self.era);
                if self.gate.gives_turn_back() { self.end_turn(call, scene) } else { Ok(()) }
            }
            Err(_) => {
                self.must_be_full(scene)?;
                self.finish(call, scene)
            }
        }
    }

    pub(super) fn serve(&mut self, call: u8, scene: &Scene) -> Result {
        let Stage::OnWire(ticket, token) = self.calls[usize::from(call)].stage else {
            return Ok(());
        };
        let verdict = if self.accounts[usize::from(token.owner)].revoked {
            Verdict::Revoked
        } else if self.is_valid(token) {
            Verdict::Accepted
        } else {
            Verdict::Expired
        };
        let state = &mut self.calls[usize::from(call)];
        state.stage = Stage::Answered(ticket, token, verdict);
        // A good response that changes nothing may as well arrive at once: it makes no other state.
        let matters = state.permit || !self.futile.is_empty();
        if verdict == Verdict::Accepted && !matters { self.receive(call, scene) } else { Ok(()) }
    }

    pub(super) fn receive(&mut self, call: u8, scene: &Scene) -> Result {
        let Stage::Answered(ticket, token, verdict) = self.calls[usize::from(call)].stage else {
            return Ok(());
        };
        match verdict {
            Verdict::Accepted => {
                self.gate.gate.accepted(ticket);
                self.futile.retain(|futile| {
                    futile.token.owner != token.owner || futile.token.serial > token.serial
                });
                self.finish(call, scene)
            }
            Verdict::Revoked => {
                if let Some(released) = self.gate.revoked(ticket, 0) {
                    self.lose()?;
                    self.wake(released, true, scene)?;
                }
                self.finish(call, scene)
            }
            Verdict::Expired => self.expired(call, ticket, token, scene),
        }
    }

    fn expired(&mut self, call: u8, ticket: Ticket, token: Token, scene: &Scene) -> Result {
        let state = &self.calls[usize::from(call)];
        let kind = scene.calls[usize::from(call)];
        let replays = kind != Kind::Once && state.attempts < MOST_ATTEMPTS;
        let may_start = !state.started;
        let told = self.token == Some(token);
        let blocked = self.rests == Some(self.tick) || self.is_excessive(scene);
        let after = self.gate.expired(self.now(), ticket, replays, may_start, &scene.limits);
        let marks = self.flies(ticket).is_some() || (may_start && (replays || !blocked));
        self.told_over |= told && marks;
        match after {
            AfterExpiry::Replay => {
                self.calls[usize::from(call)].stage = Stage::Asks;
                self.may_repeat(call, token, scene)
            }
            AfterExpiry::Hold(launch) => {
                if let Some(launch) = launch {
                    self.launched(launch, Some(call), false, scene)?;
                }
                self.may_repeat(call, token, scene)?;
                self.hold(call, scene)
            }
            AfterExpiry::GiveUp(launch) => {
                if let Some(launch) = launch {
                    self.launched(launch, Some(call), false, scene)?;
                }
                self.may_give_up(call, replays, scene)?;
                self.finish(call, scene)
            }
            AfterExpiry::Refuse(refusal) => {
                self.may_refuse(call, &refusal, scene)?;
                self.finish(call, scene)
            }
        }
    }

    pub(super) fn cancel(&mut self, call: u8, scene: &Scene) -> Result {
        self.purse.cancels -= 1;
        if let Stage::Waits(place) = self.calls[usize::from(call)].stage {
            self.gate.cancel(place);
            self.waiting.retain(|waiting| *waiting != call);
        }
        self.finish(call, scene)
    }

    /// What is over is the same, however it came to it.
    pub(super) fn finish(&mut self, call: u8, scene: &Scene) -> Result {
        self.end_turn(call, scene)?;
        self.calls[usize::from(call)] = Call { stage: Stage::Over, ..FRESH };
        Ok(())
    }

    fn end_turn(&mut self, call: u8, scene: &Scene) -> Result {
        if std::mem::take(&mut self.calls[usize::from(call)].permit) {
            let waiters = self.gate.permit_returned(&scene.limits);
            self.wake(Released { waiters, word: Release::Go }, false, scene)?;
        }
        Ok(())
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
            Outcome::Transient => self.purse.transients -= 1,
            Outcome::Rejected => self.purse.rejections -= 1,
            _ => self.purse.permanents -= 1,
        }
        self.flights[at].outcome = Some(outcome);
    }

    pub(super) fn vanish(&mut self, at: usize, scene: &Scene) -> Result {
        self.purse.vanishings -= 1;
        self.complete_flight(at, None, scene)
    }

    pub(super) fn land(&mut self, at: usize, scene: &Scene) -> Result {
        let outcome = self.flights[at].outcome;
        self.complete_flight(at, outcome, scene)
    }

    fn complete_flight(&mut self, at: usize, outcome: Option<Outcome>, scene: &Scene) -> Result {
        let flight = self.flights.remove(at);
        let error = u64::from(flight.launch.flight);
        let outcome_of_flight = match outcome {
            Some(Outcome::Renewed(_)) => FlightOutcome::Renewed,
            Some(Outcome::Transient) => FlightOutcome::Transient { error, retry_after: None },
            Some(Outcome::Rejected) => FlightOutcome::Rejected { error },
            Some(Outcome::Permanent) => FlightOutcome::Permanent { error },
            None => FlightOutcome::Aborted,
        };
        let before = self.gate.gate.clone();
        let landed = self.gate.land(self.now(), &flight.launch, outcome_of_flight, &scene.limits);
        if !self.must_count(&flight, landed.taken, &before)? {
            return self.wake(landed.released, false, scene);
        }
        let mut lost = false;
        match outcome {
            Some(Outcome::Renewed(token)) => {
                self.install(token);
                if flight.launch.trigger != Trigger::Ahead {
                    self.futile.push(Futile { tick: self.tick, token });
                }
            }
            Some(Outcome::Transient) => self.rests = Some(self.tick),
            Some(Outcome::Rejected) => {
                self.rests = Some(self.tick);
                self.rejections += 1;
                lost = u32::from(self.rejections) >= scene.limits.rejections;
            }
            Some(Outcome::Permanent) => lost = true,
            None => {}
        }
        self.must_be_lost(landed.lost, lost)?;
        if lost {
            self.lose()?;
        }
        self.wake_after(landed.released, &flight, outcome, scene)
    }

    pub(super) fn ahead(&mut self, scene: &Scene) -> Result {
        self.purse.aheads -= 1;
        match self.gate.refresh(self.now(), Trigger::Ahead, false, &scene.limits) {
            Admission::Hold(Some(launch)) => self.launched(launch, None, true, scene),
            _ => Ok(()),
        }
    }

    pub(super) fn login(&mut self, scene: &Scene) -> Result {
        self.purse.logins -= 1;
        let released = self.gate.login();
        self.end_era();
        self.token = Some(Token { owner: 1, serial: self.accounts[1].serial });
        self.wake(released, true, scene)
    }

    pub(super) fn logout(&mut self, scene: &Scene) -> Result {
        self.purse.logouts -= 1;
        let released = self.gate.logout();
        self.end_era();
        self.wake(released, true, scene)
    }

    pub(super) fn adopt(&mut self) -> Result {
        self.purse.adoptions -= 1;
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
        }
        Ok(())
    }
}
