//! A project of its own and the real program on it.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    time::Duration,
};

use rusqlite::Connection;

use crate::relay::Relay;

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A temporary project folder. When it goes away it checks that no message
/// was left in somebody's hands.
pub(crate) struct World {
    folder: tempfile::TempDir,
}

/// What a command said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl World {
    /// An empty folder.
    pub(crate) fn empty() -> World {
        World { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// A copy of the founding project, as it is in the repository.
    pub(crate) fn founding() -> World {
        let world = World::empty();
        for name in ["fascicle.toml", "samples.toml", "templates", "campaigns"] {
            copy(&root().join(name), &world.path().join(name));
        }
        // As a project in production has it; nothing in a test follows it.
        let own = "https://news.example.com\"";
        world.edit("fascicle.toml", |text| text.replace("http://127.0.0.1:8400\"", own));
        world
    }

    /// The founding project, every part due at once at any hour, its mail
    /// going to `relay`, on `connections` connections.
    pub(crate) fn at_once(relay: &Relay, connections: usize) -> World {
        let world = World::founding();
        world.edit("campaigns/knot-in-lower-back/campaign.toml", |text| {
            let text = text.replace("after   = \"3d\"", "").replace("after = \"4d\"", "");
            let send = text.find("[send]").expect("a [send] table");
            let steps = text.find("[[step]]").expect("steps");
            let rules = "[send]\nevery = \"0m\"\nunknown_delay = \"0m\"\n\n";
            format!("{}{rules}{}", &text[..send], &text[steps..])
        });
        world.use_relay(relay, connections);
        world
    }

    /// Sends the project's mail to `relay`.
    pub(crate) fn use_relay(&self, relay: &Relay, connections: usize) {
        self.edit("fascicle.toml", |text| {
            let port = format!("port = {}\nconnections = {connections}", relay.address().port());
            text.replace("port = 1025", &port).replace("127.0.0.1:8400", "127.0.0.1:0")
        });
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        fs::create_dir_all(path.parent().expect("a file in a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    pub(crate) fn edit(&self, file: &str, change: impl FnOnce(String) -> String) {
        let before = self.read(file);
        let after = change(before.clone());
        assert_ne!(before, after, "the edit of {file} changes nothing");
        self.write(file, &after);
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let output = self.command(arguments).output().expect("the program starts");
        Said {
            status: output.status,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs a command that must succeed, and returns its standard output.
    #[track_caller]
    pub(crate) fn good(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert!(said.status.success(), "{arguments:?}: {}\n{}", said.stdout, said.stderr);
        said.stdout
    }

    /// Imports `count` people without a zone.
    pub(crate) fn import(&self, count: usize) {
        let rows: Vec<String> = (0..count).map(|n| format!("p{n}@example.org,P{n}")).collect();
        self.write("people.csv", &format!("email,first_name\n{}\n", rows.join("\n")));
        let file = self.path().join("people.csv");
        let file = file.to_str().expect("UTF-8");
        self.good(&["people", "import", file, "--list", "back-care", "--consent", "a test"]);
    }

    /// Starts `fascicle run` and returns when it serves its pages.
    #[track_caller]
    pub(crate) fn start(&self) -> Running {
        Running::start(self.command(&["run"]))
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fascicle"));
        command.args(arguments).current_dir(self.path()).env("NO_COLOR", "1");
        command
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path().join("fascicle.db")
    }

    /// Asks the database, past the program.
    pub(crate) fn query(&self, sql: &str) -> i64 {
        let connection = Connection::open(self.database()).expect("the database opens");
        connection.busy_timeout(Duration::from_secs(10)).expect("a time-out");
        connection.query_row(sql, [], |row| row.get(0)).expect(sql)
    }

    /// The Message-IDs of all messages in a state.
    pub(crate) fn message_ids(&self, state: &str) -> Vec<String> {
        let connection = Connection::open(self.database()).expect("the database opens");
        let mut statement = connection
            .prepare("SELECT message_id FROM message WHERE state = ?1")
            .expect("the schema");
        let ids = statement.query_map([state], |row| row.get(0)).expect("a query");
        ids.collect::<Result<_, _>>().expect("texts")
    }

    /// How many messages are in a state.
    pub(crate) fn count(&self, state: &str) -> i64 {
        self.query(&format!("SELECT count(*) FROM message WHERE state = '{state}'"))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() || !self.database().exists() {
            return;
        }
        assert_eq!(self.count("claimed"), 0, "messages were left claimed");
        let open = self.query("SELECT count(*) FROM attempt WHERE finished_at IS NULL");
        assert_eq!(open, 0, "attempts were left open");
    }
}

/// A `fascicle run` that runs.
pub(crate) struct Running {
    child: Child,
    /// What it says, line by line.
    lines: mpsc::Receiver<String>,
    pub(crate) pages: String,
}

impl Running {
    #[track_caller]
    pub(crate) fn start(mut command: Command) -> Running {
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stderr = BufReader::new(child.stderr.take().expect("piped"));
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut running = Running { child, lines, pages: String::new() };
        let line = running.wait_for_line("pages:");
        line.trim_start_matches("pages:").trim().clone_into(&mut running.pages);
        running
    }

    /// Returns the first line that holds `text`.
    #[track_caller]
    pub(crate) fn wait_for_line(&mut self, text: &str) -> String {
        let mut seen = Vec::new();
        loop {
            match self.lines.recv_timeout(Duration::from_secs(60)) {
                Ok(line) if line.contains(text) => return line,
                Ok(line) => seen.push(line),
                Err(mpsc::RecvTimeoutError::Timeout | mpsc::RecvTimeoutError::Disconnected) => {
                    panic!("waited in vain for `{text}`, heard: {seen:#?}")
                }
            }
        }
    }

    /// SIGKILL, as the power does it.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// SIGTERM; returns when it has ended by itself.
    #[track_caller]
    pub(crate) fn stop(mut self) {
        let status = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .expect("kill is there");
        assert!(status.success());
        let status = self.child.wait().expect("it ends");
        assert!(status.success(), "it ended with {status}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Only what a failed test leaves behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).expect("a copy");
        return;
    }
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}
