//! The words of every finding: one function each, in the order of their codes.
//!
//! `E00x` manifests, `E01x` the words' header blocks, `E02x`–`E03x` templates
//! and markup, `W1xx` warnings. A code never changes its meaning; a finding
//! that goes away leaves a gap.

use super::{Diagnostics, Place};

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

/// The candidate that `word` is a slip of the hand for.
fn near<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let distance = |name: &str| strsim::damerau_levenshtein(&lower, &name.to_lowercase());
    let (distance, candidate) =
        known.iter().map(|name| (distance(name), *name)).min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + word.chars().count() / 4).then_some(candidate)
}

impl Diagnostics {
    /// E001: TOML that cannot be read.
    pub fn broken_toml(&mut self, place: Place, what: &str) {
        let hint = "mend this line; the rest of the file is read all the same";
        self.emit("E001", place, format!("this is not TOML: {what}"), hint);
    }

    /// E002: a key that means nothing here.
    pub fn unknown_key(&mut self, place: Place, key: &str, known: &[&str]) {
        let hint = nearest_or_all(key, known);
        self.emit("E002", place, format!("unknown key `{key}`"), hint);
    }

    /// E003: a key that must be there.
    pub fn missing_key(&mut self, place: Place, key: &str, example: &str) {
        self.emit("E003", place, format!("`{key}` is missing"), format!("add `{example}`"));
    }

    /// E004: a value of the wrong kind.
    pub fn wrong_type(&mut self, place: Place, key: &str, expected: &str, found: &str) {
        let message = format!("`{key}` wants {expected}, not {found}");
        self.emit("E004", place, message, format!("write {expected} here"));
    }

    /// E005: a value that is not one of its kind.
    pub fn bad_value(&mut self, place: Place, value: &str, kind: &str, hint: &str) {
        self.emit("E005", place, format!("`{value}` is not {kind}"), hint);
    }

    /// E005: a value that is not one of a closed set.
    pub fn not_one_of(&mut self, place: Place, value: &str, kind: &str, known: &[&str]) {
        let hint = nearest_or_all(value, known);
        self.emit("E005", place, format!("`{value}` is not {kind}"), hint);
    }

    /// E006: a name that is used twice.
    pub fn duplicate_name(&mut self, place: Place, kind: &str, name: &str) {
        let hint = "names are identity: give this one a name of its own";
        self.emit("E006", place, format!("there are two {kind}s called `{name}`"), hint);
    }

    /// E007: a list, tag, event, field, campaign or step that nobody declared.
    pub fn unknown_name(&mut self, place: Place, kind: &str, name: &str, known: &[&str]) {
        let hint =
            nearest(name, known, &format!("no {kind} is declared: declare it in fascicle.toml"));
        self.emit("E007", place, format!("there is no {kind} called `{name}`"), hint);
    }

    /// E008: a condition that cannot be read.
    pub fn bad_filter(&mut self, place: Place, what: &str) {
        let hint = "write it like `tag:owns-tool and not event:bought`";
        self.emit("E008", place, what.to_owned(), hint);
    }

    /// E035: a secret in a file that goes into version control. Its line is
    /// never shown: reports end up in logs.
    pub fn bare_secret(&mut self, place: Place, key: &str) {
        let message = format!("`{key}` is not a reference to a secret");
        let hint = "write `env:NAME` or `file:PATH`; a secret does not belong in this file";
        self.emit("E035", place, message, hint);
    }

    /// E009: a send window in which nothing ever leaves.
    pub fn closed_window(&mut self, place: Place) {
        let message = "at this hour, on no allowed day, the send window is open".to_owned();
        self.emit("E009", place, message, "allow a day, and put `at` inside `hours`");
    }

    /// E010: a file that must be there.
    pub fn missing_file(&mut self, place: Place, what: &str, wanted: &str, present: &[&str]) {
        let hint = match nearest(wanted, present, "") {
            near if near.starts_with("did you mean") => near,
            _ => format!("write it, as `{wanted}`"),
        };
        self.emit("E010", place, format!("{what} has no file"), hint);
    }

    /// E011: a file of words without a readable header block.
    pub fn broken_header_block(&mut self, place: Place, what: &str) {
        let hint = "begin the file with `---`, lines like `Subject: …`, and `---`";
        self.emit("E011", place, what.to_owned(), hint);
    }

    /// E012: a header that means nothing.
    pub fn unknown_header(&mut self, place: Place, name: &str, known: &[&str]) {
        let hint = nearest(name, known, "remove it");
        self.emit("E012", place, format!("unknown header `{name}`"), hint);
    }

    /// E013: a header that must be there.
    pub fn missing_header(&mut self, place: Place, name: &str) {
        let hint = format!("add a line `{name}: …` between the two `---`");
        self.emit("E013", place, format!("the header `{name}` is missing or empty"), hint);
    }

    /// E014: a file that is not text.
    pub fn not_text(&mut self, place: Place) {
        let message = "this file is not UTF-8 text".to_owned();
        self.emit("E014", place, message, "save it as UTF-8");
    }

    /// E015: a file, or all of them, over a limit.
    pub fn too_large(&mut self, place: Place, what: &str, limit: &str) {
        let message = format!("{what} is over the limit of {limit}");
        self.emit("E015", place, message, "make it smaller, or split it");
    }

