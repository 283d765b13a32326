//! The words of every finding: one function each.
//!
//! `manifest`: E00x, E035, E037 and E040 to E045; `mail`: the words' header blocks
//! (E01x), templates and markup (E02x, E03x, E046, E047); `rendered`: what is made of
//! them (E048 on, W110 on); `warning`: W101 to W109; `link`: W140 on. A code never
//! changes its meaning; a finding that goes away leaves a gap. What a code means
//! at length stands in `../explain.md`.

mod link;
mod mail;
mod manifest;
mod rendered;
mod warning;

/// Names of an author's own that a hint lists; there may be thousands.
const LISTED_MAX: usize = 12;

/// "did you mean `x`?" for the candidate nearest to `word`, or the list of
/// what there is, or `otherwise` when that is nothing or too much.
fn nearest(word: &str, known: &[&str], otherwise: &str) -> String {
    if known.is_empty() || (known.len() > LISTED_MAX && near(word, known).is_none()) {
        return otherwise.to_owned();
    }
    nearest_or_all(word, known)
}

/// The same for what we named ourselves: keys and closed sets are few, and
/// their list is whole (`tests/it/schema.rs` holds the schemas against it).
fn nearest_or_all(word: &str, known: &[&str]) -> String {
    if let Some(candidate) = near(word, known) {
        return format!("did you mean `{candidate}`?");
    }
    let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    format!("there is {}", list.join(", "))
}

/// Whether `word` is `name` with one letter more, less, wrong or out of order.
pub fn is_slip(word: &str, name: &str) -> bool {
    strsim::damerau_levenshtein(word, name) == 1
}

/// The candidate that `word` is a slip of the hand for.
fn near<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let distance = |name: &str| strsim::damerau_levenshtein(&lower, &name.to_lowercase());
    let (distance, candidate) =
        known.iter().map(|name| (distance(name), *name)).min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + word.chars().count() / 4).then_some(candidate)
}
