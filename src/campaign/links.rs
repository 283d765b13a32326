//! Where a project's mails lead, and what to say of each such link when it was
//! asked for.

use std::collections::{BTreeMap, BTreeSet};

use toml::de::DeTable;
use url::Url;

use super::{Project, memo::Memo, mend::Mended, project::Reader, site, words};
use crate::{
    diagnostic::{Diagnostics, Place},
    model::{LinkAnswer, ProjectFiles, Site},
    render::{Passage, Tracing, links_of_layout, links_of_words},
};

/// The links of a project's mails.
#[derive(Debug)]
pub struct Links {
    /// Each address, whole and without its fragment, and a place where it stands.
    found: Vec<(String, Place)>,
    /// The texts that the places are in.
    sources: Diagnostics,
}

impl Links {
    /// The links of every mail of `project`, which was read from `files`: in its
    /// words, in layouts, and those with a name.
    ///
    /// What is filled in for a person (the way out, the confirmation) is not
    /// among them, and neither is what this project serves itself.
    pub fn of(files: &ProjectFiles, project: &Project) -> Links {
        let mut diagnostics = Diagnostics::default();
        let (base, mut memo) = (String::new(), Memo::default());
        let mut reader = Reader {
            files,
            tracing: Tracing::Off,
            memo: &mut memo,
            base,
            diagnostics: &mut diagnostics,
        };
        let mut all = reader.text(site::FILE).map_or(Vec::new(), |text| named(&text));
        let templates = files.below("templates/").map(|(path, _)| path);
        for path in templates.filter(|path| path.ends_with(".mjml")) {
            all.extend(reader.text(path).map_or(Vec::new(), |text| links_of_layout(&text)));
        }
        for (path, is_issue) in mails(project) {
            let Some(text) = reader.text(path) else { continue };
            let read = if is_issue {
                words::of_issue(&text, reader.diagnostics).0
            } else {
                words::of_step(&text, reader.diagnostics)
            };
            all.extend(links_of_words(&read.words.body));
        }
        let whole = all
            .into_iter()
            .filter_map(|(url, place)| Some((whole(&url, &project.site)?, place)))
            .collect();
        // What is wrong with the files was said when they were read.
        Links { found: whole, sources: diagnostics.only(|_| false) }
    }

    /// Each address once.
    pub fn urls(&self) -> BTreeSet<&str> {
        self.found.iter().map(|(url, _)| url.as_str()).collect()
    }

    /// What `answers` say about the links, except what comments in the files
    /// allow.
    pub fn judge(&self, answers: &BTreeMap<String, LinkAnswer>) -> Diagnostics {
        let mut diagnostics = self.sources.clone();
        for (url, place) in &self.found {
            if let Some(answer) = answers.get(url) {
                say(&mut diagnostics, place.clone(), url, answer);
            }
        }
        diagnostics.silence_links();
        diagnostics
    }
}

/// Says what is wrong; nothing, when a server does not tell programs.
fn say(diagnostics: &mut Diagnostics, place: Place, url: &str, answer: &LinkAnswer) {
    let parsed = Url::parse(url).ok();
    let host = parsed.as_ref().and_then(Url::host_str).unwrap_or(url);
    match answer {
        LinkAnswer::Good | LinkAnswer::Unclear { .. } => {}
        LinkAnswer::Gone { status } => diagnostics.link_gone(place, host, *status),
        LinkAnswer::Failing { status } => diagnostics.link_failing(place, host, *status),
        LinkAnswer::Untrusted { what } => diagnostics.link_untrusted(place, host, what),
        LinkAnswer::NoHost => diagnostics.link_without_host(place, host),
        LinkAnswer::Moved { to } => diagnostics.link_moved(place, to),
        LinkAnswer::NotPublic => diagnostics.link_not_public(place, host),
        LinkAnswer::Silent => diagnostics.link_silent(place, host),
        LinkAnswer::Endless => diagnostics.link_endless(place),
    }
}

/// The files of mails that could be made, and whether each is an issue.
fn mails(project: &Project) -> impl Iterator<Item = (&str, bool)> {
    let steps = project.editions.values().flat_map(|edition| {
        let steps = edition.campaign.steps.iter();
        steps.filter(|step| edition.mails.contains_key(&step.id)).map(|step| &*step.file)
    });
    let issues = project.newsletters.values().flat_map(|edition| {
        let issues = edition.newsletter.issues.iter();
        issues.filter(|issue| edition.mails.contains_key(&issue.id)).map(|issue| &*issue.file)
    });
    steps.map(|file| (file, false)).chain(issues.map(|file| (file, true)))
}

/// The addresses in `[links]`.
fn named(text: &Passage) -> Vec<(String, Place)> {
    let source = Mended::of(&text.text);
    let (root, _) = DeTable::parse_recoverable(&source.text);
    let table = root.get_ref().iter().find(|(name, _)| name.get_ref() == "links");
    let entries = table.and_then(|(_, table)| table.get_ref().as_table()).into_iter().flatten();
    let links = entries.filter_map(|(_, value)| {
        let url = value.get_ref().as_str()?;
        let span = value.span();
        let at = text.text.get(span.clone())?.find(url)?;
        Some((url.to_owned(), text.place(span.start + at..span.start + at + url.len())))
    });
    links.collect()
}

/// An address as it is asked for; `None` where there is nothing to ask.
fn whole(url: &str, site: &Site) -> Option<String> {
    let is_ours = url
        .strip_prefix(&site.base_url)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
    let mut url = Url::parse(url).ok()?;
    url.set_fragment(None);
    let is_of_the_web = matches!(url.scheme(), "http" | "https");
    (is_of_the_web && !is_ours).then(|| url.into())
}
