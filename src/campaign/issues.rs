//! A newsletter's folder → [`NewsletterEdition`]: its manifest, and its issues.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    filter::Names,
    images,
    newsletter::{self, Manifest},
    project::{Reader, is_markdown},
    words,
};
use crate::{
    diagnostic::Place,
    model::{CampaignId, Issue, IssueId, Newsletter, Site, Version},
    render::{Compiled, Essentials, Vocabulary, check},
};

/// A newsletter at one version, compiled.
#[derive(Debug)]
pub struct NewsletterEdition {
    /// Who, when, and the issues.
    pub newsletter: Newsletter,
    /// The mail of each issue.
    pub mails: BTreeMap<IssueId, Compiled>,
    /// The hash of everything its mail is made of.
    pub version: Version,
    /// Who sends, as of this version.
    pub site: Site,
}

impl Reader<'_> {
    pub(super) fn newsletter(
        &mut self,
        id: &CampaignId,
        names: &Names<'_>,
    ) -> Option<NewsletterEdition> {
        let folder = format!("campaigns/{id}/");
        let manifest = self.text(&format!("{folder}campaign.toml"))?;
        let (file, text) = (&manifest.file, &manifest.text);
        let Manifest { newsletter, layout } =
            newsletter::parse(id, file, text, names, self.diagnostics);
        let images = images::of_campaign(self.files, &folder, names.site);
        let kind = format!("issue {:?} {images:?}", layout.as_ref().map(|name| &name.value));
        let vocabulary = Vocabulary::of_issue(names.site).with_images(images);
        let layout = layout.and_then(|name| {
            self.layout(&name.value, Some(&name.place), &vocabulary, Essentials::Subscribed)
        });
        let mut mails = BTreeMap::new();
        let mut used: BTreeSet<String> = BTreeSet::new();
        let mut issues: Vec<Issue> = Vec::new();
        let inside = format!("{folder}issues/");
        let files = self.files;
        for (path, _) in files.below(&inside) {
            let Some(name) = path.strip_prefix(&inside).and_then(|name| name.strip_suffix(".md"))
            else {
                continue;
            };
            used.insert(path.to_string());
            let Some(text) = self.text(path) else { continue };
            let dated = newsletter::date_of(name, Place::top(path), self.diagnostics);
            let (read, sending) = words::of_issue(&text, self.diagnostics);
            let mut mail = None;
            match layout.as_ref().filter(|_| read.is_whole) {
                Some(layout) => {
                    mail = self.compiled((&text, &read.words), layout, &vocabulary, &kind);
                }
                None => check(&read.words, &vocabulary, self.diagnostics),
            }
            let Some((id, date)) = dated else { continue };
            mails.extend(mail.map(|mail| (id.clone(), mail)));
            let (state, send_at) = (sending.state, sending.send_at);
            issues.push(Issue { id, date, state, send_at, file: path.to_string() });
        }
        self.check_orphan_issues(id, &folder);
        let mut newsletter = newsletter?;
        newsletter.issues = issues;
        let version = self.version(&folder, &used);
        Some(NewsletterEdition { newsletter, mails, version, site: names.site.clone() })
    }

    /// Words beside the folder of issues are sent by nobody.
    fn check_orphan_issues(&mut self, id: &CampaignId, folder: &str) {
        let files = self.files;
        for (path, _) in files.below(folder) {
            let name = path.strip_prefix(folder).unwrap_or(path);
            if is_markdown(name) && !name.contains('/') && name != "README.md" {
                self.text(path);
                self.diagnostics.words_outside_issues(Place::top(path), id.as_str());
            }
        }
    }
}
