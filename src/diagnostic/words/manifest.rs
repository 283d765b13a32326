//! Findings about `fascicle.toml`, `samples.toml` and manifests.

use super::{
    super::{Diagnostics, Place},
    nearest, nearest_or_all,
};

impl Diagnostics {
    /// E001: TOML that cannot be read.
    pub fn broken_toml(&mut self, place: Place, what: &str) {
        let hint = "mend this line; the rest of the file is read all the same";
        self.emit("E001", place, format!("this is not TOML: {what}"), hint);
    }

    /// E001: a list or an inline table that is never closed.
    pub fn unclosed_bracket(&mut self, place: Place) {
        let message = "this is not TOML: this bracket is never closed".to_owned();
        self.emit("E001", place, message, "close it where the list or table ends");
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

    /// E037: links that mail programs and browsers warn of, or that lead nowhere.
    pub fn insecure_base_url(&mut self, place: Place, url: &str) {
        let message = format!("production = true, and `{url}` is not https");
        let hint = "put a proxy with TLS in front of `run`, and write its address: the one click of \
                    RFC 8058 wants https";
        self.emit("E037", place, message, hint);
    }

    /// E040: a schedule that cannot be read.
    pub fn bad_cron(&mut self, place: Place, text: &str) {
        let message = format!("`{text}` is not a schedule");
        let hint = "write five fields as in crontab: minute, hour, day, month, weekday, like `0 9 * * MON`";
        self.emit("E040", place, message, hint);
    }

    /// E041: a schedule that no date fits.
    pub fn idle_cron(&mut self, place: Place, text: &str) {
        let message = format!("`{text}` never fires: no date fits it");
        self.emit("E041", place, message, "choose a day that the month has");
    }

    /// E042: an audience of people who did not all agree to the same list.
    pub fn audience_without_list(&mut self, place: Place, lists: &[&str]) {
        let message = "not everybody in this audience is on one list".to_owned();
        let list = lists.first().unwrap_or(&"my-list");
        let hint = format!(
            "begin it with the list whose consent covers the newsletter: `list:{list} and …`"
        );
        self.emit("E042", place, message, hint);
    }

    /// E043: a question about clicks, which nobody counts.
    pub fn no_tracking(&mut self, place: Place) {
        let message = "`clicked:` can never hold: tracking is off".to_owned();
        let hint = "ask for a tag or an event instead, which your site reports: `event:NAME`";
        self.emit("E043", place, message, hint);
    }

    /// E044: a former name that cannot be one.
    pub fn bad_former_name(&mut self, place: Place, what: String, hint: &str) {
        self.emit("E044", place, what, hint);
    }

    /// E045: a key of the other kind of campaign.
    pub fn key_of_a_drip(&mut self, place: Place, key: &str) {
        let message = format!("a newsletter has no `{key}`");
        let hint = "a newsletter has an audience, a schedule and issues; steps make a drip: remove one of both";
        self.emit("E045", place, message, hint);
    }
}
