//! The letters that the samples would get, for the checks of the rendered
//! mail: those are whom the author pretends to write to.

use std::collections::BTreeMap;

use super::{Addressee, Edition, NewsletterEdition};
use crate::{
    diagnostic::Diagnostics,
    model::{Name, Next, Sample, Site},
    render::{Compiled, Letter},
};

/// Samples whose letters are looked at.
const SAMPLES_MAX: usize = 50;

/// The longest weekday and date.
const WEEKDAY: &str = "Wednesday";
const DATE: &str = "30 September";

/// As long as a real token.
const TOKEN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Whom to write to, and what is known about them.
fn people(samples: &[Sample]) -> Vec<(String, BTreeMap<Name, String>)> {
    let known = samples.iter().take(SAMPLES_MAX);
    let known = known.map(|sample| (sample.name.clone(), sample.person.fields.clone()));
    known.chain([("somebody unknown".to_owned(), BTreeMap::new())]).collect()
}

fn way_out(site: &Site) -> String {
    format!("{}/u/{TOKEN}", site.base_url)
}

impl Edition {
    /// Looks through every letter of `samples`, with the part that comes after
    /// it; of somebody unknown also without.
    pub(super) fn check_letters(&mut self, samples: &[Sample], diagnostics: &mut Diagnostics) {
        let (people, way_out) = (people(samples), way_out(&self.site));
        let steps: Vec<_> = self.campaign.steps.iter().map(|step| step.id.clone()).collect();
        for (index, step) in steps.iter().enumerate() {
            let next = steps.get(index + 1).map(|step| Next {
                step: step.clone(),
                weekday: WEEKDAY.to_owned(),
                date: DATE.to_owned(),
            });
            let mut letters = Vec::new();
            let with_next = people.iter().map(|person| (person, next.as_ref()));
            for ((name, fields), next) in with_next.chain(people.last().map(|last| (last, None))) {
                let addressee = Addressee { fields, next, unsubscribe_url: &way_out };
                let rendered = self.render(step, &addressee);
                letters.extend(rendered.map(|rendered| Letter { to: name.clone(), rendered }));
            }
            check(self.mails.get_mut(step), &letters, diagnostics);
        }
    }
}

impl NewsletterEdition {
    /// Looks through every letter of `samples`.
    pub(super) fn check_letters(&mut self, samples: &[Sample], diagnostics: &mut Diagnostics) {
        let (people, way_out) = (people(samples), way_out(&self.site));
        let issues: Vec<_> = self.newsletter.issues.iter().map(|issue| issue.id.clone()).collect();
        for issue in issues {
            let mut letters = Vec::new();
            for (name, fields) in &people {
                let addressee = Addressee { fields, next: None, unsubscribe_url: &way_out };
                let rendered = self.render(&issue, &addressee);
                letters.extend(rendered.map(|rendered| Letter { to: name.clone(), rendered }));
            }
            check(self.mails.get_mut(&issue), &letters, diagnostics);
        }
    }
}

fn check(mail: Option<&mut Compiled>, letters: &[Letter], diagnostics: &mut Diagnostics) {
    if let Some(mail) = mail {
        mail.check_letters(letters, diagnostics);
    }
}
