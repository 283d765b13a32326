//! A house with an open door: pages, service and catcher in this process, on a
//! clock that stands still until a test moves it.

use std::{net::Ipv4Addr, sync::Arc};

use fascicle::{
    campaign,
    mail::{Catcher, Caught, Keys, RelayOptions, Security},
    model::{EmailAddress, ProjectFiles, Reach},
    project,
    service::{SenderOptions, Service},
    store::{CampaignState, Missing, Snapshot, Store},
    time::{Clock, SignedDuration, Timestamp},
    web,
};
use rusqlite::Connection;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

use crate::world::root;

pub(crate) const START: Timestamp = Timestamp::constant(1_774_638_000, 0);
pub(crate) const JOIN: &str = "/join/back-care";

/// A service, its pages and a catcher, on one virtual clock.
pub(crate) struct House {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) store: Store,
    pub(crate) keys: Keys,
    pub(crate) clock: Clock,
    pub(crate) service: Service,
    pub(crate) catcher: Catcher,
    pub(crate) host: String,
}

/// An answer: its status, its head without the date, and its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// The value of a hidden input.
    pub(crate) fn hidden(&self, name: &str) -> &str {
        let input = format!("name=\"{name}\" value=\"");
        let at = self.body.find(&input).unwrap_or_else(|| panic!("no {name}: {}", self.body));
        self.body[at + input.len()..].split('"').next().expect("a value")
    }
}

impl House {
    pub(crate) async fn open() -> House {
        House::with(&[], |text| text).await
    }

    /// Behind `proxies`, with an edited `fascicle.toml`.
    pub(crate) async fn with(proxies: &[&str], edit: impl Fn(String) -> String) -> House {
        let folder = tempfile::tempdir().expect("a folder");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let host = listener.local_addr().expect("an address").to_string();
        let catcher = Catcher::listen((Ipv4Addr::LOCALHOST, 0).into()).await.expect("a catcher");
        let path = folder.path().join("house.db");
        let store = Store::open_sqlite(&path, Missing::Create).await.expect("a database");
        let keys = Keys::new(store.instance_secret().await.expect("a secret"));
        let clock = Clock::starting_at(START);
        let options = SenderOptions {
            relay: RelayOptions {
                host: catcher.address().ip().to_string(),
                port: catcher.address().port(),
                security: Security::Plain,
                credentials: None,
                hello: "house.example".to_owned(),
            },
            connections: 2,
            pace: None,
            reach: Reach::Everybody,
        };
        let service =
            Service::new(store.clone(), keys.clone(), clock.clone(), options, Arc::new(|_| ()));
        let proxies: Vec<String> = proxies.iter().map(|proxy| (*proxy).to_owned()).collect();
        let pages =
            web::public(store.clone(), service.library(), keys.clone(), clock.clone(), &proxies);
        tokio::spawn(web::serve(listener, pages, std::future::pending()));
        let house = House { folder, store, keys, clock, service, catcher, host };
        house.apply(edit).await;
        house
    }

    /// Applies the founding project, its `fascicle.toml` edited.
    pub(crate) async fn apply(&self, edit: impl Fn(String) -> String) {
        self.apply_with(|files| {
            let (_, toml) = files.find("fascicle.toml").expect("a manifest");
            let toml = edit(String::from_utf8(toml.to_vec()).expect("text"));
            files.insert("fascicle.toml", toml.into_bytes());
        })
        .await;
    }

    /// Applies the founding project, its files edited.
    pub(crate) async fn apply_with(&self, edit: impl Fn(&mut ProjectFiles)) {
        let mut files = project::load(root()).expect("the project");
        edit(&mut files);
        let files = project::snapshot(&files, Some(&format!("http://{}", self.host)));
        let (project, findings) = campaign::read(&files);
        assert!(findings.is_empty());
        let campaigns = project.expect("a project").editions.into_values();
        let campaigns = campaigns.map(|edition| CampaignState {
            id: edition.campaign.id.clone(),
            version: edition.version.clone(),
            status: edition.campaign.status,
        });
        let snapshot = Snapshot { files, campaigns: campaigns.collect() };
        self.store.apply(snapshot, self.clock.now()).await.expect("applied");
    }

    pub(crate) async fn later(&self, span: SignedDuration) {
        self.clock.wait_until(self.clock.now() + span, &Notify::new()).await;
    }

    /// Everything that is due now.
    pub(crate) async fn work(&self) {
        while self.service.run_once().await.expect("it works") > 0 {}
    }

