//! `check --links`: asks the web about every link of the mails, once a day.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path,
};

use anyhow::ensure;

use super::answers::Answers;
use crate::{
    campaign::{Links, Project},
    cli::term,
    diagnostic::Diagnostics,
    model::{LinkAnswer, ProjectFiles},
    project::{PROBED_MAX, probe},
    time::Clock,
};

/// Whether what was answered within the last day is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Memory {
    /// It is not.
    Trusted,
    /// It is.
    Fresh,
}

/// What the links say.
pub(super) struct Asked {
    pub(super) findings: Diagnostics,
    /// In one line, for people.
    pub(super) summary: String,
}

/// Asks about the links of `project`, which was read from `files` in `folder`.
///
/// Returns an error when no host of several has a name: then it is this machine
/// that is cut off.
pub(super) async fn ask(
    folder: &Path,
    (files, project): (&ProjectFiles, &Project),
    memory: Memory,
) -> anyhow::Result<Asked> {
    let links = Links::of(files, project);
    let urls = links.urls();
    let now = Clock::System.now();
    let mut answers = match memory {
        Memory::Trusted => Answers::load(folder, now).only(&urls),
        Memory::Fresh => Answers::default(),
    };
    let remembered = answers.len();
    let unknown: Vec<String> =
        urls.iter().filter(|url| !answers.knows(url)).map(|url| (*url).to_owned()).collect();
    if !unknown.is_empty() {
        let count = unknown.len().min(PROBED_MAX);
        term::say(&format!(
            "asking the web about {count} link{}",
            if count == 1 { "" } else { "s" }
        ));
    }
    let told = probe(unknown).await;
    ensure!(!is_cut_off(&told), "no host of the links has an address: is this machine online?");
    answers.extend(told, now);
    if let Err(error) = answers.save(folder) {
        term::say(&format!("what the links answered is not remembered: {error}"));
    }
    let summary = summary(&urls, &answers, remembered);
    Ok(Asked { findings: links.judge(&answers.by_url()), summary })
}

/// Whether hosts were looked for, and none of several was found.
fn is_cut_off(told: &BTreeMap<String, LinkAnswer>) -> bool {
    let host = |url: &str| url::Url::parse(url).ok()?.host_str().map(str::to_owned);
    let hosts: BTreeSet<_> = told.keys().filter_map(|url| host(url)).collect();
    hosts.len() > 1 && told.values().all(|answer| *answer == LinkAnswer::NoHost)
}

/// `12 links: 10 good, 1 gone, 1 moved; 9 answers are of the last 24 hours`.
fn summary(urls: &BTreeSet<&str>, answers: &Answers, remembered: usize) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let answers = answers.by_url();
    for url in urls {
        let word = answers.get(*url).map_or("not asked", LinkAnswer::as_str);
        *counts.entry(word).or_default() += 1;
    }
    // What is good is said first.
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(word, _)| *word != LinkAnswer::Good.as_str());
    let counted: Vec<String> =
        counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    let mut text = match urls.len() {
        0 => return "no link leads to the web".to_owned(),
        1 => format!("1 link: {}", counted.join(", ")),
        count => format!("{count} links: {}", counted.join(", ")),
    };
    if remembered > 0 {
        let _ = write!(
            text,
            "; {remembered} answer{} of the last 24 hours, and --fresh asks again",
            if remembered == 1 { " is" } else { "s are" }
        );
    }
    if counts.iter().any(|(word, _)| *word == "not asked") {
        let _ = write!(
            text,
            "; at most {PROBED_MAX} links are asked, for two minutes: the rest is next time"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_cut_off_when_no_host_of_several_is_found() {
        let check = |told: &[(&str, LinkAnswer)], expected: bool| {
            let told = told.iter().map(|(url, answer)| ((*url).to_owned(), answer.clone()));
            let told: BTreeMap<String, LinkAnswer> = told.collect();
            assert_eq!(is_cut_off(&told), expected, "{told:?}");
        };
        let (a, b) = ("https://a.example/", "https://b.example/");
        check(&[(a, LinkAnswer::NoHost), (b, LinkAnswer::NoHost)], true);
        check(&[(a, LinkAnswer::NoHost), (b, LinkAnswer::Silent)], false);
        // One name may well be a slip.
        check(&[(a, LinkAnswer::NoHost), ("https://a.example/x", LinkAnswer::NoHost)], false);
        check(&[], false);
    }
}
