//! The file of a cassette, and what was played of it.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::{env, fs, io};

use perennial::layer::{HttpRequest, HttpResponse};
use perennial::serve::Secrets;
use perennial::{Error, ErrorKind};

use super::exchange::Exchange;
use super::originals::Originals;
use super::{BoxError, addresses, stand_in};

/// The files that this process has recorded. A second cassette with the same file adds to it.
static RECORDED: LazyLock<Mutex<HashSet<PathBuf>>> = LazyLock::new(Mutex::default);

/// Shorter numbers are not taken for stand-ins.
const SHORTEST: usize = 4;

#[derive(Debug)]
pub(super) struct Tape {
    pub(super) file: PathBuf,
    pub(super) records: bool,
    /// The content that is to be recorded anew.
    outdated: Option<String>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// All exchanges, if they are played.
    exchanges: Vec<Exchange>,
    /// How often each request was replayed.
    replayed: HashMap<String, usize>,
    /// All secrets of all requests, which no text may show.
    secrets: Secrets,
    /// The values that their names in a response have shown to be secrets.
    originals: Originals,
    /// The stand-ins that were played. A program may put them into the address of a request.
    stand_ins: HashSet<String>,
}

impl Tape {
    pub(super) fn at(file: &Path) -> Self {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let records = env::var_os("RECORD").is_some() || !file.exists();
        Self::new(file, records)
    }

    fn new(file: PathBuf, records: bool) -> Self {
        let was_recorded = locked(&RECORDED).contains(&file);
        let outdated = (records && !was_recorded).then(|| fs::read_to_string(&file).ok()).flatten();
        let exchanges = match records {
            true => Vec::new(),
            false => {
                let text = fs::read_to_string(&file).expect("the cassette can be read");
                parsed(&text)
                    .unwrap_or_else(|error| panic!("{} is not a cassette: {error}", file.display()))
            }
        };
        let state = Mutex::new(State { exchanges, ..State::default() });
        Self { file, records, outdated, state }
    }

    /// Adds the secrets of a request, and returns a text without any secret.
    pub(super) fn hidden(
        &self,
        request: &HttpRequest,
        hide: impl FnOnce(&Secrets) -> String,
    ) -> String {
        let state = &mut *locked(&self.state);
        if let Some(secrets) = request.extensions().get::<Secrets>() {
            state.secrets.extend(secrets);
        }
        hide(&state.secrets)
    }

    pub(super) fn replay(
        &self,
        name: &str,
        origin: Option<&str>,
        grants: bool,
    ) -> Result<HttpResponse, BoxError> {
        let state = &mut *locked(&self.state);
        let nth = state.replayed.entry(name.to_owned()).or_default();
        let recorded = state.exchanges.iter();
        let exact = recorded.clone().filter(|it| it.request == name).nth(*nth);
        let similar =
            || recorded.filter(|it| stands_for(name, &it.request, &state.stand_ins)).nth(*nth);
        let found = exact.or_else(similar);
        *nth += 1;
        if let Some(exchange) = found {
            let texts = exchange.texts().into_iter().filter(|text| is_stand_in(text));
            state.stand_ins.extend(texts);
            if grants {
                // As the name shows one that is a token as well.
                state.stand_ins.insert(addresses::HIDDEN.to_owned());
            }
            return exchange.response(origin);
        }
        let recorded: Vec<_> = state.exchanges.iter().map(|it| it.request.as_str()).collect();
        let message = format!(
            "{} has no response {nth} to {name}; it has: {}; record it again with `RECORD=1`",
            self.file.display(),
            recorded.join(", ")
        );
        Err(Error::of_kind(ErrorKind::Transport).with_message(message).into())
    }

    /// Adds an exchange to the file, in which another client or process may be recording as well.
    pub(super) fn record(
        &self,
        exchange: Exchange,
        pushed: &[Vec<u8>],
        originals: Originals,
    ) -> io::Result<()> {
        let state = &mut *locked(&self.state);
        pushed.iter().for_each(|token| state.secrets.add(token));
        state.originals.extend(originals);
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut options = OpenOptions::new();
        let mut file =
            options.read(true).write(true).create(true).truncate(false).open(&self.file)?;
        file.lock()?;
        let written = self.rewrite(&mut file, exchange, state);
        file.unlock()?;
        written
    }

