//! The cases in which a mail is tried: every arm of every block is reached in
//! at least one, whatever the samples say.
//!
//! All combinations would be exponential. An arm needs only the conditions on
//! the way to it; everything else is tried once as known and once as not.

use std::collections::{BTreeMap, BTreeSet};

use super::mustache::{self, Kind, Mustache};

/// Cases of one mail beyond this are not tried; a mail of a hundred blocks has
/// fewer.
const CASES_MAX: usize = 400;

/// Bytes of templates that are filled for trials: large mails are tried in
/// fewer cases.
const BYTES_MAX: usize = 64 * 1024 * 1024;

/// What is known about somebody: the names in conditions, each there or not.
pub(super) type Case = BTreeMap<String, bool>;

/// Names that conditions may find there or not.
pub(super) struct Open<'a> {
    /// The fields, `first` and `next`.
    pub(super) names: &'a BTreeSet<String>,
}

/// One condition on the way to an arm.
type Literal = (String, bool);

/// A block that is open at a point of a template.
struct Frame {
    /// The conditions of the arms before, which do not hold.
    refused: Vec<Literal>,
    current: Vec<Literal>,
}

/// The cases that reach every arm of every block in `templates`, with what each
/// wants said first; in all of them every name has a value.
pub(super) fn cases(templates: &[&str], open: &Open<'_>) -> Vec<Case> {
    let bytes: usize = templates.iter().map(|template| template.len()).sum();
    let most = CASES_MAX.min(BYTES_MAX / bytes.max(1)).max(2);
    let mut ways: BTreeSet<Vec<Literal>> = BTreeSet::new();
    ways.insert(Vec::new());
    for template in templates {
        ways.extend(ways_of(template, open));
    }
    let mut ways: Vec<Vec<Literal>> = ways.into_iter().collect();
    // The short ones first: a limit cuts the deepest.
    ways.sort_by_key(Vec::len);
    let mut cases: Vec<Case> = Vec::new();
    for base in [true, false] {
        for way in &ways {
            let mut case: Case = open.names.iter().map(|name| (name.clone(), base)).collect();
            let mut wanted = Case::new();
            let agrees = way.iter().all(|(name, is_there)| {
                wanted.insert(name.clone(), *is_there).is_none_or(|before| before == *is_there)
            });
            case.extend(wanted);
            if agrees && !cases.contains(&case) && cases.len() < most {
                cases.push(case);
            }
        }
    }
    cases
}

/// The conditions on the way to each arm of `template`.
fn ways_of(template: &str, open: &Open<'_>) -> Vec<Vec<Literal>> {
    let mut ways = Vec::new();
    let mut frames: Vec<Frame> = Vec::new();
    for mustache in mustache::scan(template).0 {
        match mustache.kind {
            Kind::Open => {
                let current = condition(template, &mustache, open);
                frames.push(Frame { refused: opposite(&current), current: Vec::new() });
                ways.push(way(&frames));
                if let Some(frame) = frames.last_mut() {
                    *frame = Frame { refused: Vec::new(), current };
                }
                ways.push(way(&frames));
            }
            Kind::Else => {
                let current = condition(template, &mustache, open);
                let Some(frame) = frames.last_mut() else { continue };
                let refused = opposite(&frame.current);
                frame.refused.extend(refused);
                frame.current = current;
                ways.push(way(&frames));
            }
            Kind::Close => {
                frames.pop();
            }
            Kind::Value | Kind::Raw | Kind::Partial | Kind::Comment => {}
        }
    }
    ways
}

fn way(frames: &[Frame]) -> Vec<Literal> {
    let literals = frames.iter().flat_map(|frame| frame.refused.iter().chain(&frame.current));
    let literals: BTreeSet<&Literal> = literals.collect();
    literals.into_iter().cloned().collect()
}

fn opposite(literals: &[Literal]) -> Vec<Literal> {
    literals.iter().map(|(name, is_there)| (name.clone(), !is_there)).collect()
}

/// What the tag of a block asks: at most one name. Of a name that is always
/// there nothing can be chosen.
fn condition(template: &str, mustache: &Mustache, open: &Open<'_>) -> Vec<Literal> {
    let mut words = mustache.words.iter().map(|(_, word)| word.as_str());
    let Some(kind) = words.next() else { return Vec::new() };
    let sign = template[mustache.span.clone()].trim_start_matches(['{', '~']);
    let wants = (kind == "if") != sign.starts_with('^');
    let literal = words.find_map(|word| {
        // The last part is the one after which nothing comes.
        let (name, wants) = match word.split('.').next().unwrap_or(word) {
            "last" => ("next", !wants),
            name => (name, wants),
        };
        open.names.contains(name).then(|| (name.to_owned(), wants))
    });
    literal.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cases as `+a -b`, for templates that ask about a, b and next.
    #[track_caller]
    fn check(template: &str, expected: &[&str]) {
        let names = ["a", "b", "next"].map(str::to_owned).into();
        let cases = cases(&[template], &Open { names: &names });
        let text = |case: &Case| {
            let words =
                case.iter().map(|(name, is)| format!("{}{name}", if *is { "+" } else { "-" }));
            words.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(cases.iter().map(text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_mail_without_blocks_is_tried_with_all_and_with_nothing() {
        check("{{a}}", &["+a +b +next", "-a -b -next"]);
    }

    #[test]
    fn every_arm_is_reached() {
        check(
            "{{#if a}}x{{else if b}}y{{else}}z{{/if}}",
            &[
                "+a +b +next",
                "-a +b +next",
                "-a -b +next",
                "-a -b -next",
                "+a -b -next",
                "-a +b -next",
            ],
        );
        check(
            "{{#if a}}{{#unless next}}x{{/unless}}{{/if}}",
            &[
                "+a +b +next",
                "-a +b +next",
                "+a +b -next",
                "-a -b -next",
                "+a -b -next",
                "+a -b +next",
            ],
        );
        check(
            "{{#if last}}x{{/if}}",
            &["+a +b +next", "+a +b -next", "-a -b -next", "-a -b +next"],
        );
    }

    #[test]
    fn what_contradicts_itself_is_no_case() {
        check(
            "{{#if a}}{{^if a}}x{{/if}}{{/if}}",
            &["+a +b +next", "-a +b +next", "-a -b -next", "+a -b -next"],
        );
    }

    #[test]
    fn many_blocks_are_few_cases() {
        let names: BTreeSet<String> = (0..1_000).map(|n| format!("f{n}")).collect();
        let block = |n: usize| format!("{{{{#if f{n}}}}}x{{{{/if}}}}");
        let text: String = (0..1_000).map(block).collect();
        assert_eq!(cases(&[&text], &Open { names: &names }).len(), CASES_MAX);
    }
}
