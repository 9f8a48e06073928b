//! A real Chromium, driven by the WebDriver protocol.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Mutex;

/// A browser with a profile of its own. It ends when it is dropped.
pub(crate) struct Browser {
    driver: Child,
    http: reqwest::Client,
    session: String,
    /// A command goes to the tab that was switched to, so switch and command are one.
    current: Mutex<String>,
}

/// A tab of a browser.
pub(crate) struct Tab<'a> {
    browser: &'a Browser,
    handle: String,
}

impl Browser {
    /// Starts chromedriver and a headless Chromium.
    pub(crate) async fn start() -> Self {
        let driver = std::env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".into());
        let mut driver = Command::new(driver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts: `eval \"$(ci/wasm.sh start)\"` installs it");
        let output = driver.stdout.take().expect("its output is piped");
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let port = lines
            .find_map(|line| Some(line.split_once("successfully on port ")?.1.to_owned()))
            .expect("chromedriver says its port");
        let root = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let chrome = std::env::var("CHROME").unwrap_or_else(|_| "/usr/bin/chromium".into());
        let options = json!({
            "binary": chrome,
            "args": [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--window-size=1000,800",
                // A name that is not this machine's own makes a page that is not secure.
                "--host-resolver-rules=MAP insecure.example 127.0.0.1",
            ],
        });
        let wanted = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}});
        let response: Value = http
            .post(format!("{root}/session"))
            .json(&wanted)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let id = response["value"]["sessionId"].as_str();
        let id = id.unwrap_or_else(|| panic!("Chromium did not start: {response}"));
        let session = format!("{root}/session/{id}");
        let browser = Self { driver, http, session, current: Mutex::default() };
        browser.command("POST", "/timeouts", &json!({"script": 60_000})).await;
        browser
    }

    /// Opens a tab of its own at this address, and waits until the module of the tests' page is there.
    pub(crate) async fn tab(&self, url: &str) -> Tab<'_> {
        let tab = self.open(url).await;
        tab.ready().await;
        tab
    }

    /// Opens a tab of its own at this address.
    pub(crate) async fn open(&self, url: &str) -> Tab<'_> {
        let made = self.command("POST", "/window/new", &json!({"type": "tab"})).await;
        let tab = Tab { browser: self, handle: made["handle"].as_str().unwrap().to_owned() };
        tab.go(url).await;
        tab
    }

    async fn command(&self, method: &str, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.session);
        let request = match method {
            "GET" => self.http.get(url),
            "DELETE" => self.http.delete(url),
            _ => self.http.post(url).json(body),
        };
        let request = request.timeout(Duration::from_secs(180));
        let mut response: Value = request.send().await.unwrap().json().await.unwrap();
        assert!(
            response["value"]["error"].is_null(),
            "{path} {body}: {}",
            response["value"]["message"]
        );
        response["value"].take()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // chromedriver ends its browser when its session ends, and also when it is told to shut down.
        let url = self.session.clone();
        let ended = std::thread::spawn(move || {
            let address = url.trim_start_matches("http://");
            let (host, path) = address.split_once('/').unwrap_or((address, ""));
            let mut stream = std::net::TcpStream::connect(host)?;
            let request =
                format!("DELETE /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
            std::io::Write::write_all(&mut stream, request.as_bytes())?;
            // The connection stays open; that the response begins says that the browser has ended.
            stream.set_read_timeout(Some(Duration::from_secs(20)))?;
            std::io::Read::read(&mut stream, &mut [0; 64])
        });
        let _ = ended.join();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl Tab<'_> {
    async fn command(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut current = self.browser.current.lock().await;
        if *current != self.handle {
            self.browser.command("POST", "/window", &json!({"handle": self.handle})).await;
            current.clone_from(&self.handle);
        }
        self.browser.command(method, path, body).await
    }

    /// Goes to an address.
    pub(crate) async fn go(&self, url: &str) {
        self.command("POST", "/url", &json!({"url": url})).await;
    }

    /// Goes back in the history.
    pub(crate) async fn back(&self) {
        self.command("POST", "/back", &json!({})).await;
    }

    /// Waits until the page's module is there.
    pub(crate) async fn ready(&self) {
        let wait = "const done = arguments[0]; (function look() { \
                    window.page ? done(true) : setTimeout(look, 5); })();";
        self.command("POST", "/execute/async", &json!({"script": wait, "args": []})).await;
    }

    /// Runs a script and gives what it returns.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.command("POST", "/execute/sync", &json!({"script": script, "args": []})).await
    }

    /// Starts what is awaited with [`end`](Self::end).
    pub(crate) async fn start(&self, call: &str) {
        self.run(&format!("window.job = (async () => page.{call})();")).await;
    }

    /// Awaits what was started, and gives its JSON.
    pub(crate) async fn end(&self) -> Value {
        let wait = "const done = arguments[0]; window.job.then(done, e => done('{\"thrown\":\"' + e + '\"}'));";
        let text =
            self.command("POST", "/execute/async", &json!({"script": wait, "args": []})).await;
        text.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(text)
    }

    /// Calls a function of the page, and gives its JSON.
    pub(crate) async fn call(&self, call: &str) -> Value {
        self.start(call).await;
        self.end().await
    }

    /// Waits until a script returns true.
    pub(crate) async fn until(&self, condition: &str) {
        let wait = format!(
            "const done = arguments[0]; (function look() {{ \
             ({condition}) ? done(true) : setTimeout(look, 10); }})();"
        );
        self.command("POST", "/execute/async", &json!({"script": wait, "args": []})).await;
    }

    /// Waits until an expression that may await something is true.
    pub(crate) async fn until_awaited(&self, condition: &str) {
        let wait = format!(
            "const done = arguments[0]; (async function look() {{ \
             ({condition}) ? done(true) : setTimeout(look, 10); }})();"
        );
        self.command("POST", "/execute/async", &json!({"script": wait, "args": []})).await;
    }

    /// A command of the DevTools protocol.
    pub(crate) async fn devtools(&self, command: &str, params: Value) -> Value {
        let body = json!({"cmd": command, "params": params});
        self.command("POST", "/goog/cdp/execute", &body).await
    }

    /// A picture of what is shown, as PNG.
    pub(crate) async fn screenshot(&self) -> Vec<u8> {
        let picture = self.command("GET", "/screenshot", &Value::Null).await;
        let digit = |it: u8| match it {
            b'A'..=b'Z' => it - b'A',
            b'a'..=b'z' => it - b'a' + 26,
            b'0'..=b'9' => it - b'0' + 52,
            b'+' => 62,
            _ => 63,
        };
        let text = picture.as_str().unwrap().trim_end_matches('=').as_bytes();
        let group = |four: &[u8]| {
            let bits = four.iter().fold(0_u32, |bits, it| bits << 6 | u32::from(digit(*it)));
            let bits = bits << (6 * (4 - four.len()));
            bits.to_be_bytes()[1..four.len()].to_vec()
        };
        text.chunks(4).flat_map(group).collect()
    }

    /// Ends the process of the tab, as a crash does.
    pub(crate) async fn crash(self) {
        self.run("window.name = 'here'").await;
        let url = format!("{}/goog/cdp/execute", self.browser.session);
        let crash = json!({"cmd": "Page.crash", "params": {}});
        // The response says that the tab has crashed.
        let response = self.browser.http.post(url).json(&crash).send().await.unwrap();
        assert!(!response.status().is_success(), "the tab is still there");
        self.browser.current.lock().await.clear();
    }

    /// Closes the tab.
    pub(crate) async fn close(self) {
        self.command("DELETE", "/window", &Value::Null).await;
        self.browser.current.lock().await.clear();
    }
}
