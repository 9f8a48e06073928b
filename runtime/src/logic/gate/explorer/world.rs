//! The surroundings of the gate: calls, flights in progress, a server, a clock, and a limited number of events.

use std::time::Duration;

use super::super::{Freshness, Launch, Limits, Ticket, WaiterId, Window};
use super::mutants::{Mutant, Mutation};
use crate::logic::backoff::Backoff;

/// One tick of the clock is longer than any cooldown.
pub(super) const TICK: Duration = Duration::from_secs(20);

pub(super) const MOST_ATTEMPTS: u8 = 2;

/// The special traits of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Plain,
    /// It cannot be replayed.
    Once,
    /// It is sent without a token.
    Optional,
    /// A refresh that is called by hand.
    Refresh,
    /// It calls an endpoint that says "expired" to every token.
    Forbidden,
}

/// How often each event may happen, in addition to calls and their flights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Allowance {
    /// The server treats a token as expired.
    pub(super) expiries: u8,
    /// The program marks it as expired.
    pub(super) demands: u8,
    /// By the clock, it is due for renewal, and then expired.
    pub(super) agings: u8,
    /// A refresh in the background.
    pub(super) aheads: u8,
    /// B signs in.
    pub(super) logins: u8,
    pub(super) logouts: u8,
    /// A call is dropped.
    pub(super) cancels: u8,
    pub(super) ticks: u8,
    /// The user installs a token of the same identity.
    pub(super) adoptions: u8,
    /// The server ends the session.
    pub(super) revocations: u8,
    pub(super) transients: u8,
    pub(super) rejections: u8,
    pub(super) permanents: u8,
    /// The task of a flight is dropped.
    pub(super) abortions: u8,
    /// A call that has a permit is woken but not polled.
    pub(super) stalls: u8,
    /// A search for permits of calls that are not polled.
    pub(super) reclaims: u8,
}

/// A small world to explore.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) calls: &'static [Kind],
    pub(super) allowance: Allowance,
    /// Whether A is signed in at first. If not, a refresh needs no token.
    pub(super) signed_in: bool,
    /// Whether time passes between the start of a call and its first request to the gate.
    pub(super) lingers: bool,
    pub(super) send_during_refresh: bool,
    pub(super) limits: Limits,
    /// Whether nothing can happen that makes a call fail.
    pub(super) all_succeed: bool,
}

pub(super) const UNLIMITED: Limits = Limits {
    queue: usize::MAX,
    permits: usize::MAX,
    rejections: Some(2),
    cooldown: Backoff::new(Duration::from_secs(1), Duration::from_secs(15)),
    window: Window { refreshes: 20, within: Duration::from_secs(30) },
};

pub(super) const NOTHING: Allowance = Allowance {
    expiries: 0,
    demands: 0,
    agings: 0,
    aheads: 0,
    logins: 0,
    logouts: 0,
    cancels: 0,
    ticks: 0,
    adoptions: 0,
    revocations: 0,
    transients: 0,
    rejections: 0,
    permanents: 0,
    abortions: 0,
    stalls: 0,
    reclaims: 0,
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "",
    calls: &[Kind::Plain; 3],
    allowance: NOTHING,
    signed_in: true,
    lingers: false,
    send_during_refresh: false,
    limits: UNLIMITED,
    all_succeed: false,
};

/// A token: whose it is, and how many came before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Token {
    pub(super) owner: u8,
    pub(super) serial: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Verdict {
    Accepted,
    Expired,
    Revoked,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    Idle,
    /// About to ask the gate whether it may send.
    Asks,
    Waits(WaiterId),
    /// Released with a permit, and not polled yet.
    Woken,
    OnWire(Ticket, Token),
    Answered(Ticket, Token, Verdict),
    Over,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Call {
    pub(super) stage: Stage,
    pub(super) bound: Option<u32>,
    /// The era to which it is bound; see [`World::era`].
    pub(super) era: Option<u8>,
    pub(super) attempts: u8,
    /// Whether it has started a refresh.
    pub(super) started: bool,
    /// Whether it waits for a permit, and not for a flight.
    pub(super) ready: bool,
    /// If permits are limited, the permit that it has or had.
    pub(super) permit: Option<Permit>,
}

/// The permit of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Permit {
    pub(super) id: WaiterId,
    /// The tick since which its call was due to be polled and has not been.
    pub(super) idle: Option<u8>,
    /// It was passed to another call meanwhile.
    pub(super) reclaimed: bool,
}