    /// E020: tags that do not pair up.
    pub fn unbalanced_tag(&mut self, place: Place, what: String, hint: &str) {
        self.emit("E020", place, what, hint);
    }

    /// E021: a variable that nobody fills.
    pub fn unknown_variable(&mut self, place: Place, name: &str, known: &[&str]) {
        let hint = nearest(name, known, "declare it under `[fields]` in fascicle.toml");
        self.emit("E021", place, format!("`{name}` is not a variable here"), hint);
    }

    /// E022: Handlebars blocks that do not pair up, or an unclosed `{{`.
    pub fn unbalanced_block(&mut self, place: Place, what: String, hint: &str) {
        self.emit("E022", place, what, hint);
    }

    /// E023: `link:NAME` that is not declared.
    pub fn unknown_link(&mut self, place: Place, name: &str, known: &[&str]) {
        let hint = nearest(name, known, "declare it under `[links]` in fascicle.toml");
        self.emit("E023", place, format!("there is no link called `{name}`"), hint);
    }

    /// E024: a partial that is not there.
    pub fn unknown_partial(&mut self, place: Place, name: &str, known: &[&str]) {
        let hint = nearest(name, known, &format!("write templates/partials/{name}.mjml"));
        self.emit("E024", place, format!("there is no partial called `{name}`"), hint);
    }

    /// E025: an expression that templates may not use.
    pub fn refused_expression(&mut self, place: Place, what: &str, hint: &str) {
        self.emit("E025", place, what.to_owned(), hint);
    }

    /// E026: MJML that the renderer refuses.
    pub fn refused_mjml(&mut self, place: Place, what: &str) {
        let hint = "compare this part with a layout that works; a missing `>` or quote is common";
        self.emit("E026", place, format!("the MJML cannot be rendered: {what}"), hint);
    }

    /// E027: a layout without a place for the words.
    pub fn no_body_slot(&mut self, place: Place) {
        let message = "the layout has no place for the words".to_owned();
        self.emit("E027", place, message, "put `{{> body}}` inside an mj-column");
    }

    /// E028: partials that include each other without end.
    pub fn endless_partial(&mut self, place: Place, name: &str) {
        let message = format!("the partial `{name}` includes itself");
        self.emit("E028", place, message, "remove this line, or include another partial");
    }

    /// E029: a person's data in an address without the `url` helper.
    pub fn bare_field_in_address(&mut self, place: Place, name: &str) {
        let message = format!("`{name}` stands in an address as it is");
        self.emit("E029", place, message, format!("write `{{{{url {name}}}}}`"));
    }

    /// E030: what every mail must carry.
    pub fn lacks_essential(&mut self, place: Place, variable: &str, why: &str) {
        let message = format!("the layout never says `{{{{{variable}}}}}`: {why}");
        self.emit("E030", place, message, "put it into the footer");
    }

    /// E031: a template that fails when it is tried with sample data.
    pub fn failed_trial(&mut self, place: Place, what: &str) {
        let message = format!("rendering fails: {what}");
        self.emit("E031", place, message, "put the expression it names inside `{{#if …}}`");
    }

    /// E032: a link to a place that mail must not lead to.
    pub fn bad_link_target(&mut self, place: Place, target: &str) {
        let message = format!("`{target}` is not a link for a mail");
        self.emit("E032", place, message, "write https://…, mailto:… or link:NAME");
    }

    /// E033: a component that MJML does not have.
    pub fn unknown_component(&mut self, place: Place, name: &str, known: &[&str]) {
        let hint = nearest(name, known, "see the components of MJML");
        self.emit("E033", place, format!("there is no component `<{name}>`"), hint);
    }

    /// E034: a character that no mail may carry.
    pub fn control_character(&mut self, place: Place, code: u32) {
        let message = format!("this is a control character (U+{code:04X})");
        self.emit(
            "E034",
            place,
            message,
            "remove it; text pasted from a word processor often has some",
        );
    }

    /// E036: what a page must say.
    pub fn page_lacks(&mut self, place: Place, variable: &str, why: &str) {
        let message = format!("the page never says `{{{{{variable}}}}}`: {why}");
        self.emit("E036", place, message, "put it back; templates/README.md has every variable");
    }

    /// E037: links that mail programs and browsers warn of, or that lead nowhere.
    pub fn insecure_base_url(&mut self, place: Place, url: &str) {
        let message = format!("production = true, and `{url}` is not https");
        let hint = "put a proxy with TLS in front of `run`, and write its address: the one click of \
                    RFC 8058 wants https";
        self.emit("E037", place, message, hint);
    }

    /// W101: words that no step uses.
    pub fn orphan_words(&mut self, place: Place, campaign: &str) {
        let message = "no step uses this file".to_owned();
        let hint =
            format!("add a [[step]] to campaigns/{campaign}/campaign.toml, or remove the file");
        self.emit("W101", place, message, hint);
    }

    /// W103: words in a folder that is no campaign.
    pub fn no_manifest(&mut self, place: Place, folder: &str) {
        let message = format!("{folder} has words and no campaign.toml, so it is no campaign");
        self.emit("W103", place, message, "write its campaign.toml");
    }

    /// W102: a line of the preheader or subject that mail programs cut.
    pub fn long_line(&mut self, place: Place, what: &str, count: usize, limit: usize) {
        let message = format!("the {what} has {count} characters; phones show about {limit}");
        self.emit("W102", place, message, "put the important words first, or shorten it");
    }
}
