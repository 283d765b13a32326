//! One connection to a relay, driven phase by phase.
//!
//! A connection belongs to one task. Each command has its own deadline from RFC
//! 5321 4.5.3.2; after the final dot it is ten minutes, because giving up
//! early there makes duplicates (RFC 1047). Whatever goes wrong, the caller
//! learns whether the message can have been taken.

use std::{future::Future, sync::Arc, time::Duration};

use lettre::{
    Address,
    transport::smtp::{
        authentication::{Credentials as LettreCredentials, Mechanism},
        client::AsyncSmtpConnection,
        commands::{Data, Mail, Rcpt, Rset},
        extension::ClientId,
        response::Response,
    },
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, pki_types::ServerName},
};

use super::{
    reply,
    wire::{Departure, Wire},
};
use crate::model::{EmailAddress, Envelope, Outgoing, Stage, Verdict};

/// Deadlines of the phases.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
const COMMAND_TIMEOUT: Duration = Duration::from_secs(300);
const DATA_TIMEOUT: Duration = Duration::from_secs(120);
const DOT_TIMEOUT: Duration = Duration::from_secs(600);

/// The longest reply line that is read before TLS.
const PREAMBLE_LINE_MAX: u64 = 1_000;
/// The most reply lines before TLS.
const PREAMBLE_LINES_MAX: usize = 100;

/// How mail leaves.
#[derive(Clone, Debug)]
pub struct RelayOptions {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Whether and how the connection is encrypted.
    pub security: Security,
    /// Login, when the relay asks for one.
    pub credentials: Option<Credentials>,
    /// What we call ourselves in EHLO.
    pub hello: String,
}

/// Whether and how a connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Not at all: a relay on this machine, or the owner said so.
    Plain,
    /// From the first byte (RFC 8314).
    Tls,
    /// After STARTTLS (RFC 3207); a relay that does not offer it is refused.
    StartTls,
}

/// A login. Its password is never printed.
#[derive(Clone)]
pub struct Credentials {
    /// Who.
    pub username: String,
    /// The secret.
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(***)")
    }
}

/// An open connection to a relay.
pub struct Connection {
    smtp: AsyncSmtpConnection,
    departure: Departure,
    is_usable: bool,
    handed_over: usize,
}

impl Connection {
    /// Messages over one connection; then a new one is opened, as relays ask.
    const MESSAGES_MAX: usize = 100;

    /// Opens a connection, up to and including AUTH.
    ///
    /// Returns [`Verdict::NotHandedOver`] when anything on the way fails.
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    pub async fn open(options: &RelayOptions) -> Result<Connection, Verdict> {
        let trouble = |reply: String| Verdict::NotHandedOver { stage: Stage::Connect, reply };
        let wire = match timeout(CONNECT_TIMEOUT, wire(options)).await {
            Ok(wire) => wire.map_err(trouble)?,
            Err(_) => return Err(trouble("no connection within 30 s".to_owned())),
        };
        let departure = wire.departure();
        let hello = ClientId::Domain(options.hello.clone());
        let connecting = AsyncSmtpConnection::connect_with_transport(Box::new(wire), &hello);
        let smtp = match timeout(COMMAND_TIMEOUT, connecting).await {
            Ok(Ok(smtp)) => smtp,
            Ok(Err(error)) => return Err(failure(Stage::Connect, &error)),
            Err(_) => return Err(trouble("no greeting in time".to_owned())),
        };
        let mut connection = Connection { smtp, departure, is_usable: true, handed_over: 0 };
        if let Some(credentials) = &options.credentials {
            connection.login(credentials).await?;
        }
        Ok(connection)
    }

    async fn login(&mut self, credentials: &Credentials) -> Result<(), Verdict> {
        let login =
            LettreCredentials::new(credentials.username.clone(), credentials.password.clone());
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        let auth = timeout(COMMAND_TIMEOUT, self.smtp.auth(&mechanisms, &login)).await;
        match auth {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(failure(Stage::Auth, &error)),
            Err(_) => Err(timed_out(Stage::Auth)),
        }
    }

    /// Whether another message can go over this connection.
    pub fn is_usable(&self) -> bool {
        self.is_usable && self.handed_over < Self::MESSAGES_MAX
    }

    /// MAIL and RCPT: asks whether the relay would take a message.
    ///
    /// Returns the relay's verdict when it would not. After a refused RCPT the
    /// connection is reset and stays usable.
    pub async fn begin(&mut self, envelope: &Envelope) -> Result<(), Verdict> {
        let mail = Mail::new(Some(address(&envelope.from)?), Vec::new());
        self.phase(Stage::Mail, COMMAND_TIMEOUT, async |smtp| smtp.command(mail).await).await?;
        let rcpt = Rcpt::new(address(&envelope.to)?, Vec::new());
        let taken = self.phase(Stage::Rcpt, COMMAND_TIMEOUT, async |smtp| smtp.command(rcpt).await);
        if let Err(verdict) = taken.await {
            self.cancel().await;
            return Err(verdict);
        }
        Ok(())
    }

