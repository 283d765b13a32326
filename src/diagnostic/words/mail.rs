//! Findings about words, layouts, partials and pages.

use super::{
    super::{Diagnostics, Place},
    nearest,
};

impl Diagnostics {
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

    /// E021: a variable of another kind of mail.
    pub fn variable_of_other_mail(&mut self, place: Place, name: &str, hint: &str) {
        self.emit("E021", place, format!("`{name}` is not a variable here"), hint);
    }

    /// E022: Handlebars blocks that do not pair up, or an unclosed `{{`.
    pub fn unbalanced_block(&mut self, place: Place, what: String, hint: &str) {
        self.emit("E022", place, what, hint);
    }

    /// E022: a block around half of an element.
    pub fn cut_in_half(&mut self, place: Place) {
        let message = "for some people, a block of this layout cuts an element in half".to_owned();
        let hint = "let every block begin and end around whole elements, inside of one component";
        self.emit("E022", place, message, hint);
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

    /// E030: what some mails would not carry.
    pub fn lacks_essential_for_some(&mut self, place: Place, variable: &str) {
        let message =
            format!("some people would not get `{{{{{variable}}}}}`, in the HTML or in the text");
        self.emit(
            "E030",
            place,
            message,
            "say it outside of every `{{#if …}}` and `{{#unless …}}`",
        );
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

    /// E038: a block that makes columns come and go.
    pub fn block_among_columns(&mut self, place: Place, tag: &str) {
        let message = format!("this block changes the number of columns in `<{tag}>`");
        let hint = "put it inside a column, or around the whole section, each tag in an `<mj-raw>`";
        self.emit("E038", place, message, hint);
    }

    /// E046: an image that is not in the campaign's folder.
    pub fn missing_image(&mut self, place: Place, name: &str, known: &[&str]) {
        let hint = nearest(
            name,
            known,
            "put the file there (png, jpg, gif or webp), or write the address of an image on the web",
        );
        self.emit("E046", place, format!("there is no image `{name}`"), hint);
    }

    /// E046: an image that nobody would see.
    pub fn unfit_image(&mut self, place: Place, name: &str) {
        let message = format!("`{name}` is no image that mail programs show");
        self.emit("E046", place, message, "save it as png, jpg, gif or webp, of 3 MB at most");
    }

    /// E047: attributes that nothing takes.
    pub fn unknown_attributes(&mut self, place: Place, given: &str, known: &str) {
        let message = format!("`{{{given}}}` means nothing here");
        self.emit("E047", place, message, format!("write `{{{known}}}`, or leave it out"));
    }
}
