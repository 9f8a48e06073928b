//! The timeline of the session, as the hooks report it.

use std::rc::Rc;

use perennial::{Event, EventKind, RefreshOutcome};
use yew::prelude::*;

/// One line of the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    at: f64,
    kind: &'static str,
    text: String,
}

/// The data of the view: the counts and the last lines.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timeline {
    lines: Vec<Line>,
    pub good: usize,
    pub failed: usize,
    refreshes: usize,
    replays: usize,
}

/// A change of it.
pub enum Report {
    Session(&'static str, String),
    Refresh,
    Replay,
    Calls { good: usize, failed: usize },
}

impl Report {
    /// The line of an event. Not every event has one.
    pub fn of(event: &Event) -> Option<Self> {
        Some(match &event.kind {
            EventKind::RefreshStarted { .. } => Self::Session("start", "a refresh starts".into()),
            EventKind::RefreshFinished { outcome: RefreshOutcome::Renewed, .. } => Self::Refresh,
            EventKind::RefreshFinished { outcome, .. } => {
                Self::Session("bad", format!("the refresh ended without a token: {outcome:?}"))
            }
            EventKind::Replayed { .. } => Self::Replay,
            EventKind::Adopted { .. } => {
                Self::Session("other", "another tab has a new token".into())
            }
            EventKind::SessionLost { reason, .. } => {
                Self::Session("bad", format!("signed out: {reason}"))
            }
            EventKind::StoreFailed { reason, .. } => Self::Session("bad", reason.to_string()),
            _ => return None,
        })
    }
}

impl Reducible for Timeline {
    type Action = Report;

    fn reduce(self: Rc<Self>, report: Report) -> Rc<Self> {
        let mut next = Rc::unwrap_or_clone(self);
        let (kind, text) = match report {
            Report::Session(kind, text) => (kind, text),
            Report::Refresh => {
                next.refreshes += 1;
                ("new", "the token is renewed".into())
            }
            Report::Replay => {
                next.replays += 1;
                ("replay", "a call is replayed with the new token".into())
            }
            Report::Calls { good, failed } => {
                next.good += good;
                next.failed += failed;
                let noun = if good == 1 { "call" } else { "calls" };
                ("calls", format!("{good} {noun} done, {failed} failed"))
            }
        };
        let at = js_sys::Date::now();
        // Replays come in crowds: one line for each crowd.
        match next.lines.last_mut().filter(|last| last.kind == "replay" && kind == "replay") {
            Some(last) => {
                last.text = format!("calls are replayed with the new token ({})", next.replays)
            }
            None => next.lines.push(Line { at, kind, text }),
        }
        Rc::new(next)
    }
}

impl Timeline {
    pub fn view(&self) -> Html {
        let first = self.lines.first().map_or(0.0, |line| line.at);
        let line = |line: &Line| {
            html! {
                <li class={line.kind}>
                    <time>{ format!("{:.1} s", (line.at - first) / 1000.0) }</time>
                    { line.text.clone() }
                </li>
            }
        };
        let count = |id: &'static str, count: usize, what: &str| {
            html! { <div><b id={id}>{ count }</b><span>{ what.to_owned() }</span></div> }
        };
        html! {
            <>
                <section class="counts">
                    { count("good", self.good, "calls done") }
                    { count("failed", self.failed, "failed") }
                    { count("refreshes", self.refreshes, "refreshes by this tab") }
                    { count("replays", self.replays, "replays") }
                </section>
                <ol class="timeline">{ for self.lines.iter().rev().take(12).map(line) }</ol>
            </>
        }
    }
}