    /// RSET: forgets a message that was begun.
    pub async fn cancel(&mut self) {
        if self.is_usable {
            let reset =
                self.phase(Stage::Mail, COMMAND_TIMEOUT, async |smtp| smtp.command(Rset).await);
            self.is_usable = reset.await.is_ok();
        }
    }

    /// DATA, the message and its final dot.
    pub async fn finish(&mut self, outgoing: &Outgoing) -> Verdict {
        let data = self.phase(Stage::Data, DATA_TIMEOUT, async |smtp| smtp.command(Data).await);
        match data.await {
            Ok(response) if response.has_code(354) => {}
            Ok(response) => {
                self.is_usable = false;
                let reply = words(&response);
                return Verdict::NotHandedOver { stage: Stage::Data, reply };
            }
            Err(verdict) => {
                self.cancel().await;
                return verdict;
            }
        }
        self.handed_over += 1;
        // lettre adds the line end before the dot itself.
        let bytes = outgoing.bytes.strip_suffix(b"\r\n").unwrap_or(&outgoing.bytes);
        let answer = timeout(DOT_TIMEOUT, self.smtp.message(bytes)).await;
        match answer {
            Ok(Ok(response)) if response.has_code(250) => {
                return Verdict::Accepted { reply: words(&response) };
            }
            // A 2xx that is not 250 promises nothing: the message's fate is open.
            Ok(Ok(response)) => {
                self.is_usable = false;
                return Verdict::Unknown { reply: words(&response) };
            }
            Ok(Err(error)) if error.status().is_some() => {
                let verdict = failure(Stage::Dot, &error);
                self.is_usable = !matches!(verdict, Verdict::NotHandedOver { .. });
                return verdict;
            }
            Ok(Err(_)) | Err(_) => self.is_usable = false,
        }
        if self.departure.is_complete() {
            Verdict::Unknown { reply: "the connection ended after the final dot".to_owned() }
        } else {
            let reply = "the connection ended before the final dot".to_owned();
            Verdict::NotHandedOver { stage: Stage::Dot, reply }
        }
    }

    /// Sends one message over a connection of its own, from EHLO to QUIT.
    pub async fn send_alone(options: &RelayOptions, outgoing: &Outgoing) -> Verdict {
        let mut connection = match Connection::open(options).await {
            Ok(connection) => connection,
            Err(verdict) => return verdict,
        };
        let verdict = match connection.begin(&outgoing.envelope).await {
            Ok(()) => connection.finish(outgoing).await,
            Err(verdict) => verdict,
        };
        connection.close().await;
        verdict
    }

    /// QUIT, without waiting long for the answer.
    pub async fn close(mut self) {
        if self.is_usable {
            let _ = timeout(Duration::from_secs(5), self.smtp.quit()).await;
        }
    }

    /// One command with its deadline.
    async fn phase(
        &mut self,
        stage: Stage,
        deadline: Duration,
        command: impl AsyncFnOnce(
            &mut AsyncSmtpConnection,
        ) -> Result<Response, lettre::transport::smtp::Error>,
    ) -> Result<Response, Verdict> {
        let verdict = match timeout(deadline, command(&mut self.smtp)).await {
            Ok(Ok(response)) => return Ok(response),
            Ok(Err(error)) => {
                // Without a code the connection broke; with 421 it is closing.
                let code = error.status().map(u16::from);
                self.is_usable = code.is_some_and(|code| code != 421);
                failure(stage, &error)
            }
            Err(_) => {
                self.is_usable = false;
                timed_out(stage)
            }
        };
        Err(verdict)
    }
}

fn address(address: &EmailAddress) -> Result<Address, Verdict> {
    Address::new(address.local(), address.domain()).map_err(|error| Verdict::Refused {
        stage: Stage::Mail,
        reply: error.to_string(),
        is_hard: false,
    })
}

fn timed_out(stage: Stage) -> Verdict {
    Verdict::NotHandedOver { stage, reply: "no answer in time".to_owned() }
}

fn words(response: &Response) -> String {
    let text: Vec<&str> = response.message().collect();
    format!("{} {}", response.code(), text.join(" "))
}

/// The verdict on lettre's error at `stage`.
fn failure(stage: Stage, error: &lettre::transport::smtp::Error) -> Verdict {
    use std::error::Error as _;
    let text = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    match error.status() {
        Some(code) => reply::verdict(stage, u16::from(code), &text),
        None => Verdict::NotHandedOver { stage, reply: text },
    }
}

