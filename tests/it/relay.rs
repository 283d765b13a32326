//! A recording SMTP server, outside the process under test.
//!
//! It takes everything and remembers it, unless a rule says otherwise. It is
//! written against the RFC and not against our client: what it objects to
//! (bare line feeds, long lines, NUL) it notes as a complaint.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fascicle::model::sha256_hex;

/// How long a test waits for what must come. Never waited out when all is well.
const PATIENCE: Duration = Duration::from_secs(120);

/// A message as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) message_id: String,
    pub(crate) hash: String,
    pub(crate) bytes: Vec<u8>,
}

/// A point of the conversation at which a rule may speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    Connect,
    Mail,
    Rcpt,
    Data,
    Dot,
}

/// Asks the rules of a relay; hangs up when one says so.
macro_rules! rule {
    ($relay:expr, $at:expr, $about:expr) => {
        match $relay.action($at, $about) {
            None => None,
            Some(Action::Reply(reply) | Action::ReplyAndKeep(reply)) => Some(reply),
            Some(Action::First(run)) => {
                run();
                None
            }
            Some(Action::HangUp | Action::KeepAndHangUp) => return Ok(()),
        }
    };
}

/// What a rule does.
#[derive(Clone)]
pub(crate) enum Action {
    /// Answers this instead.
    Reply(&'static str),
    /// Takes the message, and answers this.
    ReplyAndKeep(&'static str),
    /// Takes the message, and hangs up without an answer.
    KeepAndHangUp,
    /// Hangs up.
    HangUp,
    /// Before it answers, runs something.
    First(Arc<dyn Fn() + Send + Sync>),
}

struct Rule {
    at: At,
    about: String,
    times: usize,
    action: Action,
}

#[derive(Default)]
struct Ledger {
    accepted: Vec<Recorded>,
    complaints: Vec<String>,
    rules: Vec<Rule>,
    connections: usize,
}

/// A relay that runs until the test ends.
#[derive(Clone)]
pub(crate) struct Relay {
    address: SocketAddr,
    ledger: Arc<(Mutex<Ledger>, Condvar)>,
}

impl Relay {
    pub(crate) fn start() -> Relay {
        Relay::start_at("127.0.0.1:0".parse().expect("an address"))
    }

    /// Listens at a port that was free a moment ago.
    pub(crate) fn start_at(address: SocketAddr) -> Relay {
        let listener = TcpListener::bind(address).expect("a port on loopback");
        let address = listener.local_addr().expect("bound");
        let relay = Relay { address, ledger: Arc::default() };
        let serving = relay.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let relay = serving.clone();
                std::thread::spawn(move || {
                    // A client that is killed ends its session in the middle.
                    let _ = relay.session(stream);
                });
            }
        });
        relay
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// At `at`, when the command or message holds `about`, `times` times.
    pub(crate) fn rule(&self, at: At, about: &str, times: usize, action: Action) {
        self.lock().rules.push(Rule { at, about: about.to_owned(), times, action });
    }

    pub(crate) fn accepted(&self) -> Vec<Recorded> {
        self.lock().accepted.clone()
    }

    pub(crate) fn complaints(&self) -> Vec<String> {
        self.lock().complaints.clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.lock().connections
    }

    /// Copies by Message-ID.
    pub(crate) fn copies(&self) -> BTreeMap<String, Vec<Recorded>> {
        let mut copies: BTreeMap<String, Vec<Recorded>> = BTreeMap::new();
        for recorded in self.accepted() {
            copies.entry(recorded.message_id.clone()).or_default().push(recorded);
        }
        copies
    }

    /// Returns when `count` messages were accepted.
    #[track_caller]
    pub(crate) fn wait_for(&self, count: usize) {
        let (ledger, changed) = &*self.ledger;
        let ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let (ledger, timeout) = changed
            .wait_timeout_while(ledger, PATIENCE, |ledger| ledger.accepted.len() < count)
            .unwrap_or_else(PoisonError::into_inner);
        assert!(!timeout.timed_out(), "waited for {count} messages, got {}", ledger.accepted.len());
    }

