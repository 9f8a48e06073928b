//! The actions of a walk.

use std::time::Duration;

use perennial::{BoxFuture, Error, Result, Tokens};

use super::Walk;
use crate::walk::executor::Role;
use crate::walk::world::{About, Bound, CallKind, Outcome, ServerResponse, World};

impl Walk {
    /// Something happens.
    pub(super) fn action(&mut self) {
        match self.random.below(100) {
            0..=39 => {
                if let Some(role) = self.executor.step(&mut self.random) {
                    self.world.note(format!("polls {role:?}"));
                }
            }
            40..=53 => self.call(),
            54..=66 => self.process(),
            67..=77 => self.deliver(),
            78..=81 => self.store_goes_on(),
            82..=84 => self.expire(),
            85..=87 => self.drop_one(),
            88 => self.sign_in(),
            89 => self.sign_in_by_hand(),
            90 => self.sign_out(),
            91 => self.sign_out_by_wire(),
            92 => self.refresh_by_hand(),
            93 => {
                let present = self.shop.session().tokens();
                let present = present.map(|tokens| tokens.access().to_owned());
                self.world.note("expire_now");
                let mut state = self.world.state();
                if self.shop.session().stats().refreshing {
                    state.expires_again = present.as_ref().and_then(|it| state.family_of(it));
                }
                state.expired_by_program = present;
                drop(state);
                self.shop.session().expire_now();
            }
            94..=95 => self.time_passes(&[5, 5, 20_000]),
            96 => self.time_passes(&[400_000]),
            97 => {
                let back = self.random.once_in(2);
                self.clock.jump(Duration::from_secs(7_200), back);
                self.world.note(format!("the wall clock jumps, back: {back}"));
            }
            _ => self.void(),
        }
    }

    fn time_passes(&mut self, choices: &[u64]) {
        let millis = self.random.pick(choices);
        self.world.note(format!("{millis} ms pass"));
        self.clock.advance(Duration::from_millis(millis));
    }

    fn bound(&self) -> Bound {
        match self.shop.session().tokens() {
            Some(tokens) => {
                self.world.state().family_of(tokens.access()).map_or(Bound::Nobody, Bound::To)
            }
            None if self.shop.session().is_signed_in() => Bound::Nobody,
            None if self.is_lost() => Bound::Lost,
            None => Bound::Nobody,
        }
    }

    /// Lost, and certainly not signed out since: a logout counts before its future ends.
    fn is_lost(&self) -> bool {
        let leaving = |role: &Role| matches!(role, Role::Deed(name) if name.starts_with("logout"));
        if self.executor.roles().iter().any(leaving) {
            return false;
        }
        let trace = &self.world.state().trace;
        let last = trace.iter().rev().find(|line| {
            line.starts_with("session lost") || line.starts_with("logout ") || *line == "signs out"
        });
        last.is_some_and(|line| line.starts_with("session lost"))
    }

    fn call(&mut self) {
        let kind = self.random.pick(&[
            CallKind::Plain,
            CallKind::Plain,
            CallKind::Plain,
            CallKind::Optional,
            CallKind::Public,
        ]);
        let limited = self.random.once_in(8);
        self.make(kind, limited);
    }

