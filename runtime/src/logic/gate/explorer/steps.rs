//! The steps that are possible from a state.

use std::fmt;

use super::super::Freshness;
use super::invariants::Violation;
use super::world::{Kind, Outcome, Scenario, Stage, World};

/// One step. Calls are identified by their number, flights by their number at the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Start(u8),
    Ask(u8),
    Serve(u8),
    Receive(u8),
    Cancel(u8),
    Poll(u8),
    Stall(u8),
    Reclaim,
    Renew(usize),
    Fail(usize, Outcome),
    Complete(usize),
    Abort(usize),
    Expire,
    Demand,
    Age,
    Ahead,
    Login,
    Logout,
    Tick,
    Adopt,
    Revoke,
}

pub(super) type Result<T = ()> = std::result::Result<T, Violation>;

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(call) => write!(f, "call {call} is started"),
            Self::Ask(call) => write!(f, "call {call} asks the gate"),
            Self::Serve(call) => write!(f, "the server responds to call {call}"),
            Self::Receive(call) => write!(f, "call {call} receives its response"),
            Self::Cancel(call) => write!(f, "call {call} is canceled"),
            Self::Poll(call) => write!(f, "call {call}, which was released, is polled"),
            Self::Stall(call) => write!(f, "call {call} is woken, and not polled"),
            Self::Reclaim => f.write_str("permits of calls that are not polled are reclaimed"),
            Self::Renew(at) => write!(f, "the server renews for flight #{at}"),
            Self::Fail(at, outcome) => write!(f, "flight #{at} fails: {outcome:?}"),
            Self::Complete(at) => write!(f, "flight #{at} completes"),
            Self::Abort(at) => write!(f, "flight #{at} is aborted"),
            Self::Expire => f.write_str("the token expires at the server"),
            Self::Demand => f.write_str("the program calls the token expired"),
            Self::Age => f.write_str("the token ages"),
            Self::Ahead => f.write_str("a refresh ahead of time is due"),
            Self::Login => f.write_str("B signs in"),
            Self::Logout => f.write_str("the user signs out"),
            Self::Tick => f.write_str("time passes"),
            Self::Adopt => f.write_str("the user brings a token of the same identity"),
            Self::Revoke => f.write_str("the server ends the session"),
        }
    }
}

impl World {
    /// All possible next steps.
    pub(super) fn steps(&self, scenario: &Scenario) -> Vec<Step> {
        let mut steps = Vec::with_capacity(16);
        for (call, kind) in (0..).zip(scenario.calls) {
            self.steps_of_call(call, *kind, scenario, &mut steps);
        }
        let allowance = &self.allowance;
        for (at, flight) in self.flights.iter().enumerate() {
            if flight.outcome.is_some() {
                steps.push(Step::Complete(at));
                continue;
            }
            steps.push(Step::Renew(at));
            let failures = [
                (allowance.transients, Outcome::Transient),
                (allowance.rejections, Outcome::Rejected),
                (allowance.permanents, Outcome::Permanent),
            ];
            let possible = failures.into_iter().filter(|(left, _)| *left > 0);
            steps.extend(possible.map(|(_, outcome)| Step::Fail(at, outcome)));
            if allowance.abortions > 0 {
                steps.push(Step::Abort(at));
            }
        }
        // With no call left, only flights that are still pending can do harm.
        if self.calls.iter().any(|call| call.stage != Stage::Over) {
            self.chances(&mut steps);
        } else if !self.flights.is_empty() && allowance.logouts > 0 {
            steps.push(Step::Logout);
        }
        steps
    }

    fn chances(&self, steps: &mut Vec<Step>) {
        let allowance = &self.allowance;
        let owner = self.token.map(|token| self.accounts[usize::from(token.owner)]);
        let lives = owner.is_some_and(|account| !account.expired && !account.revoked);
        let ages = self.token.is_some() && self.clock != Freshness::Expired;
        let chances = [
            (allowance.expiries, lives, Step::Expire),
            (allowance.demands, self.token.is_some(), Step::Demand),
            (allowance.agings, ages, Step::Age),
            (allowance.aheads, self.token.is_some(), Step::Ahead),
            (allowance.logins, true, Step::Login),
            (allowance.logouts, true, Step::Logout),
            (allowance.ticks, true, Step::Tick),
            (allowance.adoptions, self.token.is_some(), Step::Adopt),
            (allowance.revocations, lives, Step::Revoke),
            (allowance.reclaims, self.ready().next().is_some(), Step::Reclaim),
        ];
        let possible = chances.into_iter().filter(|(left, possible, _)| *left > 0 && *possible);
        steps.extend(possible.map(|(.., step)| step));
    }

    fn steps_of_call(&self, call: u8, kind: Kind, scenario: &Scenario, steps: &mut Vec<Step>) {
        let at = usize::from(call);
        match self.calls[at].stage {
            Stage::Idle => {
                // Calls of one kind differ only in their number, so they start in its order.
                let twin_idles = (0..at).any(|twin| {
                    scenario.calls[twin] == kind && self.calls[twin].stage == Stage::Idle
                });
                if !twin_idles {
                    steps.push(Step::Start(call));
                }
                return;
            }
            Stage::Asks => steps.push(Step::Ask(call)),
            Stage::OnWire(..) => steps.push(Step::Serve(call)),
            Stage::Answered(..) => steps.push(Step::Receive(call)),
            Stage::Waits(_) => {}
            Stage::Woken => steps.push(Step::Poll(call)),
            Stage::Over => return,
        }
        if self.allowance.cancels > 0 {
            steps.push(Step::Cancel(call));
        }
        let is_sent = matches!(self.calls[at].stage, Stage::OnWire(..) | Stage::Answered(..));
        if self.allowance.stalls > 0 && is_sent && self.calls[at].holds_permit() {
            steps.push(Step::Stall(call));
        }
    }

    /// Performs `step`.
    pub(super) fn take(&mut self, step: Step, scenario: &Scenario) -> Result {
        match step {
            Step::Start(call) => self.start(call, scenario)?,
            Step::Ask(call) => self.ask(call, scenario)?,
            Step::Serve(call) => self.serve(call, scenario)?,
            Step::Receive(call) => self.receive(call, scenario)?,
            Step::Cancel(call) => self.cancel(call, scenario)?,
            Step::Poll(call) => self.poll(call, scenario)?,
            Step::Stall(call) => self.stall(call),
            Step::Reclaim => self.reclaim(scenario)?,
            Step::Renew(at) => self.renew(at)?,
            Step::Fail(at, outcome) => self.fail(at, outcome),
            Step::Complete(at) => self.complete(at, scenario)?,
            Step::Abort(at) => self.abort(at, scenario)?,
            Step::Expire => {
                self.allowance.expiries -= 1;
                self.account().expired = true;
            }
            Step::Demand => self.demand(),
            Step::Age => {
                self.allowance.agings -= 1;
                self.clock = match self.clock {
                    Freshness::Fresh => Freshness::Due,
                    _ => Freshness::Expired,
                };
            }
            Step::Ahead => self.ahead(scenario)?,
            Step::Login => self.login(scenario)?,
            Step::Logout => self.logout(scenario)?,
            Step::Tick => {
                self.allowance.ticks -= 1;
                self.tick += 1;
            }
            Step::Adopt => self.adopt()?,
            Step::Revoke => {
                self.allowance.revocations -= 1;
                self.account().revoked = true;
            }
        }
        self.check(scenario)
    }
}
