//! Which line of a paste is its title, and what stands above it.

use super::{
    Pasted, core,
    lines::{Line, begins_item},
};
use crate::article::{
    Reason,
    keep::Keep,
    words::{self, Stamp},
};

/// Lines above the prose among which the title is looked for.
const WITHIN: usize = 16;
/// Words of a title.
const WORDS: std::ops::RangeInclusive<usize> = 2..=22;
/// Words of a line under the title that says what the article is about.
const STANDFIRST_WORDS: usize = 6;

/// Takes the title out of `rest`, and leaves out what stands above it and
/// what labels it.
pub(super) fn take(rest: &mut Vec<Line>, pasted: &mut Pasted, keep: &Keep) {
    let core = core::core(rest);
    let prose = if core.is_empty() { rest.len().min(8) } else { core.start };
    let best = (prose.saturating_sub(WITHIN)..prose)
        .filter_map(|at| Some((score(rest, at, prose)?, at)))
        .fold(None, |best: Option<(i32, usize)>, one| match best {
            Some(best) if best.0 >= one.0 => Some(best),
            _ => Some(one),
        });
    let Some((_, at)) = best else {
        // Prose from the first line on has no title; menus above it go.
        let wanted = leave(rest.drain(..prose), pasted, keep);
        rest.splice(0..0, wanted);
        return;
    };
    let wanted = leave(rest.drain(..at), pasted, keep);
    let line = rest.remove(0);
    pasted.title = without_site(&line.text, rest);
    if rest.first().is_some_and(Line::is_underline) {
        rest.remove(0);
    }
    // Between title and prose: dates, names, buttons; what is about the
    // article, and what may be its first heading, stays.
    let mut labels = prose.saturating_sub(at + 1);
    let mut kept = 0;
    while labels > 0 && kept < rest.len() {
        labels -= 1;
        let line = &rest[kept];
        let count = words::count(&line.text);
        let is_label = words::stamp(&line.text) != Stamp::None
            || words::byline(&line.text).is_some()
            || words::asks(&line.text)
            || words::notes(&line.text)
            || begins_item(&line.text)
            || count < STANDFIRST_WORDS
                && labels > 0
                && !words::ends_sentence(&line.text)
                && !line.text.ends_with(':');
        if is_label && !keep.wants(&line.text) {
            let line = rest.remove(kept);
            pasted.leave(&line, Reason::Chrome);
        } else {
            kept += 1;
        }
    }
    rest.splice(0..0, wanted);
}

/// Leaves out `lines`, and returns those that the author wants.
fn leave(lines: impl Iterator<Item = Line>, pasted: &mut Pasted, keep: &Keep) -> Vec<Line> {
    let (wanted, page): (Vec<Line>, Vec<Line>) = lines.partition(|line| keep.wants(&line.text));
    for line in page {
        pasted.leave(&line, Reason::Chrome);
    }
    wanted
}

/// How much the line at `at` looks like the title above the prose at `prose`;
/// `None` when it cannot be one.
fn score(lines: &[Line], at: usize, prose: usize) -> Option<i32> {
    let line = &lines[at];
    let text = line.text.as_str();
    let ends = text.ends_with([',', ';', ':', '：']);
    let is_page_own = super::is_own(text)
        || words::stamp(text) != Stamp::None
        || words::byline(text).is_some()
        || words::asks(text)
        || words::notes(text);
    let is_item = begins_item(text);
    let is_path = text.contains(" > ") || text.contains(" › ") || text.contains(" » ");
    if !WORDS.contains(&words::count(text))
        || ends
        || !line.is_single
        || is_page_own
        || is_path
        || is_item
    {
        return None;
    }
    let count = words::count(text);
    let is_underlined = lines.get(at + 1).is_some_and(Line::is_underline);
    let next_gap = lines.get(at + 1).map_or(0, |next| next.gap);
    let mut points = 0;
    points += i32::from((4..=16).contains(&count)) * 2;
    points += i32::from(line.gap > 0 || at == 0);
    points += i32::from(next_gap > 0);
    points += 4 * i32::from(is_underlined);
    let is_sentence = text.ends_with(['.', '。']);
    points -= 3 * i32::from(is_sentence) + 3 * i32::from(is_sentence && count >= 10);
    // Who wrote it, and when, stands under the title.
    let labels = lines[at + 1..prose].iter().take(4).filter(|line| {
        words::byline(&line.text).is_some()
            || words::stamp(&line.text) != Stamp::None
            || words::notes(&line.text)
    });
    points += 3 * i32::from(labels.count() > 0);
    points += said_again(text, &lines[prose..]).min(3) * 2;
    // Prices and offers are above titles, and none.
    points -= 3 * i32::from(text.contains(['$', '€', '£', '%']));
    points += i32::from(at + 1 == prose);
    Some(points)
}

/// How many of a line's longer words the text below says again.
fn said_again(text: &str, lines: &[Line]) -> i32 {
    let below: String =
        lines.iter().take(60).map(|line| line.text.to_lowercase()).collect::<Vec<_>>().join(" ");
    let dense: Vec<char> = text.chars().filter(|c| words::is_dense(*c)).collect();
    let pairs = dense.windows(2).filter(|pair| below.contains(&pair.iter().collect::<String>()));
    let long = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= 4);
    let said = long.filter(|word| {
        // Endings change; the first letters do not.
        let stem: String = word.to_lowercase().chars().take(5).collect();
        below.contains(&stem)
    });
    i32::try_from(said.count() + pairs.count()).unwrap_or(i32::MAX)
}

/// A title without ` | The Site` at its end.
fn without_site(title: &str, rest: &[Line]) -> String {
    for sign in [" | ", " – ", " — ", " - ", " · ", " » "] {
        if let Some((before, site)) = title.rsplit_once(sign) {
            let is_known = rest.iter().any(|line| words::fold(&line.text) == words::fold(site));
            let is_site =
                sign == " | " || is_known || site.contains(".com") || site.contains(".org");
            if is_site && words::count(before) >= 2 {
                return before.trim().to_owned();
            }
        }
    }
    title.to_owned()
}