    pub(super) fn make(&mut self, kind: CallKind, limited: bool) {
        let bound = self.bound();
        let number = self.world.state().note_call(kind, bound);
        self.world.note(format!("call {number} is made: {kind:?}, {bound:?}"));
        let shop = &self.shop;
        let call: BoxFuture<'static, Result<u64>> = match (kind, self.order) {
            (CallKind::Plain, Some(order)) => order(shop.clone(), number),
            (CallKind::Plain, None) if limited => {
                Box::pin(shop.order(number).timeout(Duration::from_secs(10)))
            }
            (CallKind::Plain, None) => Box::pin(shop.order(number)),
            (CallKind::Optional, _) => Box::pin(shop.news(number)),
            (CallKind::Public, _) => Box::pin(shop.health(number)),
        };
        let world = self.world.clone();
        self.executor.start(
            Role::Call(number),
            Box::pin(async move {
                let outcome = match call.await {
                    Ok(_) => Outcome::Good,
                    Err(error) => Outcome::Failed(error.kind()),
                };
                world.note(format!("call {number} ends: {outcome:?}"));
                world.state().calls[number].outcome = Some(outcome);
            }),
        );
    }

    fn process(&mut self) {
        let at = {
            let state = self.world.state();
            let open: Vec<usize> = (0..state.pending.len())
                .filter(|at| state.pending[*at].response.is_none())
                .collect();
            if open.is_empty() {
                return;
            }
            self.random.pick(&open)
        };
        let failing = self.random.below(20);
        let mut state = self.world.state();
        // A failure before, a failure after the work, or a good response.
        let fault = match failing {
            0 => Some((false, status(500, "{\"code\":5,\"message\":\"sorry\"}", None))),
            1 => Some((false, status(429, "", Some(7)))),
            2 => Some((false, ServerResponse::Broken)),
            3 => Some((true, ServerResponse::Broken)),
            4 => Some((false, status(200, "<html>", None))),
            5 => Some((false, status(200, "{\"code\":0,\"data\":{\"token\":\"\"}}", None))),
            _ => None,
        };
        if fault.as_ref().is_none_or(|(after, _)| *after) {
            state.process(at);
        }
        if let Some((_, response)) = fault {
            let about = state.pending[at].about;
            // An empty token is a good response to anything but a refresh or a login.
            if !matches!(about, About::Call(_) | About::Logout) || failing != 5 {
                state.trace.push(format!("the response to {about:?} becomes {response:?}"));
                state.pending[at].response = Some(response);
            }
        }
    }

    fn deliver(&mut self) {
        let mut state = self.world.state();
        let done: Vec<usize> =
            (0..state.pending.len()).filter(|at| state.pending[*at].response.is_some()).collect();
        if !done.is_empty() {
            let at = self.random.pick(&done);
            state.deliver(at);
        }
    }

    fn store_goes_on(&mut self) {
        if let Some(store) = &self.store
            && store.waiting() > 0
        {
            let at = self.random.below(store.waiting());
            let works = !self.random.once_in(12);
            self.world.note(format!("the store goes on: {works}"));
            store.go(at, works);
        }
    }

    fn expire(&mut self) {
        let mut state = self.world.state();
        state.trace.push("all tokens are over".to_owned());
        state.tokens.values_mut().for_each(|token| token.over = true);
    }

    fn void(&mut self) {
        if !self.random.once_in(4) {
            return;
        }
        let mut state = self.world.state();
        state.trace.push("all families are void".to_owned());
        state.families.iter_mut().for_each(|family| family.void = true);
    }

    /// A caller drops its call, or, more rarely, a runtime ends.
    fn drop_one(&mut self) {
        let roles = self.executor.roles();
        if roles.is_empty() {
            return;
        }
        let at = self.random.below(roles.len());
        if roles[at] == Role::Spawned {
            if !self.random.once_in(4) {
                return;
            }
            // What the flight had in its hands is lost with it.
            self.interrupted = true;
            let mut state = self.world.state();
            state.families.iter_mut().for_each(|family| family.ambiguous = true);
        }
        self.world.note(format!("drops {:?}", roles[at]));
        match self.executor.cancel(at) {
            Role::Call(number) => {
                self.world.state().calls[number].outcome = Some(Outcome::Dropped);
            }
            Role::Deed(name) => self.world.note(format!("{name}: dropped")),
            Role::Spawned => {}
        }
    }

    fn begin(&mut self, name: &'static str, action: BoxFuture<'static, Result<()>>) {
        self.world.note(name);
        let world = self.world.clone();
        self.executor.start(
            Role::Deed(name),
            Box::pin(async move {
                let kind = action.await.as_ref().err().map(Error::kind);
                world.note(format!("{name}: ended, {kind:?}"));
            }),
        );
    }

    fn sign_in(&mut self) {
        let login = self.shop.login();
        self.begin("login by wire", Box::pin(async move { login.await.map(drop) }));
    }

    fn sign_in_by_hand(&mut self) {
        let token = self.world.state().open().1;
        let session = self.shop.session().clone();
        self.begin(
            "login by hand",
            Box::pin(async move { session.login(Tokens::new(token)).await }),
        );
    }

    fn sign_out(&mut self) {
        let session = self.shop.session().clone();
        let world = self.world.clone();
        self.begin(
            "logout by hand",
            Box::pin(async move {
                let before = present(&world);
                let outcome = session.logout().await;
                world.note("signs out");
                if before.is_some() && present(&world) == before {
                    world.fault("logout", format!("family {before:?} outlived its logout"));
                }
                outcome
            }),
        );
    }

    fn sign_out_by_wire(&mut self) {
        let logout = self.shop.logout();
        let world = self.world.clone();
        self.begin(
            "logout by wire",
            Box::pin(async move {
                let outcome = logout.await;
                world.note("signs out");
                outcome
            }),
        );
    }

    fn refresh_by_hand(&mut self) {
        if self.random.once_in(2) {
            let refresh = self.shop.refresh();
            self.begin("refresh by wire", Box::pin(async move { refresh.await.map(drop) }));
        } else {
            let session = self.shop.session().clone();
            self.begin("refresh by hand", Box::pin(async move { session.refresh().await }));
        }
    }
}

fn present(world: &World) -> Option<usize> {
    let tokens = world.session()?.tokens()?;
    world.state().family_of(tokens.access())
}

fn status(status: u16, body: &str, retry_after: Option<u32>) -> ServerResponse {
    ServerResponse::Reply { status, body: body.to_owned(), retry_after }
}
