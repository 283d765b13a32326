//! The schemas for editors say what the parser does, both ways.
//!
//! No key is listed here. A document that says everything is made of each
//! schema's examples; then everything in it is tried: every key left out, every
//! value replaced by others of every kind, every text changed by a character.
//! Schema and parser must agree about each of these documents, but where the
//! schema's `$comment` says what the parser knows besides. What a schema does
//! not have, the parser tells itself: the hint of an unknown key lists all keys.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    sync::LazyLock,
};

use fascicle::{
    campaign::{self, Project},
    diagnostic::{Finding, Severity},
    model::{ProjectFiles, Site},
    project,
};
use regex_lite::Regex;
use serde_json::{Map, Value, json};

use crate::{
    json_schema::{filled, is_valid, least, schema_of, with, with_parents},
    world::root,
};

/// Each schema, and the file that it is for; the founding project has all but
/// the last.
const KINDS: [(&str, &str); 4] = [
    (".fascicle/fascicle.schema.json", "fascicle.toml"),
    (".fascicle/campaign.schema.json", "campaigns/knot-in-lower-back/campaign.toml"),
    (".fascicle/samples.schema.json", "samples.toml"),
    (".fascicle/newsletter.schema.json", "campaigns/monthly-letter/campaign.toml"),
];

/// A word that is far from every key and every value.
const ALIEN: &str = "qqqqqqqq";

/// What a text's characters are replaced by, and what is put between them.
const CHARACTERS: &str = " \u{7}x5-+_:./@%";

/// Places in a text that are tried, from its beginning to its end.
const PLACES: usize = 12;

/// A part of a document, and of the schema.
struct Node<'a> {
    path: String,
    schema: &'a Value,
    value: Value,
}

/// One schema, and what was found wrong with it.
struct Trial {
    file: &'static str,
    schema: Value,
    wrong: Vec<String>,
    count: usize,
    /// The `$comment`s, and whether the parser really knew more there.
    comments: BTreeMap<String, bool>,
}

