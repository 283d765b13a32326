//! The built-in mail catcher: a real SMTP listener that keeps what it gets.
//!
//! For the demo, previews and tests. It takes everything, relays nothing, and
//! listens on loopback only.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use mail_parser::{MessageParser, MimeHeaders as _};
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// The largest message; bigger ones are refused at the dot.
const MESSAGE_BYTES_MAX: usize = 10 * 1024 * 1024;
/// The longest command line (RFC 5321 4.5.3.1.4 asks for 512).
const COMMAND_BYTES_MAX: u64 = 4_096;
/// Messages kept; the oldest make room.
const MESSAGES_MAX: usize = 10_000;
/// Bytes kept; the oldest make room.
const KEPT_BYTES_MAX: usize = 512 * 1024 * 1024;

/// A message that was caught.
#[derive(Clone, Debug)]
pub struct Caught {
    /// Its number, from 1.
    pub number: usize,
    /// MAIL FROM.
    pub from: String,
    /// RCPT TO.
    pub to: Vec<String>,
    /// The message as it came, after dot-unstuffing.
    pub bytes: Arc<[u8]>,
}

/// A text part of a caught message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// `text/plain`, `text/html`.
    pub content_type: String,
    /// Its content, decoded.
    pub text: String,
}

impl Caught {
    /// A header's value, decoded; the first of that name.
    pub fn header(&self, name: &str) -> Option<String> {
        let message = MessageParser::default().parse(&*self.bytes)?;
        if name.eq_ignore_ascii_case("subject") {
            return message.subject().map(str::to_owned);
        }
        let raw = message.header_raw(name.to_owned())?;
        Some(raw.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The Message-ID, without angle brackets.
    pub fn message_id(&self) -> Option<String> {
        let message = MessageParser::default().parse(&*self.bytes)?;
        message.message_id().map(str::to_owned)
    }

    /// The one-click address, if the message has one.
    pub fn unsubscribe_url(&self) -> Option<String> {
        let header = self.header("List-Unsubscribe")?;
        Some(header.strip_prefix('<')?.strip_suffix('>')?.to_owned())
    }

    /// The text parts, in the order in which they stand.
    pub fn parts(&self) -> Vec<Part> {
        let Some(message) = MessageParser::default().parse(&*self.bytes) else { return Vec::new() };
        let parts = message.parts.iter().filter_map(|part| {
            let kind = part.content_type()?;
            let content_type = format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("plain"));
            Some(Part { content_type, text: part.text_contents()?.to_owned() })
        });
        parts.filter(|part| part.content_type.starts_with("text/")).collect()
    }
}

/// What a catcher's observer sees.
#[derive(Clone, Copy, Debug)]
pub enum Sight<'a> {
    /// A message was kept; the answer to its final dot has not left.
    Kept(&'a Caught),
    /// That answer has left.
    Answered(&'a Caught),
}

/// Sees each message while its sender waits, in the middle of the session.
pub type Observer = Arc<dyn Fn(Sight<'_>) + Send + Sync>;

#[derive(Debug, Default)]
struct Kept {
    caught: Vec<Caught>,
    bytes: usize,
    count: usize,
}

/// A mail catcher that runs.
#[derive(Clone, Debug)]
pub struct Catcher {
    address: SocketAddr,
    kept: Arc<Mutex<Kept>>,
    /// How many were caught so far.
    count: Arc<watch::Sender<usize>>,
}

impl Catcher {
    /// Starts to listen at `address`, which must be on loopback.
    ///
    /// Returns an error when the port is taken or the address is another one.
    pub async fn listen(address: SocketAddr) -> io::Result<Catcher> {
        Catcher::listen_observed(address, Arc::new(|_| ())).await
    }

    /// The same, with somebody who sees each message at the moments that matter
    /// to its sender.
    pub async fn listen_observed(address: SocketAddr, observer: Observer) -> io::Result<Catcher> {
        if !address.ip().is_loopback() {
            let what =
                format!("{address} is not on this machine; the catcher listens on loopback only");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        }
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let catcher = Catcher { address, kept: Arc::default(), count: Arc::default() };
        let serving = catcher.clone();
        tokio::spawn(async move {
            loop {
                // An accept that fails (too many files) concerns that peer only.
                if let Ok((stream, _)) = listener.accept().await {
                    let session = serving.clone();
                    let observer = observer.clone();
                    tokio::spawn(async move {
                        // A peer that goes away ends its session and nothing else.
                        let _ = session.session(stream, &observer).await;
                    });
                }
            }
        });
        Ok(catcher)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What was caught and is kept, oldest first.
    pub fn caught(&self) -> Vec<Caught> {
        self.lock().caught.clone()
    }

    /// What was caught after the message with this number, oldest first.
    pub fn caught_after(&self, number: usize) -> Vec<Caught> {
        let kept = self.lock();
        kept.caught.iter().filter(|caught| caught.number > number).cloned().collect()
    }

    /// Tells of every message that is caught from now on: how many there were.
    pub fn arrivals(&self) -> watch::Receiver<usize> {
        self.count.subscribe()
    }

    /// The message with this number, if it is kept.
    pub fn find(&self, number: usize) -> Option<Caught> {
        self.lock().caught.iter().find(|caught| caught.number == number).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, from: String, to: Vec<String>, bytes: Vec<u8>) -> Caught {
        let mut kept = self.lock();
        kept.count += 1;
        kept.bytes += bytes.len();
        let caught = Caught { number: kept.count, from, to, bytes: bytes.into() };
        kept.caught.push(caught.clone());
        while kept.caught.len() > MESSAGES_MAX || kept.bytes > KEPT_BYTES_MAX {
            let oldest = kept.caught.remove(0);
            kept.bytes -= oldest.bytes.len();
        }
        self.count.send_replace(caught.number);
        caught
    }

    async fn session(&self, stream: TcpStream, observer: &Observer) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let (reader, mut writer) = stream.into_split();
        let mut reader = BufReader::new(reader);
        writer.write_all(b"220 fascicle mail catcher\r\n").await?;
        let mut from: Option<String> = None;
        let mut to: Vec<String> = Vec::new();
        loop {
            let mut line = Vec::new();
            (&mut reader).take(COMMAND_BYTES_MAX).read_until(b'\n', &mut line).await?;
            if !line.ends_with(b"\n") {
                return Ok(());
            }
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            let reply = match verb.as_str() {
                "EHLO" => "250-fascicle\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 10485760\r\n"
                    .to_owned(),
                "HELO" => "250 fascicle\r\n".to_owned(),
                "MAIL" => {
                    from = Some(path(&line));
                    to.clear();
                    "250 2.1.0 ok\r\n".to_owned()
                }
                "RCPT" if from.is_some() => {
                    to.push(path(&line));
                    "250 2.1.5 ok\r\n".to_owned()
                }
                "DATA" if from.is_some() && !to.is_empty() => {
                    writer.write_all(b"354 go\r\n").await?;
                    match data(&mut reader).await? {
                        Some(bytes) => {
                            let from = from.take().unwrap_or_default();
                            let caught = self.keep(from, std::mem::take(&mut to), bytes);
                            observer(Sight::Kept(&caught));
                            let reply = format!("250 2.0.0 caught as {}\r\n", caught.number);
                            writer.write_all(reply.as_bytes()).await?;
                            observer(Sight::Answered(&caught));
                            continue;
                        }
                        None => "552 5.3.4 over 10 MB\r\n".to_owned(),
                    }
                }
                "RCPT" | "DATA" => "503 5.5.1 MAIL and RCPT first\r\n".to_owned(),
                "RSET" => {
                    from = None;
                    to.clear();
                    "250 2.0.0 ok\r\n".to_owned()
                }
                "NOOP" => "250 2.0.0 ok\r\n".to_owned(),
                "QUIT" => {
                    return writer.write_all(b"221 2.0.0 bye\r\n").await;
                }
                _ => "502 5.5.2 not known here\r\n".to_owned(),
            };
            writer.write_all(reply.as_bytes()).await?;
        }
    }
}

/// The address in `MAIL FROM:<address> …`.
fn path(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or_else(String::new, |(address, _)| address.to_owned())
}

/// Reads a message up to its final dot; `None` when it is too large.
async fn data(reader: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let mut is_too_large = false;
    loop {
        let start = bytes.len();
        let mut limited = (&mut *reader).take(MESSAGE_BYTES_MAX as u64);
        if limited.read_until(b'\n', &mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if &bytes[start..] == b".\r\n" {
            bytes.truncate(start);
            return Ok((!is_too_large).then_some(bytes));
        }
        if bytes[start] == b'.' {
            bytes.remove(start);
        }
        if bytes.len() > MESSAGE_BYTES_MAX {
            is_too_large = true;
            bytes.clear();
        }
    }
}
