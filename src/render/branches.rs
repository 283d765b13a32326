//! The cases in which a mail is tried: every arm of every block is reached in
//! at least one, whatever the samples say.
//!
//! All combinations would be exponential. An arm needs only the conditions on
//! the way to it, and many ways fit into one case; besides, each way is tried
//! once with everything else known and once with nothing, as far as there is
//! room.

use std::collections::{BTreeMap, BTreeSet};

use super::mustache::{self, Kind, Mustache};

/// Cases of one mail beyond this are not tried; a mail of a hundred blocks has
/// fewer.
const CASES_MAX: usize = 400;

/// Ways of one mail that are looked at.
const WAYS_MAX: usize = 2_000;

/// What comes after this part; `last` is its opposite.
const NEXT: &str = "next";

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

/// The cases that reach every arm of every block in `templates`, each of them
/// with something after this part and with nothing.
pub(super) fn cases(templates: &[&str], open: &Open<'_>) -> Vec<Case> {
    let bytes: usize = templates.iter().map(|template| template.len()).sum();
    let most = CASES_MAX.min(BYTES_MAX / bytes.max(1)).max(2);
    let mut ways: BTreeSet<Case> = BTreeSet::from([Case::new()]);
    for template in templates {
        ways.extend(ways_of(template, open));
    }
    let with_rest = |case: &Case, rest: bool| {
        let rest = open.names.iter().map(|name| (name.clone(), rest));
        rest.chain(case.clone()).collect::<Case>()
    };
    let mut cases: Vec<Case> = Vec::new();
    let mut add = |case: Case| {
        if cases.len() < most && !cases.contains(&case) {
            cases.push(case);
        }
        cases.len() < most
    };
    for rest in [true, false] {
        add(with_rest(&Case::new(), rest));
    }
    let mut wanted: Vec<Case> = ways.iter().flat_map(with_and_without_next).collect();
    let mut rest = true;
    while let Some(first) = wanted.first().cloned() {
        let mut packed = first;
        wanted.retain(|way| {
            let fits =
                way.iter().all(|(name, is)| packed.get(name).is_none_or(|known| known == is));
            if fits {
                packed.extend(way.clone());
            }
            !fits
        });
        if !add(with_rest(&packed, rest)) {
            break;
        }
        rest = !rest;
    }
    // The short ones first: where there is no room, the deepest are missing.
    let mut ways: Vec<Case> = ways.into_iter().collect();
    ways.sort_by_key(Case::len);
    for way in ways {
        if !add(with_rest(&way, true)) || !add(with_rest(&way, false)) {
            break;
        }
    }
    cases
}

/// `next` is what a mail may say and not have: a way that does not ask for it
/// is gone both ways.
fn with_and_without_next(way: &Case) -> Vec<Case> {
    if way.contains_key(NEXT) {
        return vec![way.clone()];
    }
    [true, false]
        .map(|next| way.clone().into_iter().chain([(NEXT.to_owned(), next)]).collect())
        .into()
}

/// The conditions on the way to each arm of `template`.
fn ways_of(template: &str, open: &Open<'_>) -> BTreeSet<Case> {
    let mut ways = BTreeSet::new();
    let mut frames: Vec<Frame> = Vec::new();
    for mustache in mustache::scan(template).0 {
        match mustache.kind {
            Kind::Open => {
                let current = condition(template, &mustache, open);
                frames.push(Frame { refused: opposite(&current), current: Vec::new() });
                note(&mut ways, &frames);
                if let Some(frame) = frames.last_mut() {
                    *frame = Frame { refused: Vec::new(), current };
                }
                note(&mut ways, &frames);
            }
            Kind::Else => {
                let current = condition(template, &mustache, open);
                let Some(frame) = frames.last_mut() else { continue };
                let refused = opposite(&frame.current);
                frame.refused.extend(refused);
                frame.current = current;
                note(&mut ways, &frames);
            }
            Kind::Close => {
                frames.pop();
            }
            Kind::Value | Kind::Raw | Kind::Partial | Kind::Comment => {}
        }
    }
    ways
}

/// Notes the way through `frames`, unless it contradicts itself.
fn note(ways: &mut BTreeSet<Case>, frames: &[Frame]) {
    let mut way = Case::new();
    for (name, is) in frames.iter().flat_map(|frame| frame.refused.iter().chain(&frame.current)) {
        if way.insert(name.clone(), *is).is_some_and(|before| before != *is) {
            return;
        }
    }
    if ways.len() < WAYS_MAX {
        ways.insert(way);
    }
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
            "last" => (NEXT, !wants),
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
    fn every_arm_is_reached_with_and_without_a_part_after() {
        for (template, arms) in [
            ("{{#if a}}x{{else if b}}y{{else}}z{{/if}}", &["+a", "-a +b", "-a -b"][..]),
            ("{{#if a}}{{#unless b}}x{{/unless}}{{/if}}", &["+a -b", "+a +b", "-a"]),
            ("{{^if a}}x{{else}}{{#if b}}y{{/if}}{{/if}}", &["-a", "+a +b", "+a -b"]),
        ] {
            let names = ["a", "b", "next"].map(str::to_owned).into();
            let cases = cases(&[template], &Open { names: &names });
            for arm in arms {
                for next in ["+next", "-next"] {
                    let mut wanted = arm.split(' ').chain([next]);
                    let holds = |case: &Case, word: &str| case[&word[1..]] == word.starts_with('+');
                    let is_reached =
                        cases.iter().any(|case| wanted.clone().all(|word| holds(case, word)));
                    assert!(is_reached, "{template}: {arm} {next}");
                    assert!(wanted.next().is_some());
                }
            }
        }
    }

    #[test]
    fn what_contradicts_itself_is_no_case() {
        let all = ["+a +b +next", "-a -b -next", "-a +b -next", "+a -b +next", "+a -b -next"];
        let names = ["a", "b", "next"].map(str::to_owned).into();
        let text = "{{#if a}}{{^if a}}x{{/if}}{{/if}}{{#if last}}{{#if next}}y{{/if}}{{/if}}";
        assert!(cases(&[text], &Open { names: &names }).len() <= 2 * all.len());
    }

    #[test]
    fn many_blocks_are_few_cases() {
        let names: BTreeSet<String> =
            (0..1_000).map(|n| format!("f{n}")).chain([NEXT.to_owned()]).collect();
        let block = |n: usize| format!("{{{{#if f{n}}}}}x{{{{/if}}}}");
        let text: String = (0..1_000).map(block).collect();
        let cases = cases(&[&text], &Open { names: &names });
        assert_eq!(cases.len(), CASES_MAX);
        // The first few reach all of them.
        for n in 0..1_000 {
            for (is, next) in [(true, true), (true, false), (false, true), (false, false)] {
                let reached = |case: &Case| case[&format!("f{n}")] == is && case[NEXT] == next;
                assert!(cases[..8].iter().any(reached), "{n} {is} {next}");
            }
        }
    }
}