/// Connects, with TLS where it is asked for.
async fn wire(options: &RelayOptions) -> Result<Wire, String> {
    let target = (options.host.trim_matches(['[', ']']), options.port);
    let tcp = TcpStream::connect(target).await.map_err(|error| error.to_string())?;
    let connected = match options.security {
        Security::Plain => Wire::plain(tcp),
        Security::Tls => Wire::tls(encrypt(tcp, &options.host).await?),
        Security::StartTls => {
            let tcp = start_tls(tcp, &options.hello).await?;
            let tls = encrypt(tcp, &options.host).await?;
            Wire::tls(tls).map(|wire| wire.with_greeting("220 encrypted\r\n"))
        }
    };
    connected.map_err(|error| error.to_string())
}

async fn encrypt(
    tcp: TcpStream,
    host: &str,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, String> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
        .map_err(|error| error.to_string())?;
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect(name, tcp).await.map_err(|error| format!("TLS: {error}"))
}

/// The plain part of a STARTTLS session: greeting, EHLO, STARTTLS.
///
/// Bytes that come after the 220 and before TLS were put in by somebody else
/// (CVE-2011-0411): then there is no connection.
async fn start_tls(tcp: TcpStream, hello: &str) -> Result<TcpStream, String> {
    let mut stream = BufReader::new(tcp);
    expect(&mut stream, "220").await?;
    let send = async |stream: &mut BufReader<TcpStream>, line: String| {
        stream.get_mut().write_all(line.as_bytes()).await.map_err(|error| error.to_string())
    };
    send(&mut stream, format!("EHLO {hello}\r\n")).await?;
    let offers = expect(&mut stream, "250").await?;
    if !offers.iter().any(|line| line.to_ascii_uppercase().starts_with("STARTTLS")) {
        return Err("the relay does not offer STARTTLS, and plaintext = true is not set".to_owned());
    }
    send(&mut stream, "STARTTLS\r\n".to_owned()).await?;
    expect(&mut stream, "220").await?;
    if !stream.buffer().is_empty() {
        return Err("the relay spoke between STARTTLS and TLS".to_owned());
    }
    Ok(stream.into_inner())
}

/// Reads one reply and returns its lines without the code.
fn expect<'a>(
    stream: &'a mut BufReader<TcpStream>,
    code: &'a str,
) -> impl Future<Output = Result<Vec<String>, String>> + 'a {
    use tokio::io::AsyncReadExt as _;
    async move {
        let mut lines = Vec::new();
        for _ in 0..PREAMBLE_LINES_MAX {
            let mut line = Vec::new();
            let mut limited = (&mut *stream).take(PREAMBLE_LINE_MAX);
            limited.read_until(b'\n', &mut line).await.map_err(|error| error.to_string())?;
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            if !line.starts_with(code) {
                return Err(format!("the relay said `{line}`"));
            }
            let is_last = line.as_bytes().get(3) != Some(&b'-');
            lines.push(line.get(4..).unwrap_or_default().to_owned());
            if is_last {
                return Ok(lines);
            }
        }
        Err("the relay's reply does not end".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    /// Talks STARTTLS to a server that answers each of our lines with the next
    /// of `replies`; the first one is its greeting.
    async fn talk(replies: &'static [&'static str]) -> Result<TcpStream, String> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        tokio::spawn(async move {
            let (mut server, _) = listener.accept().await.expect("a client");
            for reply in replies {
                server.write_all(reply.as_bytes()).await.expect("sent");
                let mut line = [0; 100];
                if server.read(&mut line).await.expect("read") == 0 {
                    return;
                }
            }
        });
        let client = TcpStream::connect(address).await.expect("connected");
        start_tls(client, "us.example").await
    }

    #[track_caller]
    fn check(result: Result<TcpStream, String>, expected: &str) {
        match result {
            Ok(_) => assert_eq!("ready for TLS", expected),
            Err(what) => assert_eq!(what, expected),
        }
    }

    #[tokio::test]
    async fn nothing_but_a_clean_starttls_leads_to_tls() {
        check(
            talk(&["220 hi\r\n", "250-x\r\n250 STARTTLS\r\n", "220 go\r\n"]).await,
            "ready for TLS",
        );
        check(
            talk(&["220 hi\r\n", "250-x\r\n250 PIPELINING\r\n"]).await,
            "the relay does not offer STARTTLS, and plaintext = true is not set",
        );
        check(
            talk(&["220 hi\r\n", "250 starttls\r\n", "220 go\r\n250 injected\r\n"]).await,
            "the relay spoke between STARTTLS and TLS",
        );
        check(talk(&["554 no\r\n"]).await, "the relay said `554 no`");
        check(
            talk(&["220 hi\r\n", "250 STARTTLS\r\n", "454 later\r\n"]).await,
            "the relay said `454 later`",
        );
    }
}
