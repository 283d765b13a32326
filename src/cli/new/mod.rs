//! `fascicle new`: files to begin with, that pass `check`. What is there already
//! stays as it is; only a step's manifest grows at its end.

mod files;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail, ensure};
use clap::Subcommand;

use super::{given, term};
use crate::{
    campaign::{self, Project},
    diagnostic::Diagnostics,
    model::{Name, ProjectFiles, Site},
    project,
    time::{Clock, Delay},
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// A course: its campaign.toml, and a first email
    Campaign {
        /// Its name: lower case letters, digits and dashes
        name: String,
    },
    /// One more email, at the end of a campaign
    Step {
        /// The campaign
        campaign: String,
        /// The step's name
        name: String,
        /// How long it waits after the step before, like 2d
        #[arg(long, value_name = "DELAY")]
        after: Option<String>,
    },
    /// A letter on a schedule, and a first issue
    Newsletter {
        /// Its name
        name: String,
    },
    /// A look for mails
    Layout {
        /// Its name
        name: String,
    },
}

/// Files to write: path in the project, and text. One that is there grows.
type Texts = Vec<(String, String)>;

pub(super) fn run(folder: &Path, command: &Command) -> anyhow::Result<ExitCode> {
    let loaded = given::load(folder)?;
    let Some(project) = &loaded.project else {
        term::findings(&loaded.diagnostics);
        bail!("fascicle.toml lacks what every mail needs; nothing was written");
    };
    let before = Before { files: &loaded.files, project };
    let (candidates, next) = match command {
        Command::Campaign { name } => before.campaign(&parse(name)?)?,
        Command::Step { campaign, name, after } => {
            before.step(campaign, &parse(name)?, after.as_deref())?
        }
        Command::Newsletter { name } => before.newsletter(&parse(name)?)?,
        Command::Layout { name } => before.layout(&parse(name)?)?,
    };
    let mut refused = Diagnostics::default();
    for texts in &candidates {
        refused = before.trouble(texts);
        if !refused.has_errors() {
            write(folder, texts)?;
            for (path, _) in texts {
                let is_new = loaded.files.find(path).is_none();
                term::say(&format!("{} {path}", if is_new { "wrote" } else { "added to" }));
            }
            term::say(&format!("next: {next}"));
            return Ok(ExitCode::SUCCESS);
        }
    }
    term::findings(&refused);
    bail!("with the files of this project it would not work; nothing was written");
}

fn parse(name: &str) -> anyhow::Result<Name> {
    Name::parse(name).with_context(|| {
        format!(
            "`{name}` is not a name: use lower case letters, digits and dashes, up to 60 of them"
        )
    })
}

/// The project as it is.
struct Before<'a> {
    files: &'a ProjectFiles,
    project: &'a Project,
}

/// What may be written, the best first, and what its author does next.
type Plan = anyhow::Result<(Vec<Texts>, String)>;

