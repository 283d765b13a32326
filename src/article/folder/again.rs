//! Splitting again: a changed article meets a folder that its author has
//! worked in. What the author has not touched follows the article; what they
//! have is theirs, and the new version is laid beside it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{MANIFEST, Made, Setting, hash, manifest, steps};
use crate::article::Refusal;

/// The name of the file that remembers what a split made.
pub const MEMORY: &str = ".split.json";

/// An email is another one's successor when they share half of their blocks.
const SHARED_MIN: f64 = 0.5;

/// What the last split made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    version: u32,
    files: BTreeMap<String, Entry>,
}

/// A file that a split made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    /// Of its text.
    hash: String,
    /// Of an email: its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    blocks: Vec<String>,
}

impl Memory {
    /// Reads a memory; what cannot be read remembers nothing, and then
    /// everything in the folder counts as touched.
    pub fn parse(text: &str) -> Memory {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// The memory as a file.
    pub fn to_text(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("names and hashes are text");
        format!("{text}\n")
    }
}

/// What becomes of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is new.
    Written,
    /// It follows the article; the author had not touched it.
    Updated,
    /// It says the same.
    Same,
    /// It is the author's; the new version lies beside it, under this name.
    Proposed(String),
    /// It is the author's, and the article says nothing new about it.
    Kept,
    /// The author took it away, and it stays away.
    Removed,
    /// The author has worked in it, and the article does not have it any more:
    /// it stays, and is sent, until they say otherwise.
    LeftArticle,
    /// Nobody has touched it, and the article does not have it any more: it is
    /// not sent, and lies there under this name.
    Retired(String),
}

impl Fate {
    /// The name under which something lies beside the files that are sent.
    pub fn beside(&self) -> Option<&String> {
        match self {
            Fate::Proposed(name) | Fate::Retired(name) => Some(name),
            Fate::Written
            | Fate::Updated
            | Fate::Same
            | Fate::Kept
            | Fate::Removed
            | Fate::LeftArticle => None,
        }
    }
}

/// A file and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its name.
    pub name: String,
    /// What becomes of it.
    pub fate: Fate,
    /// What is to be written, and where: its name, or the proposal's.
    pub text: Option<String>,
}

/// What is to be done, and what is remembered afterwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Every file, in the order of the series.
    pub changes: Vec<Change>,
    /// What the next split knows.
    pub memory: Memory,
}

/// Plans how `made` gets into a folder that holds `present` and whose last
/// split made `memory`.
///
/// Returns [`Refusal`] when a campaign is there that was not split from this
/// article: two would be mixed.
pub fn plan(
    made: &[Made],
    memory: &Memory,
    present: &BTreeMap<String, String>,
    setting: (&str, &Setting),
) -> Result<Plan, Refusal> {
    refuse_another(made, memory, present)?;
    let mut planner = Planner {
        memory,
        present,
        plan: Plan::default(),
        used: BTreeSet::new(),
        new: BTreeSet::new(),
        gone: BTreeSet::new(),
    };
    planner.plan.memory.version = 1;
    let mut order: Vec<(Option<String>, String)> = Vec::new();
    let successors = planner.successors(made);
    for one in made.iter().filter(|one| one.name != MANIFEST) {
        let Some(id) = &one.id else {
            planner.place(&one.name, one);
            continue;
        };
        let (name, id) = match successors.get(id) {
            Some(before) => {
                planner.used.insert(before.clone());
                planner.found_again(before, id)
            }
            None => planner.free_name(one, id),
        };
        planner.used.insert(name.clone());
        let entry_id = one.id.clone().unwrap_or_default();
        let entry = Made { id: Some(id.clone()), ..one.clone() };
        // What the author took away leaves the manifest, too.
        let known_as = successors.get(&entry_id).unwrap_or(&name);
        match planner.place_as(&name, known_as, &entry) {
            Fate::Removed => {
                planner.gone.insert(id);
            }
            fate @ (Fate::Written
            | Fate::Updated
            | Fate::Same
            | Fate::Proposed(_)
            | Fate::Kept
            | Fate::LeftArticle
            | Fate::Retired(_)) => {
                if fate == Fate::Written {
                    planner.new.insert(id.clone());
                }
                order.push((Some(name), id));
            }
        }
    }
    planner.departed(&mut order);
    let ids: Vec<&str> = order.iter().map(|(_, id)| id.as_str()).collect();
    let (title, setting) = setting;
    planner.manifest(&manifest(title, &ids, setting), &ids);
    Ok(planner.plan)
}