impl Trial {
    fn new((schema, file): (&str, &'static str)) -> Trial {
        let text = fs::read_to_string(root().join(schema)).expect("a schema");
        let schema = serde_json::from_str(&text).expect("JSON");
        Trial { file, schema, wrong: Vec::new(), count: 0, comments: BTreeMap::new() }
    }

    /// The document that says everything.
    fn full(&self) -> Value {
        filled(&self.schema)
    }

    /// What the parser finds wrong with `document`.
    fn findings(&self, document: &Value) -> Vec<Finding> {
        read(self.file, document).1
    }

    /// Schema and parser say the same of `document`, which tries `node`.
    fn agree(&mut self, node: &Node<'_>, document: &Value) {
        let findings = self.findings(document);
        self.count += 1;
        match (is_valid(&self.schema, document), findings.first()) {
            (true, None) | (false, Some(_)) => {}
            (true, Some(_)) if node.schema.get("$comment").is_some() => {
                self.comments.insert(node.path.clone(), true);
            }
            // A name that nobody declares, or no longer: no schema sees from
            // one place to another.
            (true, Some(_)) if findings.iter().all(|finding| finding.code == "E007") => {}
            (is_valid, finding) => {
                let tried = document.pointer(&node.path);
                let parser = finding.map_or("is content", |finding| &finding.message);
                let schema = if is_valid { "is content" } else { "is not" };
                let path = &node.path;
                self.wrong.push(format!("{path} {tried:?}: parser: {parser}, schema: {schema}"));
            }
        }
    }

    fn finish(self) {
        let shown: Vec<&String> = self.wrong.iter().take(20).collect();
        assert!(
            self.wrong.is_empty(),
            "{}: {} of {}: {shown:#?}",
            self.file,
            self.wrong.len(),
            self.count
        );
        let idle: Vec<&String> =
            self.comments.iter().filter(|(_, is_true)| !**is_true).map(|(path, _)| path).collect();
        assert_eq!(idle, Vec::<&String>::new(), "{}: these `$comment`s are not true", self.file);
        assert!(self.count > 100, "{}", self.count);
    }
}

#[test]
fn schema_and_parser_agree_about_the_project() {
    check_agreement(KINDS[0]);
}

#[test]
fn schema_and_parser_agree_about_campaigns() {
    check_agreement(KINDS[1]);
}

#[test]
fn schema_and_parser_agree_about_samples() {
    check_agreement(KINDS[2]);
}

#[test]
fn schema_and_parser_agree_about_newsletters() {
    check_agreement(KINDS[3]);
}

#[track_caller]
fn check_agreement(kind: (&str, &'static str)) {
    let mut trial = Trial::new(kind);
    let schema = trial.schema.clone();
    let full = trial.full();
    assert_eq!(trial.findings(&full), Vec::new(), "the examples of {} are not right", kind.0);
    for node in nodes(&schema, &full) {
        if node.schema.get("$comment").is_some() {
            trial.comments.insert(node.path.clone(), false);
        }
        // A file is always a table.
        let fits = |value: &Value| !node.path.is_empty() || value.is_object();
        for candidate in candidates(node.schema).into_iter().filter(fits) {
            trial.agree(&node, &with(&full, &node.path, candidate));
        }
        let Value::Object(entries) = &node.value else { continue };
        for key in entries.keys() {
            let mut less = entries.clone();
            less.remove(key);
            trial.agree(&node, &with(&full, &node.path, less.into()));
        }
        for name in names(node.schema, entries) {
            let (_, entry) = entries.iter().next().expect("an example");
            let renamed = Map::from_iter([(name, entry.clone())]);
            trial.agree(&node, &with(&full, &node.path, renamed.into()));
        }
    }
    trial.finish();
}

#[test]
fn the_parser_asks_for_no_key_that_a_schema_lacks() {
    let mut wrong = BTreeSet::new();
    for kind in KINDS {
        let trial = Trial::new(kind);
        // With everything said and with next to nothing: a key may be asked
        // for only beside another, or only without it.
        for document in [trial.full(), least(&trial.schema)] {
            for node in nodes(&trial.schema, &document) {
                let Some(keys) = node.schema.get("properties").and_then(Value::as_object) else {
                    continue;
                };
                let mut entries = node.value.as_object().expect("a table").clone();
                entries.insert(ALIEN.to_owned(), json!(1));
                let findings = trial.findings(&with(&document, &node.path, entries.into()));
                let [finding] = &findings[..] else {
                    panic!("{} {}: {findings:#?}", trial.file, node.path)
                };
                assert_eq!(finding.code, "E002", "{} {}", trial.file, node.path);
                let keys: BTreeSet<&str> = keys.keys().map(String::as_str).collect();
                for key in listed(&finding.hint).symmetric_difference(&keys) {
                    wrong.insert(format!("{} {}/{key}", trial.file, node.path));
                }
            }
        }
    }
    assert_eq!(wrong, BTreeSet::new(), "only one of schema and parser knows these keys");
}

#[test]
fn the_parser_has_no_value_that_a_closed_set_lacks() {
    let mut count = 0;
    for kind in KINDS {
        let trial = Trial::new(kind);
        for node in nodes(&trial.schema, &trial.full()) {
            let members = members(node.schema);
            if members.is_empty() || !node.value.is_string() {
                continue;
            }
            let findings = trial.findings(&with(&trial.full(), &node.path, ALIEN.into()));
            let hint = &findings.first().expect("a finding").hint;
            // What the hint says in capitals is the author's own to fill in.
            let (open, closed): (BTreeSet<_>, BTreeSet<_>) =
                listed(hint).into_iter().partition(|value| value.contains("NAME"));
            assert_eq!(closed, members, "{} {}", trial.file, node.path);
            for value in open {
                let value = value.replace("NAME", "my-name").into();
                assert!(is_valid(node.schema, &value), "{} {value}", node.path);
            }
            count += 1;
        }
    }
    assert!(count >= 6, "{count}");
}

#[test]
fn a_default_is_what_a_key_means_that_is_not_there() {
    let mut count = 0;
    for kind in KINDS {
        let trial = Trial::new(kind);
        let founding = fs::read_to_string(root().join(kind.1));
        let founding = founding.map(|text| toml::from_str(&text).expect("TOML"));
        let documents: Vec<Value> =
            [least(&trial.schema)].into_iter().chain(founding.ok()).collect();
        let full = nodes(&trial.schema, &trial.full());
        for (node, document) in
            full.iter().flat_map(|node| documents.iter().map(move |d| (node, d)))
        {
            let Some(default) = node.schema.get("default") else { continue };
            let (parent, key) = node.path.rsplit_once('/').expect("a key");
            let made = with_parents(document, &trial.schema, parent);
            let table = made.pointer(parent).and_then(Value::as_object).expect("a table");
            let (mut less, mut more) = (table.clone(), table.clone());
            less.remove(key);
            more.insert(key.to_owned(), default.clone());
            let [unsaid, said] = [less, more].map(|table| {
                let (understood, findings) = read(trial.file, &with(&made, parent, table.into()));
                (understood.text(), findings)
            });
            assert_eq!((&said.1, &unsaid.1), (&Vec::new(), &Vec::new()), "{}", node.path);
            assert!(said.0.is_some());
            assert_eq!(said.0, unsaid.0, "{} {}", trial.file, node.path);
            count += 1;
        }
    }
    assert!(count >= 40, "{count}");
}

#[test]
fn the_founding_files_name_their_schemas_and_fit_them() {
    let example = project::example();
    let mut count = 0;
    for (path, bytes) in example.iter() {
        let text = std::str::from_utf8(bytes).expect("text");
        if path.starts_with(".fascicle/") {
            assert!(KINDS.iter().any(|(schema, _)| *schema == &**path), "{path}");
            assert_eq!(fs::read_to_string(root().join(&**path)).expect("a schema"), text);
        }
        let name = path.rsplit('/').next();
        let kind = KINDS.iter().find(|(_, file)| file.rsplit('/').next() == name);
        let Some(kind) = kind else { continue };
        let named = text.lines().next().and_then(|line| line.strip_prefix("#:schema "));
        let up = "../".repeat(path.matches('/').count());
        assert_eq!(named, Some(&*format!("{up}{}", kind.0)), "{path}");
        let document = toml::from_str(text).expect("TOML");
        assert!(is_valid(&Trial::new(*kind).schema, &document), "{path}");
        count += 1;
    }
    assert!(count >= KINDS.len() - 1, "{count}");
}

#[test]
fn a_schema_tells_its_reader_what_everything_is() {
    for kind in KINDS {
        let trial = Trial::new(kind);
        for node in nodes(&trial.schema, &trial.full()) {
            let place = format!("{} {}", kind.0, node.path);
            let words = node.schema["description"].as_str().unwrap_or_else(|| panic!("{place}"));
            assert!(words.ends_with('.') && !words.contains(". "), "{place}: {words}");
            let offers = ["examples", "enum", "default", "properties", "items"];
            assert!(offers.iter().any(|key| node.schema.get(key).is_some()), "{place}");
            let is_table = node.schema["type"] == "object";
            assert!(!is_table || node.schema["additionalProperties"] == false, "{place}");
        }
    }
}

/// What the parser made of a document.
enum Understood {
    Site(Option<Box<Site>>),
    Project(Option<Box<Project>>),
}

impl Understood {
    /// All of it, as text.
    fn text(&self) -> Option<String> {
        // Where the file names no database, the door (`cli/given.rs`) takes this one.
        let default = "store_url: Some(\n        \"sqlite:fascicle.db\",\n    )";
        match self {
            Understood::Site(site) => {
                site.as_ref().map(|site| format!("{site:#?}").replace("store_url: None", default))
            }
            Understood::Project(project) => project.as_ref().map(|project| {
                let drips: Vec<_> =
                    project.editions.values().map(|edition| &edition.campaign).collect();
                let letters: Vec<_> =
                    project.newsletters.values().map(|edition| &edition.newsletter).collect();
                format!("{drips:#?} {letters:#?} {:#?}", project.samples)
            }),
        }
    }
}

/// The project as the parser understood it, and what it found wrong, when the
/// founding project's `file` says `document`.
fn read(file: &str, document: &Value) -> (Understood, Vec<Finding>) {
    let text = toml::Table::try_from(document).expect("a table").to_string();
    let (understood, diagnostics) = if file == project::MANIFEST {
        let (site, diagnostics) = campaign::read_site(&text.into());
        (Understood::Site(site.map(Box::new)), diagnostics)
    } else {
        static PROJECT: LazyLock<ProjectFiles> = LazyLock::new(plain_project);
        let mut files = PROJECT.clone();
        files.insert(file, text.as_bytes());
        let (project, diagnostics) = campaign::read(&files);
        (Understood::Project(project.map(Box::new)), diagnostics)
    };
    let is_here =
        |finding: &&Finding| finding.severity == Severity::Error && &*finding.place.file == file;
    let findings = diagnostics.findings().into_iter().filter(is_here).cloned().collect();
    (understood, findings)
}

/// The founding project without words and look: what is tried here is only
/// its TOML, some thousand times, and findings elsewhere do not count.
fn plain_project() -> ProjectFiles {
    let mut files = ProjectFiles::default();
    for (path, bytes) in project::example().iter() {
        let is_read = path.ends_with(".toml");
        files.insert(path.clone(), if is_read { bytes.clone() } else { [].into() });
    }
    files
}

/// Everything in `document`, with the schema that is for it.
fn nodes<'a>(schema: &'a Value, document: &Value) -> Vec<Node<'a>> {
    let mut found = Vec::new();
    let mut open = vec![Node { path: String::new(), schema, value: document.clone() }];
    while let Some(node) = open.pop() {
        let inner: Vec<(String, &Value, &Value)> = match &node.value {
            Value::Object(entries) => {
                let schema = |key: &str| schema_of(node.schema, key).expect("a known key");
                entries.iter().map(|(key, value)| (key.clone(), schema(key), value)).collect()
            }
            Value::Array(items) => {
                items.iter().take(1).map(|item| ("0".into(), &node.schema["items"], item)).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
        };
        for (key, schema, value) in inner {
            let path = format!("{}/{key}", node.path);
            open.push(Node { path, schema, value: value.clone() });
        }
        found.push(node);
    }
    found
}

/// Values to try where `schema` is: its own and their neighbors, and one of each kind.
fn candidates(schema: &Value) -> Vec<Value> {
    let mut found = vec![json!(true), json!(7), json!(1.5), json!(ALIEN), json!([]), json!({})];
    found.extend([json!([7]), json!([ALIEN]), json!({ ALIEN: 7 }), json!([[]]), json!([{}])]);
    for end in ["minimum", "maximum"] {
        let ends = schema.get(end).and_then(Value::as_i64).into_iter();
        found.extend(ends.flat_map(|end| [end - 1, end, end + 1]).map(Value::from));
    }
    found.extend(schema.get("default").cloned());
    let own = ["examples", "enum"].into_iter().filter_map(|key| schema.get(key)?.as_array());
    found.extend(own.flatten().cloned());
    if schema.get("minItems").is_some() {
        found.push(json!([filled(&schema["items"])]));
    }
    let members = members(schema);
    let mut texts: BTreeSet<String> = members.iter().map(|&text| text.to_owned()).collect();
    texts.extend(found.iter().filter_map(Value::as_str).map(str::to_owned));
    if schema["type"] == "string" {
        found.extend(texts.iter().flat_map(|text| neighbors(text)).map(Value::from));
        if schema.get("enum").is_none() {
            found.extend(texts.iter().flat_map(|text| kin(schema, text)).map(Value::from));
        }
        if !members.is_empty() {
            found.extend(WORDS.iter().map(|word| word.as_str().into()));
        }
    }
    found
}

/// Names to try in a table whose keys are the author's own.
fn names(schema: &Value, entries: &Map<String, Value>) -> Vec<String> {
    if schema.get("patternProperties").is_none() {
        return Vec::new();
    }
    let near = entries.keys().flat_map(|name| neighbors(name));
    near.chain(WORDS.iter().cloned()).collect()
}

/// Every short text in quotes in the parser: what it may compare with.
static WORDS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let quoted = Regex::new(r#""([^"\\\n]{1,24})""#).expect("a pattern");
    let mut words = BTreeSet::new();
    for folder in ["src/campaign", "src/time"] {
        for entry in fs::read_dir(root().join(folder)).expect("the parser") {
            let text = fs::read_to_string(entry.expect("an entry").path()).expect("text");
            // What only its tests say, it does not compare with.
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            words.extend(quoted.captures_iter(text).map(|found| found[1].to_owned()));
        }
    }
    words
});

