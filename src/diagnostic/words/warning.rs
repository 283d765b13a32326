//! Warnings: it works, and is probably not what was meant.

use super::{
    super::{Diagnostics, Place},
    nearest,
};

impl Diagnostics {
    /// W101: words that no step uses.
    pub fn orphan_words(&mut self, place: Place, campaign: &str) {
        let message = "no step uses this file".to_owned();
        let hint =
            format!("add a [[step]] to campaigns/{campaign}/campaign.toml, or remove the file");
        self.emit("W101", place, message, hint);
    }

    /// W101: words beside a newsletter's issues.
    pub fn words_outside_issues(&mut self, place: Place, campaign: &str) {
        let message = "this is no issue: it is not in the folder of issues".to_owned();
        let hint = format!("move it to campaigns/{campaign}/issues/, or remove the file");
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

    /// W104: a course that does not begin at once.
    pub fn late_start(&mut self, place: Place, delay: &str) {
        let message = format!("the first part waits {delay}, after people have just asked for it");
        self.emit(
            "W104",
            place,
            message,
            "leave out `after` in the first step, so that it leaves at once",
        );
    }

    /// W105: a wait in which people forget who writes.
    pub fn long_gap(&mut self, place: Place, delay: &str) {
        let message =
            format!("{delay} is a long wait: after 14 days many forget what they asked for");
        self.emit("W105", place, message, "shorten it, or put a part in between");
    }

    /// W106: a comment that silences nothing.
    pub fn idle_silence(&mut self, place: Place, what: String, hint: &str) {
        self.emit("W106", place, what, hint);
    }

    /// W107: a campaign that says nothing about its status.
    pub fn no_status(&mut self, place: Place) {
        let message = "there is no `status`, so this is a draft, and nobody gets it".to_owned();
        self.emit(
            "W107",
            place,
            message,
            "write `status = \"draft\"`, or `\"active\"` when it may begin",
        );
    }

    /// W108: a pretend subscriber who leaves after a step that is not there.
    pub fn leaves_after_nothing(&mut self, place: Place, step: &str, known: &[&str]) {
        let hint = nearest(step, known, "remove `leaves_after`");
        self.emit("W108", place, format!("no campaign has a step `{step}` to leave after"), hint);
    }

    /// W109: an issue in a campaign that is a drip.
    pub fn issue_of_a_drip(&mut self, place: Place, campaign: &str) {
        let message = "this campaign has steps, so nothing sends this issue".to_owned();
        let hint = format!(
            "write the issue into a newsletter's folder, or remove it from campaigns/{campaign}"
        );
        self.emit("W109", place, message, hint);
    }
}