/// A folder is one article's.
fn refuse_another(
    made: &[Made],
    memory: &Memory,
    present: &BTreeMap<String, String>,
) -> Result<(), Refusal> {
    let hint = "give this one a name of its own with --name";
    if !present.contains_key(MANIFEST) {
        return Ok(());
    }
    let mut known = memory.files.values().flat_map(|entry| &entry.blocks).peekable();
    if known.peek().is_none() {
        return Err(Refusal(format!("a campaign is there that `split` did not make; {hint}")));
    }
    let own: BTreeSet<&String> = made.iter().flat_map(|one| &one.blocks).collect();
    if known.any(|block| own.contains(block)) {
        return Ok(());
    }
    let what =
        "the campaign that is there was split from another article: no paragraph is the same";
    Err(Refusal(format!("{what}; {hint}")))
}

struct Planner<'a> {
    memory: &'a Memory,
    present: &'a BTreeMap<String, String>,
    plan: Plan,
    /// Files of the last split that have a successor.
    used: BTreeSet<String>,
    /// Steps that the manifest does not have yet, and those it loses.
    new: BTreeSet<String>,
    gone: BTreeSet<String>,
}

impl Planner<'_> {
    /// Which file of the last split each new email goes on with: by what they
    /// share, not by number; the best pairs first.
    fn successors(&self, made: &[Made]) -> BTreeMap<String, String> {
        let mut pairs: Vec<(f64, usize, &str, &String)> = Vec::new();
        for (index, one) in made.iter().enumerate() {
            let Some(id) = &one.id else { continue };
            for (name, entry) in self.memory.files.iter().filter(|(_, entry)| entry.id.is_some()) {
                let shared = jaccard(&one.blocks, &entry.blocks);
                if shared >= SHARED_MIN {
                    pairs.push((shared, index, id, name));
                }
            }
        }
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| (a.1, a.3).cmp(&(b.1, b.3))));
        let mut successors = BTreeMap::new();
        let mut taken = BTreeSet::new();
        for (_, _, id, name) in pairs {
            if !successors.contains_key(id) && taken.insert(name.clone()) {
                successors.insert(id.to_owned(), name.clone());
            }
        }
        // An email of the same name, whose words are all new.
        for one in made {
            let Some(id) = one.id.as_ref().filter(|id| !successors.contains_key(*id)) else {
                continue;
            };
            let same = self
                .memory
                .files
                .iter()
                .find(|(name, entry)| entry.id.as_ref() == Some(id) && !taken.contains(*name));
            if let Some((name, _)) = same {
                taken.insert(name.clone());
                successors.insert(id.clone(), name.clone());
            }
        }
        successors
    }

    /// The file `before` of the last split and its id; the author may have
    /// given both another name.
    fn found_again(&self, before: &str, id: &str) -> (String, String) {
        let entry = &self.memory.files[before];
        let known = entry.id.clone().unwrap_or_else(|| id.to_owned());
        if self.present.contains_key(before) {
            return (before.to_owned(), known);
        }
        let renamed = self.present.iter().find(|(name, text)| {
            name.rsplit_once('.').is_some_and(|(_, ending)| ending == "md")
                && !self.memory.files.contains_key(*name)
                && hash(text) == entry.hash
        });
        match renamed {
            Some((name, _)) => {
                let stem = name.trim_end_matches(".md");
                let bare = stem.trim_start_matches(|c: char| c.is_ascii_digit());
                (name.clone(), bare.strip_prefix('-').unwrap_or(stem).to_owned())
            }
            None => (before.to_owned(), known),
        }
    }

    /// The manifest: written anew while nobody has touched it, else only its
    /// steps follow the article.
    fn manifest(&mut self, text: &str, order: &[&str]) {
        let made = |text: &str| Made {
            name: MANIFEST.to_owned(),
            text: text.to_owned(),
            id: None,
            blocks: Vec::new(),
        };
        let entry = self.memory.files.get(MANIFEST);
        let own = self.present.get(MANIFEST).filter(|own| {
            entry.is_none_or(|entry| entry.hash != hash(own)) && own.as_str() != text
        });
        let merged = own.and_then(|own| {
            let new = |id: &str| self.new.contains(id);
            steps::merged(own, order, &new, &|id| self.gone.contains(id))
        });
        let (Some(own), Some(merged)) = (own, merged) else {
            self.place(MANIFEST, &made(text));
            return;
        };
        let is_same = *own == merged;
        let fate = if is_same { Fate::Kept } else { Fate::Updated };
        let entry = Entry { hash: hash(text), id: None, blocks: Vec::new() };
        self.plan.memory.files.insert(MANIFEST.to_owned(), entry);
        let text = (!is_same).then_some(merged);
        self.plan.changes.push(Change { name: MANIFEST.to_owned(), fate, text });
    }

    /// A name and an id that nothing in the folder has.
    fn free_name(&self, made: &Made, id: &str) -> (String, String) {
        let number = made.name.split('-').next().unwrap_or("1");
        let has = |id: &str| {
            let end = format!("-{id}.md");
            self.present
                .keys()
                .chain(self.memory.files.keys())
                .chain(&self.used)
                .any(|name| name.ends_with(&end) || *name == end[1..])
        };
        let mut free = id.to_owned();
        let mut again = 2;
        while has(&free) {
            free = format!("{id}-{again}");
            again += 1;
        }
        (format!("{number}-{free}.md"), free)
    }

    /// Decides about one file, and returns what.
    fn place(&mut self, name: &str, made: &Made) -> Fate {
        self.place_as(name, name, made)
    }

    /// The same for a file that the last split knew as `known_as`.
    fn place_as(&mut self, name: &str, known_as: &str, made: &Made) -> Fate {
        let new = hash(&made.text);
        let before = self.memory.files.get(known_as);
        let fate = match (self.present.get(name), before) {
            (None, Some(_)) => Fate::Removed,
            (None, None) => Fate::Written,
            (Some(text), _) if *text == made.text => Fate::Same,
            (Some(text), Some(entry)) if hash(text) == entry.hash => Fate::Updated,
            (Some(_), Some(entry)) if entry.hash == new => Fate::Kept,
            (Some(_), Some(_) | None) => Fate::Proposed(self.beside(name, "new", &made.text)),
        };
        let text = match fate {
            Fate::Written | Fate::Updated | Fate::Proposed(_) => Some(made.text.clone()),
            Fate::Same | Fate::Kept | Fate::Removed | Fate::LeftArticle | Fate::Retired(_) => None,
        };
        let entry = Entry { hash: new, id: made.id.clone(), blocks: made.blocks.clone() };
        self.plan.memory.files.insert(name.to_owned(), entry);
        self.plan.changes.push(Change { name: name.to_owned(), fate: fate.clone(), text });
        fate
    }

    /// A name beside `name` that ends in `ending`: one that is free, or that
    /// holds what we wrote or would write there.
    fn beside(&self, name: &str, ending: &str, text: &str) -> String {
        const TRIES_MAX: usize = 1_000;
        let before = self.memory.files.get(name);
        let is_ours =
            |there: &String| there == text || before.is_some_and(|entry| entry.hash == hash(there));
        let names = (1..TRIES_MAX).map(|n| match n {
            1 => format!("{name}.{ending}"),
            n => format!("{name}.{ending}{n}"),
        });
        let mut free = names.filter(|name| self.present.get(name).is_none_or(is_ours));
        free.next().unwrap_or_else(|| format!("{name}.{ending}"))
    }

    /// Emails that the article does not have any more: what the author has
    /// worked in keeps its place behind the one that it followed; what nobody
    /// has touched would say again what others say now.
    fn departed(&mut self, order: &mut Vec<(Option<String>, String)>) {
        let emails: Vec<(&String, &Entry)> =
            self.memory.files.iter().filter(|(_, entry)| entry.id.is_some()).collect();
        for (name, entry) in &emails {
            if self.used.contains(*name) {
                continue;
            }
            let Some(id) = &entry.id else { continue };
            let mut kept = (*entry).clone();
            // Whatever comes back is a new email.
            kept.blocks.clear();
            let Some(text) = self.present.get(*name) else {
                self.plan.memory.files.insert((*name).clone(), kept);
                self.gone.insert(id.clone());
                continue;
            };
            if hash(text) == entry.hash {
                self.gone.insert(id.clone());
                self.plan.changes.push(Change {
                    name: (*name).clone(),
                    fate: Fate::Retired(self.beside(name, "old", text)),
                    text: Some(text.clone()),
                });
            } else {
                self.plan.memory.files.insert((*name).clone(), kept);
                self.plan.changes.push(Change {
                    name: (*name).clone(),
                    fate: Fate::LeftArticle,
                    text: None,
                });
                let number = |name: &str| {
                    name.split('-')
                        .next()
                        .and_then(|number| number.parse::<usize>().ok())
                        .unwrap_or(usize::MAX)
                };
                let at = order.iter().position(|(other, _)| {
                    other.as_ref().is_some_and(|other| number(other) > number(name))
                });
                order.insert(at.unwrap_or(order.len()), (Some((*name).clone()), id.clone()));
            }
        }
    }
}

/// The share of what is in both among what is in either.
fn jaccard(left: &[String], right: &[String]) -> f64 {
    let left: BTreeSet<&String> = left.iter().collect();
    let right: BTreeSet<&String> = right.iter().collect();
    let float = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let all = left.union(&right).count();
    if all == 0 { 0.0 } else { float(left.intersection(&right).count()) / float(all) }
}
