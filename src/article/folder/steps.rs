//! The steps of a manifest that its author has worked in: what the article
//! brings is put in, what it takes is taken out, every other byte stays.

use std::ops::Range;

/// `manifest` without the steps in `gone`, and with those of `order` that it
/// does not have, each behind the one before it in `order`.
///
/// Returns `None` when there is no step by which to find the place.
pub(super) fn merged(
    manifest: &str,
    order: &[&str],
    new: &dyn Fn(&str) -> bool,
    gone: &dyn Fn(&str) -> bool,
) -> Option<String> {
    if steps(manifest).is_empty() {
        return None;
    }
    let mut text = manifest.to_owned();
    for (at, id) in order.iter().enumerate().filter(|(_, id)| new(id)) {
        let there = steps(&text);
        if there.iter().any(|(known, _)| known == id) {
            continue;
        }
        let before = order[..at].iter().rev();
        let place = before
            .filter_map(|id| there.iter().find(|(known, _)| known == id))
            .map(|(_, place)| place.end)
            .next()
            .or_else(|| there.first().map(|(_, place)| place.start))?;
        let needs_line = !text[..place].is_empty() && !text[..place].ends_with('\n');
        let gap = if text[..place].ends_with("\n\n") || place == 0 { "" } else { "\n" };
        let line = if needs_line { "\n" } else { "" };
        let after = if text[place..].starts_with(['\n', '[']) { "\n" } else { "" };
        let after = if text[place..].starts_with('\n') { "" } else { after };
        text.insert_str(place, &format!("{line}{gap}[[step]]\nid = \"{id}\"\n{after}"));
    }
    for (id, place) in steps(&text).into_iter().rev().filter(|(id, _)| gone(id)) {
        debug_assert!(text[place.clone()].contains(&id));
        text.replace_range(place, "");
    }
    Some(text)
}

/// The steps of a manifest: their ids, and where each stands, from its header
/// to the end of its last key.
fn steps(manifest: &str) -> Vec<(String, Range<usize>)> {
    let mut steps: Vec<(String, Range<usize>)> = Vec::new();
    let mut open: Option<(usize, usize, Option<String>)> = None;
    let mut at = 0;
    for line in manifest.split_inclusive('\n') {
        let bare = line.trim();
        if bare.starts_with('[') {
            if let Some((start, end, Some(id))) = open.take() {
                steps.push((id, start..end));
            }
            let is_step = bare.split('#').next().is_some_and(|header| header.trim() == "[[step]]");
            open = is_step.then_some((at, at + line.len(), None));
        } else if let Some((_, end, id)) = &mut open
            && !bare.is_empty()
            && !bare.starts_with('#')
        {
            *end = at + line.len();
            let (key, value) = bare.split_once('=').unwrap_or((bare, ""));
            if key.trim() == "id" {
                let value = value.trim().trim_start_matches(['"', '\'']);
                *id = value.split(['"', '\'']).next().map(str::to_owned);
            }
        }
        at += line.len();
    }
    if let Some((start, end, Some(id))) = open {
        steps.push((id, start..end));
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "title = \"T\" # mine\n\n[send]\nevery = \"3d\"\n\n[[step]]\nid = \"a\" # first\n\n# between\n[[step]]\nid    = 'b'\nafter = \"4d\"\n\n[[step]]\nid = \"c\"\n";

    #[track_caller]
    fn check(order: &[&str], new: &str, gone: &str, expected: &str) {
        let merged = merged(MANIFEST, order, &|id| id == new, &|id| id == gone);
        assert_eq!(merged.expect("there are steps"), expected);
    }

    #[test]
    fn steps_come_and_go_and_all_else_stays() {
        check(&["a", "b", "c"], "", "", MANIFEST);
        let behind_a = MANIFEST.replace("# first\n", "# first\n\n[[step]]\nid = \"n\"\n");
        check(&["a", "n", "b", "c"], "n", "", &behind_a);
        check(&["a", "b", "c", "n"], "n", "", &format!("{MANIFEST}\n[[step]]\nid = \"n\"\n"));
        let first = MANIFEST
            .replace("[[step]]\nid = \"a\"", "[[step]]\nid = \"n\"\n\n[[step]]\nid = \"a\"");
        check(&["n", "a", "b", "c"], "n", "", &first);
        let without_b = MANIFEST.replace("[[step]]\nid    = 'b'\nafter = \"4d\"\n", "");
        check(&["a", "c"], "", "b", &without_b);
        assert_eq!(merged("title = \"T\"\n", &["a"], &|_| true, &|_| false), None);
    }
}