    pub(crate) async fn request(&self, method: &str, path: &str, head: &str, body: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.host).await.expect("it is served");
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n{head}Content-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("answered");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let head = head.lines().filter(|line| !line.starts_with("date:"));
        Answer {
            status: status.expect("a status"),
            head: head.collect::<Vec<_>>().join("\n"),
            body: body.to_owned(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request("GET", path, "", "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> Answer {
        self.request("POST", path, "", body).await
    }

    /// Fills in the form as people do, in five seconds.
    pub(crate) async fn sign_up(&self, email: &str) -> Answer {
        let stamp = self.get(JOIN).await.hidden("stamp").to_owned();
        self.later(SignedDuration::from_secs(5)).await;
        let email = email.replace('+', "%2B");
        self.post(
            JOIN,
            &format!("email={email}&field.first_name=Ada&zone=Asia/Tokyo&stamp={stamp}"),
        )
        .await
    }

    /// Signs up, and returns the path of the link in the confirmation.
    pub(crate) async fn asked(&self, email: &str) -> String {
        assert_eq!(self.sign_up(email).await.status, 303);
        self.work().await;
        self.link(&self.to(email).pop().expect("a confirmation"), "/c/")
    }

    /// Signs up and confirms.
    pub(crate) async fn joined(&self, email: &str) {
        let link = self.asked(email).await;
        assert_eq!(self.post(&link, "").await.status, 303);
        self.work().await;
    }

    /// The mails to `email`, oldest first.
    pub(crate) fn to(&self, email: &str) -> Vec<Caught> {
        self.catcher.caught().into_iter().filter(|mail| mail.to == [email]).collect()
    }

    /// How many confirmations went to `email`.
    pub(crate) fn confirmations(&self, email: &str) -> usize {
        self.to(email).iter().filter(|mail| is_confirmation(mail)).count()
    }

    /// The path of the first link in the text that begins with `kind`.
    pub(crate) fn link(&self, mail: &Caught, kind: &str) -> String {
        let text = &mail.parts()[0].text;
        let base = format!("http://{}", self.host);
        let at = text.find(&format!("{base}{kind}")).unwrap_or_else(|| panic!("no link: {text}"));
        let link = text[at..].split_whitespace().next().expect("a link");
        link[base.len()..].to_owned()
    }

    /// The path of the one click in a mail's header.
    pub(crate) fn way_out(&self, mail: &Caught) -> String {
        let url = mail.unsubscribe_url().expect("a way out");
        url.strip_prefix(&format!("http://{}", self.host)).expect("our own").to_owned()
    }

    pub(crate) fn suppress(&self, email: &str) {
        let email = EmailAddress::parse(email).expect("an address");
        self.query(&format!(
            "INSERT INTO suppression (email_key, reason, created_at)
             VALUES ('{}', 'bounced', 0) RETURNING 1",
            email.key()
        ));
    }

    pub(crate) fn query(&self, sql: &str) -> i64 {
        self.connection().query_row(sql, [], |row| row.get(0)).expect(sql)
    }

    pub(crate) fn text(&self, sql: &str) -> String {
        self.connection().query_row(sql, [], |row| row.get(0)).expect(sql)
    }

    pub(crate) fn execute(&self, sql: &str) {
        self.connection().execute(sql, []).expect(sql);
    }

    fn connection(&self) -> Connection {
        let connection = Connection::open(self.folder.path().join("house.db")).expect("it opens");
        connection.busy_timeout(std::time::Duration::from_secs(10)).expect("a time-out");
        connection
    }

    /// Everything that is written, to see whether a look changed it.
    pub(crate) fn dump(&self) -> Vec<String> {
        let connection = Connection::open(self.folder.path().join("house.db")).expect("it opens");
        let mut tables = connection
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
            .expect("a schema");
        let names: Vec<String> =
            tables.query_map([], |row| row.get(0)).and_then(Iterator::collect).expect("names");
        let mut lines = Vec::new();
        for name in names {
            let mut rows = connection.prepare(&format!("SELECT * FROM {name}")).expect("a table");
            let count = rows.column_count();
            let mut rows = rows.query([]).expect("rows");
            while let Some(row) = rows.next().expect("a row") {
                let values =
                    (0..count).map(|at| format!("{:?}", row.get_ref(at).expect("a value")));
                lines.push(format!("{name} {}", values.collect::<Vec<_>>().join(" ")));
            }
        }
        lines
    }
}

pub(crate) fn is_confirmation(mail: &Caught) -> bool {
    mail.header("Subject").is_some_and(|subject| subject.starts_with("Please confirm"))
}

pub(crate) fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}
