//! The invariants of a walk.

use perennial::{Event, EventKind, RefreshOutcome, RefreshTrigger, Session};

use crate::walk::world::{About, Bound, CallKind, Origin, World};

/// Checks whether a request may be sent with this token.
pub(crate) fn arrival(world: &World, about: About, token: Option<&str>) {
    let Some(session) = world.session() else { return };
    match about {
        About::Login if token.is_some() => world.fault("bare login", "a login carried a token"),
        About::Login => {}
        About::Refresh => refresh(world, &session, token),
        About::Logout | About::Call(_) => call(world, &session, about, token),
    }
}

fn refresh(world: &World, session: &Session, token: Option<&str>) {
    world.state().refreshes += 1;
    if !session.stats().refreshing {
        world.fault("wanted refresh", "a refresh was sent that nobody waits for");
    }
    let present = session.tokens();
    if present.as_ref().map(|tokens| tokens.access()) != token {
        world.fault("present token", format!("a refresh carried {token:?}"));
    }
    let twice =
        world.state().pending.iter().any(|one| {
            one.about == About::Refresh && one.token.as_deref() == token && !one.is_gone()
        });
    if twice {
        world.fault("single flight", format!("two refreshes with {token:?} at once"));
    }
}

fn call(world: &World, session: &Session, about: About, token: Option<&str>) {
    let mut faults = Vec::new();
    let present = session.tokens();
    let refreshing = session.stats().refreshing;
    {
        let mut state = world.state();
        let family = token.and_then(|token| state.family_of(token));
        let waits = !state.sends_during_refresh;
        if let About::Call(number) = about {
            let call = &mut state.calls[number];
            call.sends += 1;
            if call.sends > 2 {
                faults.push(("two sends", format!("call {number} was sent {} times", call.sends)));
            }
            match (call.kind, family) {
                (CallKind::Public, _) if token.is_some() => {
                    faults.push(("bare public", format!("call {number} carried a token")));
                }
                (CallKind::Plain, None) => {
                    faults.push(("token", format!("call {number} carried {token:?}")));
                }
                _ => {}
            }
            match (call.bound, family) {
                (Bound::To(bound), Some(family)) if bound != family => faults.push((
                    "identity",
                    format!("call {number} of family {bound} went out as family {family}"),
                )),
                (Bound::Lost, Some(family)) => faults.push((
                    "identity",
                    format!("call {number} of a lost session went out as family {family}"),
                )),
                (Bound::Nobody, Some(family)) => call.bound = Bound::To(family),
                _ => {}
            }
        }
        if let Some(token) = token {
            if present.as_ref().map(|tokens| tokens.access()) != Some(token) {
                faults.push(("present token", format!("{about:?} carried {token:?}")));
            }
            if refreshing && waits {
                faults.push(("held", format!("{about:?} went out during a refresh")));
            }
        }
    }
    for (rule, what) in faults {
        world.fault(rule, what);
    }
}

/// An event of the hook.
pub(crate) fn event(world: &World, event: &Event) {
    match &event.kind {
        EventKind::RefreshStarted { trigger, .. } => {
            let mut state = world.state();
            state.told.started += 1;
            state.trace.push(format!("refresh starts: {trigger:?}"));
            let origin = state.running.clone();
            drop(state);
            if *trigger == RefreshTrigger::Expired {
                reason(world, origin);
            }
        }
        EventKind::RefreshFinished { outcome, .. } => {
            let mut state = world.state();
            state.told.finished += 1;
            state.trace.push(format!("refresh ends: {outcome:?}"));
            if matches!(
                outcome,
                RefreshOutcome::Failed(_) | RefreshOutcome::Lost(_) | RefreshOutcome::Aborted
            ) {
                state.expires_again = None;
            }
        }
        EventKind::Replayed { .. } => world.state().told.replayed += 1,
        EventKind::SessionLost { .. } => {
            let mut state = world.state();
            state.told.lost += 1;
            state.lost = true;
            state.trace.push("session lost".to_owned());
        }
        _ => {}
    }
}

/// A refresh because of an expired token renews one that was called expired when the refresh was started,
/// whatever becomes of it.
fn reason(world: &World, origin: Option<Origin>) {
    match origin {
        Some(origin) if origin.is_called_expired => {}
        Some(Origin { expires_again: true, token, .. }) => {
            let mut state = world.state();
            state.expires_again = None;
            state.expired_by_program = token;
        }
        origin => {
            let token = origin.and_then(|origin| origin.token);
            world.fault("reason", format!("{token:?} is renewed, and nobody said why"));
        }
    }
}

/// Holds between any two steps. `before` is the family that was signed in.
pub(crate) fn between(world: &World, before: Option<usize>, gone: &[usize]) -> Option<usize> {
    let session = world.session()?;
    let present = session.tokens();
    if session.is_signed_in() != present.is_some() {
        world.fault("standing", "signed in without tokens, or the other way round");
    }
    let family = present.and_then(|tokens| world.state().family_of(tokens.access()));
    if let Some(family) = family
        && gone.contains(&family)
    {
        world.fault("gone", format!("family {family} is back"));
    }
    let lost = std::mem::take(&mut world.state().lost);
    if lost
        && family.is_none()
        && let Some(before) = before
    {
        let healthy = {
            let family = &world.state().families[before];
            !family.refused && !family.ambiguous
        };
        if healthy {
            world.fault("lost", format!("family {before} was lost, and the server never said so"));
        }
    }
    family
}

/// Holds when every task has ended.
pub(crate) fn at_rest(world: &World) {
    let Some(session) = world.session() else { return };
    let stats = session.stats();
    let (told, refreshes, unsettled, replays, unearned) = {
        let state = world.state();
        let unsettled = state.calls.iter().filter(|call| call.outcome.is_none()).count();
        let replays: u64 = state.calls.iter().map(|call| call.sends.saturating_sub(1) as u64).sum();
        let unearned = state.calls.iter().position(|call| {
            call.outcome == Some(crate::walk::world::Outcome::Good) && call.good_responses == 0
        });
        (state.told.clone(), state.refreshes, unsettled, replays, unearned)
    };
    let checks = [
        ("settled", unsettled == 0, format!("{unsettled} calls never ended")),
        ("queue", stats.waiting == 0, format!("{} calls wait for nothing", stats.waiting)),
        ("landed", !stats.refreshing, "a flight is still under way".to_owned()),
        ("earned", unearned.is_none(), format!("call {unearned:?} is good without a response")),
        (
            "counts",
            stats.refreshes == refreshes && told.started == told.finished,
            format!("{stats:?}, {told:?}, and {refreshes} refreshes on the wire"),
        ),
        (
            "counts",
            stats.replays >= replays && told.replayed == stats.replays,
            format!("{stats:?}, {told:?}, and {replays} repeats on the wire"),
        ),
        (
            "lost once",
            told.lost == told.logouts,
            format!("{} sessions lost, {} times told", told.lost, told.logouts),
        ),
    ];
    for (rule, holds, what) in checks {
        if !holds {
            world.fault(rule, what);
        }
    }
}