/// `text` with another word for its first: a unit, a scheme, a kind. The words
/// are the parser's and those of the schema's own pattern.
fn kin(schema: &Value, text: &str) -> BTreeSet<String> {
    let word = Regex::new("[a-z]+").expect("a pattern");
    let pattern = schema["pattern"].as_str().unwrap_or_default();
    // Text with spaces is prose: one word of it is like another.
    let first = word.find(text).filter(|_| !text.contains(' '));
    let Some(first) = first else { return BTreeSet::new() };
    let ours = WORDS.iter().filter(|text| text.trim_end_matches(':').len() <= 8);
    let ours = ours.map(|text| text.trim_end_matches([':', '/']));
    let theirs = word.find_iter(pattern).map(|found| found.as_str());
    let (before, after) = (&text[..first.start()], &text[first.end()..]);
    ours.chain(theirs).map(|word| format!("{before}{word}{after}")).collect()
}

/// `text` with one character less, other, more, or far too often.
fn neighbors(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::from([String::new(), text.to_owned(), text.to_uppercase()]);
    let cuts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let every = cuts.len().div_ceil(PLACES);
    for (index, cut) in cuts.iter().enumerate().step_by(every) {
        let (before, after) = text.split_at(*cut);
        found.extend(CHARACTERS.chars().map(|c| format!("{before}{c}{after}")));
        let Some(next) = cuts.get(index + 1) else { continue };
        let rest = &text[*next..];
        found.insert(format!("{before}{rest}"));
        found.insert(format!("{before}{}{rest}", text[*cut..*next].repeat(300)));
        found.extend(CHARACTERS.chars().map(|c| format!("{before}{c}{rest}")));
    }
    found
}

/// The closed set of `schema`, also where it is one way of several.
fn members(schema: &Value) -> BTreeSet<&str> {
    let ways = schema["anyOf"].as_array().into_iter().flatten().chain([schema]);
    let sets = ways.filter_map(|way| way.get("enum")?.as_array()).flatten();
    sets.filter_map(Value::as_str).collect()
}

/// What a hint lists: "there is `a`, `b`".
fn listed(hint: &str) -> BTreeSet<&str> {
    let list = hint.strip_prefix("there is ").unwrap_or_else(|| panic!("no list: {hint}"));
    list.split(", ").map(|name| name.trim_matches('`')).collect()
}