impl Before<'_> {
    fn campaign(&self, name: &Name) -> Plan {
        let folder = self.free_folder(name)?;
        let layout = self.layout_for_steps()?;
        let list = self.list()?;
        let manifest = files::campaign(&title(name), &layout, list);
        let texts = vec![
            (format!("{folder}/campaign.toml"), manifest),
            (format!("{folder}/1-welcome.md"), files::words("Welcome")),
        ];
        let next = format!(
            "write {folder}/1-welcome.md, add emails with `fascicle new step {name} NAME`, \
             and look at them with `fascicle preview`"
        );
        Ok((vec![texts], next))
    }

    fn step(&self, campaign: &str, name: &Name, after: Option<&str>) -> Plan {
        let edition = given::edition(self.project, campaign)?;
        let (id, steps) = (&edition.campaign.id, &edition.campaign.steps);
        ensure!(
            steps.iter().all(|step| step.id != *name),
            "`{id}` has a step `{name}` already; nothing was written"
        );
        if let Some(after) = after {
            let is_delay = Delay::parse(after).is_ok();
            ensure!(is_delay, "`{after}` is not a span of time; write it like 30m, 36h, 2d or 1w");
        }
        let path = format!("campaigns/{id}/campaign.toml");
        let (_, bytes) = self.files.find(&path).context("the campaign has no manifest")?;
        let manifest = std::str::from_utf8(bytes).context("the manifest is not UTF-8")?;
        let words = format!("campaigns/{id}/{}-{name}.md", steps.len() + 1);
        for taken in [words.as_str(), &format!("campaigns/{id}/{name}.md")] {
            self.ensure_free(taken)?;
        }
        let texts = vec![
            (words.clone(), files::words(&title(name))),
            (path, files::with_step(manifest, name, after)),
        ];
        let next = format!("write {words}, and see where it lands with `fascicle forecast {id}`");
        Ok((vec![texts], next))
    }

    fn newsletter(&self, name: &Name) -> Plan {
        const LAYOUT: &str = "letter";
        let folder = self.free_folder(name)?;
        let list = self.list()?;
        let today = Clock::System.now().to_zoned(self.project.site.zone.clone()).date();
        let issue = format!("{folder}/issues/{today}-hello.md");
        let texts = vec![
            (format!("{folder}/campaign.toml"), files::newsletter(&title(name), LAYOUT, list)),
            (issue.clone(), files::issue()),
        ];
        let path = format!("templates/{LAYOUT}.mjml");
        let candidates = if self.files.find(&path).is_some() {
            vec![texts]
        } else {
            let looks = [self.own_look(), files::Look::Plain];
            let with = |look| {
                let layout = (path.clone(), files::layout(LAYOUT, look));
                texts.iter().cloned().chain([layout]).collect()
            };
            looks.into_iter().map(with).collect()
        };
        let next = format!(
            "write {issue}, and read it with `fascicle render {name}/{today}-hello --part text` \
             (newsletters are checked and kept; sending them comes with a later version)"
        );
        Ok((candidates, next))
    }

    fn layout(&self, name: &Name) -> Plan {
        let path = format!("templates/{name}.mjml");
        self.ensure_free(&path)?;
        let looks = [self.own_look(), files::Look::Plain];
        let candidates = looks.map(|look| vec![(path.clone(), files::layout(name.as_str(), look))]);
        let next = format!("name it in a campaign.toml: layout = \"{name}\"");
        Ok((candidates.into(), next))
    }

    /// The project's own head and foot, where it has them.
    fn own_look(&self) -> files::Look {
        let has =
            |name: &str| self.files.find(&format!("templates/partials/{name}.mjml")).is_some();
        if has("head") && has("footer") { files::Look::OfTheProject } else { files::Look::Plain }
    }

    /// A folder under campaigns/ in which nothing is.
    fn free_folder(&self, name: &Name) -> anyhow::Result<String> {
        let folder = format!("campaigns/{name}");
        let taken = self.files.below(&format!("{folder}/")).next();
        ensure!(taken.is_none(), "{folder} is there already; nothing was written");
        Ok(folder)
    }

    fn ensure_free(&self, path: &str) -> anyhow::Result<()> {
        ensure!(self.files.find(path).is_none(), "{path} is there already; nothing was written");
        Ok(())
    }

    fn list(&self) -> anyhow::Result<&Name> {
        let list = self.site().lists.keys().next();
        list.context("there is no list to write to: declare one in fascicle.toml, [lists.my-list]")
    }

    fn site(&self) -> &Site {
        &self.project.site
    }

    /// The layout of a campaign that is there, or one that is not the
    /// confirmation's.
    fn layout_for_steps(&self) -> anyhow::Result<String> {
        let used = self.project.editions.values().map(|edition| edition.campaign.layout.clone());
        let present = self.files.below("templates/").filter_map(|(path, _)| {
            let name = path.strip_prefix("templates/")?.strip_suffix(".mjml")?;
            (!name.contains('/') && name != "confirm").then(|| name.to_owned())
        });
        let found = used.chain(present).next();
        found.context("there is no layout; `fascicle new layout course` writes one")
    }

    /// What would be wrong with `texts` that is not wrong now.
    fn trouble(&self, texts: &Texts) -> Diagnostics {
        let (_, known) = campaign::read(self.files);
        let mut files = self.files.clone();
        for (path, text) in texts {
            files.insert(path.as_str(), text.as_bytes());
        }
        let (_, diagnostics) = campaign::read(&files);
        let known = known.findings();
        diagnostics.only(|finding| !known.contains(&finding))
    }
}

/// `Welcome back` of `welcome-back`.
fn title(name: &Name) -> String {
    let mut words = name.as_str().replace(['-', '_'], " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

/// Writes `texts` one by one, what is new before what refers to it.
fn write(folder: &Path, texts: &Texts) -> anyhow::Result<()> {
    for (path, text) in texts {
        let path: PathBuf = folder.join(path);
        let parent = path.parent().context("a file is in a folder")?;
        project::make_folder(parent).with_context(|| format!("making {}", parent.display()))?;
        let name = path.file_name().and_then(|name| name.to_str()).context("a file has a name")?;
        project::write_folder(parent, &[(name.to_owned(), text.clone().into_bytes())])
            .with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}