    fn rewrite(&self, file: &mut File, exchange: Exchange, state: &State) -> io::Result<()> {
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let is_first = locked(&RECORDED).insert(self.file.clone());
        let mut exchanges =
            match text.is_empty() || is_first && self.outdated.as_ref() == Some(&text) {
                true => Vec::new(),
                false => parsed(&text)?,
            };
        exchanges.push(exchange);
        // The earlier ones as well: a value in a response may become known as a secret only later.
        let secrets = state.originals.with(&state.secrets);
        exchanges.iter_mut().for_each(|exchange| exchange.hide(&secrets, &state.originals));
        let text = serde_json::to_string_pretty(&exchanges)?;
        file.rewind()?;
        file.set_len(0)?;
        file.write_all(text.as_bytes())
    }
}

fn parsed(text: &str) -> serde_json::Result<Vec<Exchange>> {
    serde_json::from_str(text)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_stand_in(text: &str) -> bool {
    text.len() >= SHORTEST && stand_in::text(text) == text
}

/// Whether a request differs from a recorded one only where it has a stand-in.
fn stands_for(request: &str, recorded: &str, stand_ins: &HashSet<String>) -> bool {
    let pieces = |text| str::split(text, ['/', '?', '&', '=']);
    let mut pairs = pieces(request).zip(pieces(recorded));
    pieces(request).count() == pieces(recorded).count()
        && pairs.all(|(asked, recorded)| asked == recorded || stand_ins.contains(asked))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use http::StatusCode;

    use super::super::headers::Kept;
    use super::*;

    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let name = format!("perennial-tape-{name}-{}.json", std::process::id());
            Self(env::temp_dir().join(name))
        }

        fn requests(&self) -> Vec<String> {
            let exchanges = parsed(&fs::read_to_string(&self.0).unwrap()).unwrap();
            exchanges.into_iter().map(|it| it.request).collect()
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }

    fn exchange(request: &str) -> Exchange {
        Exchange::new(request.to_owned(), None, StatusCode::OK, Kept::default(), b"1")
    }

    #[test]
    fn a_recording_that_is_made_anew_loses_nothing_of_another_recorder() {
        let scratch = Scratch::new("anew");
        fs::write(&scratch.0, serde_json::to_string(&[exchange("GET /old")]).unwrap()).unwrap();
        let tapes = [Tape::new(scratch.0.clone(), true), Tape::new(scratch.0.clone(), true)];
        tapes[0].record(exchange("GET /a"), &[], Originals::default()).unwrap();
        tapes[1].record(exchange("GET /b"), &[], Originals::default()).unwrap();
        // One that is made later, as in the next test of the same program.
        Tape::new(scratch.0.clone(), true)
            .record(exchange("GET /c"), &[], Originals::default())
            .unwrap();
        tapes[0].record(exchange("GET /d"), &[], Originals::default()).unwrap();
        assert_eq!(scratch.requests(), ["GET /a", "GET /b", "GET /c", "GET /d"]);
    }

    #[test]
    fn a_recording_of_another_process_stays() {
        let scratch = Scratch::new("other");
        fs::write(&scratch.0, serde_json::to_string(&[exchange("GET /old")]).unwrap()).unwrap();
        let tape = Tape::new(scratch.0.clone(), true);
        fs::write(&scratch.0, serde_json::to_string(&[exchange("GET /theirs")]).unwrap()).unwrap();
        tape.record(exchange("GET /ours"), &[], Originals::default()).unwrap();
        assert_eq!(scratch.requests(), ["GET /theirs", "GET /ours"]);
        fs::write(&scratch.0, "not a cassette").unwrap();
        assert!(tape.record(exchange("GET /ours"), &[], Originals::default()).is_err());
        assert_eq!(fs::read_to_string(&scratch.0).unwrap(), "not a cassette");
    }

    #[test]
    fn a_number_that_was_played_stands_for_the_one_in_an_address() {
        let scratch = Scratch::new("number");
        let body = br#"{"token":111111}"#;
        let new = Exchange::new("GET /new".to_owned(), None, StatusCode::OK, Kept::default(), body);
        let exchanges = [new, exchange("GET /keys/654321")];
        fs::write(&scratch.0, serde_json::to_string(&exchanges).unwrap()).unwrap();
        let tape = Tape::new(scratch.0.clone(), false);
        assert!(tape.replay("GET /keys/111111", None, false).is_err());
        let tape = Tape::new(scratch.0.clone(), false);
        tape.replay("GET /new", None, false).unwrap();
        tape.replay("GET /keys/111111", None, false).unwrap();
    }
}