impl Call {
    /// Whether it has a valid permit. A call that waits again should have returned its permit.
    pub(super) fn holds_permit(&self) -> bool {
        self.permit.is_some_and(|permit| !permit.reclaimed)
    }
}

pub(super) const FRESH: Call = Call {
    stage: Stage::Idle,
    bound: None,
    era: None,
    attempts: 0,
    started: false,
    ready: false,
    permit: None,
};

/// How the server judged a refresh, or why the request never arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Outcome {
    Renewed(Token),
    Transient,
    Rejected,
    Permanent,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Flight {
    pub(super) launch: Launch,
    pub(super) era: u8,
    /// The token that it presents.
    pub(super) presents: Option<Token>,
    pub(super) outcome: Option<Outcome>,
}

/// The server's state of one user. A refresh token can be used once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Account {
    pub(super) serial: u8,
    pub(super) expired: bool,
    pub(super) revoked: bool,
}

/// A refresh whose token the server has not accepted yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Futile {
    pub(super) tick: u8,
    pub(super) token: Token,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct World {
    pub(super) gate: Mutant,
    pub(super) calls: Vec<Call>,
    pub(super) flights: Vec<Flight>,
    pub(super) accounts: [Account; 2],
    pub(super) token: Option<Token>,
    pub(super) clock: Freshness,
    pub(super) tick: u8,
    pub(super) allowance: Allowance,
    /// Counts logins and logouts, independently of the gate.
    pub(super) era: u8,
    /// The waiting calls, first in, first out, independently of the gate.
    pub(super) waiting: Vec<u8>,
    /// Whether the client knows that the current token has expired.
    pub(super) known_expired: bool,
    /// Whether that also applies to the token of the current flight.
    pub(super) expires_again: bool,
    pub(super) lost: bool,
    /// The tick of the last temporary failure, unless something has ended the cooldown since.
    pub(super) cooldown: Option<u8>,
    pub(super) rejections: u8,
    /// Endpoints that rejected a token right after its renewal, with the token and the tick.
    pub(super) unhelped: Vec<(Kind, Token, u8)>,
    pub(super) futile: Vec<Futile>,
}

impl World {
    pub(super) fn new(scenario: &Scenario, mutation: Option<Mutation>) -> Self {
        let mut gate = Mutant::new(mutation);
        if scenario.signed_in {
            gate.login();
        }
        Self {
            gate,
            calls: vec![FRESH; scenario.calls.len()],
            flights: Vec::new(),
            accounts: [Account::default(); 2],
            token: scenario.signed_in.then_some(Token { owner: 0, serial: 0 }),
            clock: Freshness::Fresh,
            tick: 0,
            allowance: scenario.allowance,
            era: 0,
            waiting: Vec::new(),
            known_expired: false,
            expires_again: false,
            lost: false,
            cooldown: None,
            rejections: 0,
            unhelped: Vec::new(),
            futile: Vec::new(),
        }
    }

    pub(super) fn now(&self) -> Duration {
        TICK * self.tick.into()
    }

    pub(super) fn is_valid(&self, token: Token) -> bool {
        let account = &self.accounts[usize::from(token.owner)];
        account.serial == token.serial && !account.expired && !account.revoked
    }

    /// Whether a flight for the current token is pending.
    pub(super) fn flies(&self, ticket: Ticket) -> Option<&Flight> {
        self.flights.iter().find(|flight| flight.launch.ticket == ticket)
    }

    /// Calls that wait for a permit, in the order of their arrival.
    pub(super) fn ready(&self) -> impl Iterator<Item = u8> {
        self.waiting.iter().copied().filter(|call| self.calls[usize::from(*call)].ready)
    }

    pub(super) fn futile_now(&self, scenario: &Scenario) -> usize {
        let ago = |futile: &&Futile| TICK * u32::from(self.tick - futile.tick);
        self.futile.iter().filter(|futile| ago(futile) < scenario.limits.window.within).count()
    }

    pub(super) fn install(&mut self, token: Token) {
        self.token = Some(token);
        self.clock = Freshness::Fresh;
        self.known_expired = false;
        self.cooldown = None;
        self.rejections = 0;
    }

    /// Removes everything that belongs to the era that ends.
    pub(super) fn end_era(&mut self) {
        self.era += 1;
        self.token = None;
        self.clock = Freshness::Fresh;
        self.known_expired = false;
        self.expires_again = false;
        self.lost = false;
        self.cooldown = None;
        self.rejections = 0;
        self.futile.clear();
        self.unhelped.clear();
    }
}
