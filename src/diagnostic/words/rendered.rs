//! Findings about the rendered mail.

use super::super::{Diagnostics, Place};

impl Diagnostics {
    /// E048: a mail that Gmail cuts.
    pub fn clipped_mail(&mut self, place: Place, bytes: usize, limit: usize) {
        let message = format!(
            "this mail has {bytes} bytes of HTML; Gmail hides what comes after {limit}, the way out too"
        );
        self.emit("E048", place, message, "shorten it, or make two parts of it");
    }

    /// E049: a place where a value should be.
    pub fn unfilled(&mut self, place: Place, what: String, hint: &str) {
        self.emit("E049", place, what, hint);
    }

    /// E050: a subject that some people would not get.
    pub fn empty_subject(&mut self, place: Place, to: &str) {
        let message = format!("{to} would get no subject");
        let hint = "say something outside of every value and `{{#if …}}`";
        self.emit("E050", place, message, hint);
    }

    /// E051: what must be seen and cannot be.
    pub fn hidden_essential(&mut self, place: Place, what: &str, on: &str) {
        let message = format!("{what} is there, and nobody can see it{on}");
        let hint =
            "show it: no `display: none`, a size that can be read, a color unlike the background";
        self.emit("E051", place, message, hint);
    }

    /// E052: an element that no mail may carry.
    pub fn refused_element(&mut self, place: Place, what: &str) {
        let hint = "remove it; link to a page that does it";
        self.emit("E052", place, what.to_owned(), hint);
    }

    /// E053: a style sheet from elsewhere.
    pub fn foreign_style(&mut self, place: Place) {
        let message = "mail programs load no style sheet from elsewhere".to_owned();
        self.emit("E053", place, message, "write the rules into an `<mj-style>`");
    }

    /// E054: a mail without any words.
    pub fn no_words(&mut self, place: Place) {
        let message = "this mail has no words".to_owned();
        self.emit("E054", place, message, "write them below the header block");
    }

    /// E054: a mail without words for some people.
    pub fn nothing_said(&mut self, place: Place) {
        let message = "for some people this mail says nothing".to_owned();
        let hint = "say something outside of every `{{#if …}}`, or in its `{{else}}`";
        self.emit("E054", place, message, hint);
    }

    /// W110: a mail that Gmail cuts soon.
    pub fn large_mail(&mut self, place: Place, bytes: usize, limit: usize) {
        let message = format!("this mail has {bytes} bytes of HTML; Gmail shows {limit}");
        self.emit("W110", place, message, "shorten it, or make two parts of it");
    }

    /// W111: a text part that leaves something out.
    pub fn thin_text(&mut self, place: Place) {
        let message = "the plain text has less than half of the words of the HTML".to_owned();
        let hint = "write words into `<mj-text>`: what stands in `<mj-raw>` or an image is not in the text";
        self.emit("W111", place, message, hint);
    }

    /// W112: an image without words.
    pub fn image_without_words(&mut self, place: Place, what: &str) {
        let hint =
            "say what it shows: `![A hand on a back](images/hand.png)`, or `alt=\"…\"` in a layout";
        self.emit("W112", place, what.to_owned(), hint);
    }

    /// W113: a layout that does not say what it is.
    pub fn unnamed_layout(&mut self, place: Place, what: &str, hint: &str) {
        self.emit("W113", place, what.to_owned(), hint);
    }

    /// W114: text that is hard to read on its background.
    pub fn poor_contrast(&mut self, place: Place, what: String, hint: String) {
        self.emit("W114", place, what, hint);
    }

    /// W115: a heading out of order.
    pub fn odd_heading(&mut self, place: Place, what: String, hint: &str) {
        self.emit("W115", place, what, hint);
    }

    /// W116: a link that leads nowhere.
    pub fn idle_link(&mut self, place: Place, what: String) {
        self.emit("W116", place, what, "write where it leads, or remove it");
    }

    /// W117: a link that filters distrust.
    pub fn suspicious_link(&mut self, place: Place, what: String, hint: &str) {
        self.emit("W117", place, what, hint);
    }

    /// W118: a link that says another address.
    pub fn disguised_link(&mut self, place: Place, shown: &str, real: &str) {
        let message = format!("this link says `{shown}` and leads to `{real}`, as a fraud does");
        self.emit("W118", place, message, "say in words what is there");
    }

    /// W119: a link that does not say where it leads.
    pub fn empty_link_words(&mut self, place: Place, what: &str) {
        let hint = "say what is there: `[Watch the video](…)`";
        self.emit("W119", place, what.to_owned(), hint);
    }

    /// W120: images that load slowly.
    pub fn heavy_image(&mut self, place: Place, what: String) {
        self.emit("W120", place, what, "save it smaller, as jpg: 200 kB are enough for a mail");
    }

    /// W121: an image that does not fit.
    pub fn wide_image(&mut self, place: Place, what: String, hint: &str) {
        self.emit("W121", place, what, hint);
    }

    /// W122: a subject that shouts.
    pub fn shouting_subject(&mut self, place: Place, what: &str, hint: &str) {
        self.emit("W122", place, what.to_owned(), hint);
    }

    /// W123: a subject that pretends to be an answer.
    pub fn false_answer(&mut self, place: Place, prefix: &str) {
        let message = format!("`{prefix}:` says that this is an answer, and it is none");
        self.emit("W123", place, message, "remove it");
    }

    /// W124: a preheader that says little.
    pub fn weak_preheader(&mut self, place: Place, what: String, hint: &str) {
        self.emit("W124", place, what, hint);
    }

    /// W125: something that large mail programs do not know.
    pub fn unknown_feature(&mut self, place: Place, what: String, hint: &str) {
        self.emit("W125", place, what, hint);
    }

    /// W126: a mail too large for some checks.
    pub fn given_up(&mut self, place: Place) {
        let message =
            "this mail has more style rules or elements than are followed, so nobody looked \
                       for pale text or a hidden way out"
                .to_owned();
        self.emit("W126", place, message, "leave out the rules that the mail does not use");
    }
}