    /// Returns when `is_so`, asked again whenever something arrives and now
    /// and then.
    #[track_caller]
    pub(crate) fn wait_until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let (ledger, changed) = &*self.ledger;
        for _ in 0..PATIENCE.as_millis() / 50 {
            if is_so() {
                return;
            }
            let guard = ledger.lock().unwrap_or_else(PoisonError::into_inner);
            drop(changed.wait_timeout(guard, Duration::from_millis(50)));
        }
        panic!("waited in vain: {what}");
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn action(&self, at: At, about: &str) -> Option<Action> {
        let mut ledger = self.lock();
        let rule = ledger
            .rules
            .iter_mut()
            .find(|rule| rule.at == at && rule.times > 0 && about.contains(&rule.about))?;
        rule.times -= 1;
        Some(rule.action.clone())
    }

    fn keep(&self, recorded: Recorded) {
        self.lock().accepted.push(recorded);
        self.ledger.1.notify_all();
    }

    fn complain(&self, what: &str) {
        self.lock().complaints.push(what.to_owned());
    }

    fn session(&self, stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        self.lock().connections += 1;
        let mut writer = stream.try_clone()?;
        let mut reader = BufReader::new(stream);
        let mut say = |text: &str| writer.write_all(format!("{text}\r\n").as_bytes());
        if let Some(reply) = rule!(self, At::Connect, "") {
            say(reply)?;
            return Ok(());
        }
        say("220 recording relay")?;
        let (mut from, mut to) = (String::new(), String::new());
        loop {
            let mut line = Vec::new();
            if reader.read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            if !line.ends_with(b"\r\n") {
                self.complain("a command line without CRLF");
            }
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => say("250-relay\r\n250 SIZE 10000000")?,
                "MAIL" => {
                    from = between(&line);
                    to.clear();
                    say(rule!(self, At::Mail, &line).unwrap_or("250 ok"))?;
                }
                "RCPT" => match rule!(self, At::Rcpt, &line) {
                    Some(reply) => say(reply)?,
                    None => {
                        to = between(&line);
                        say("250 ok")?;
                    }
                },
                "DATA" => {
                    if to.is_empty() {
                        say("503 no recipient")?;
                        continue;
                    }
                    if let Some(reply) = rule!(self, At::Data, &to) {
                        say(reply)?;
                        continue;
                    }
                    say("354 go")?;
                    let Some(bytes) = self.message(&mut reader)? else { return Ok(()) };
                    let recorded = Recorded {
                        from: from.clone(),
                        to: to.clone(),
                        message_id: header(&bytes, "message-id"),
                        hash: sha256_hex(&bytes),
                        bytes,
                    };
                    let Some(reply) = self.answer(recorded) else { return Ok(()) };
                    say(reply)?;
                }
                "RSET" | "NOOP" => say("250 ok")?,
                "QUIT" => return say("221 bye"),
                _ => say("502 what?")?,
            }
        }
    }

    /// The answer to the final dot; `None` to hang up.
    fn answer(&self, recorded: Recorded) -> Option<&'static str> {
        const TAKEN: &str = "250 2.0.0 taken";
        match self.action(At::Dot, &recorded.to) {
            None => {
                self.keep(recorded);
                Some(TAKEN)
            }
            Some(Action::Reply(reply)) => Some(reply),
            Some(Action::ReplyAndKeep(reply)) => {
                self.keep(recorded);
                Some(reply)
            }
            Some(Action::First(run)) => {
                run();
                self.keep(recorded);
                Some(TAKEN)
            }
            Some(Action::KeepAndHangUp) => {
                self.keep(recorded);
                None
            }
            Some(Action::HangUp) => None,
        }
    }

    /// A message up to its final dot; `None` when the client went away.
    fn message(&self, reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        loop {
            let mut line = Vec::new();
            if reader.read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
            if line == b".\r\n" {
                return Ok(Some(bytes));
            }
            // RFC 5321 2.3.8, 4.5.3.1.6.
            if !line.ends_with(b"\r\n") {
                self.complain("a bare line feed");
            }
            if line.len() > 1_000 {
                self.complain("a line of more than 998 octets");
            }
            if line[..line.len().saturating_sub(2)].contains(&b'\r') {
                self.complain("a bare carriage return");
            }
            if line.contains(&0) {
                self.complain("a NUL");
            }
            if line.starts_with(b".") {
                line.remove(0);
            }
            bytes.extend(line);
        }
    }
}

fn between(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or_else(String::new, |(address, _)| address.to_owned())
}

/// The unfolded value of a header.
pub(crate) fn header(bytes: &[u8], name: &str) -> String {
    let text = String::from_utf8_lossy(bytes);
    let head = text.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
    let found = head.lines().find_map(|line| {
        let (key, value) = line.split_once(": ")?;
        key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    });
    found.unwrap_or_default()
}
