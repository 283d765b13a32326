//! What other files may say about a campaign, before anything of it is read:
//! its kind, its steps, the names it had.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::mend::Mended;
use crate::model::{CampaignId, Name, ProjectFiles, StepId};

/// All campaigns of a project.
pub(super) type Outlines = BTreeMap<CampaignId, Outline>;

/// One campaign, as far as other files ask.
#[derive(Clone, Debug, Default)]
pub(super) struct Outline {
    pub(super) kind: Kind,
    pub(super) steps: Vec<StepId>,
    pub(super) renamed_from: Option<CampaignId>,
}

/// What makes a campaign send.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// Steps, on each person's own clock.
    #[default]
    Drip,
    /// Issues, on a schedule.
    Newsletter,
}

/// The outline of the campaign `id`, whose manifest is there.
pub(super) fn outline(files: &ProjectFiles, id: &CampaignId) -> Outline {
    let bytes = files.find(&format!("campaigns/{id}/campaign.toml")).map(|(_, bytes)| &**bytes);
    let text = bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
    let source = Mended::of(text);
    let (root, _) = DeTable::parse_recoverable(&source.text);
    let root = root.get_ref();
    let value = |key: &str| {
        let entry = root.iter().find(|(name, _)| name.get_ref() == key);
        entry.map(|(_, value)| value.get_ref())
    };
    let issues = format!("campaigns/{id}/issues/");
    let has_issues = files.below(&issues).next().is_some();
    let is_newsletter = value("audience").is_some()
        || value("schedule").is_some()
        || value("source").is_some_and(|source| source.as_table().is_some())
        || has_issues && value("step").is_none();
    let tables = value("step").and_then(DeValue::as_array);
    let steps = tables.into_iter().flatten().filter_map(|step| {
        let table = step.get_ref().as_table()?;
        let (_, id) = table.iter().find(|(name, _)| name.get_ref() == "id")?;
        Name::parse(id.get_ref().as_str()?)
    });
    Outline {
        kind: if is_newsletter { Kind::Newsletter } else { Kind::Drip },
        steps: steps.collect(),
        renamed_from: value("renamed_from").and_then(DeValue::as_str).and_then(Name::parse),
    }
}
