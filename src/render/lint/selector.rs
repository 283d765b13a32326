//! Selectors and media queries: does a rule concern an element, on a screen?
//! Where that depends on what we do not follow, the answer is "perhaps".

/// Parts of one selector that are followed.
const PARTS_MAX: usize = 8;

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Answer {
    No,
    Perhaps,
    Yes,
}

/// An element with what selectors ask about.
#[derive(Clone, Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) classes: Vec<String>,
    /// Names of its attributes, lower case.
    pub(super) attributes: Vec<String>,
}

/// One selector, without commas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selector {
    /// From left to right; each says how it is joined to the one before.
    parts: Vec<Part>,
    /// Ids, classes, names.
    pub(super) weight: (usize, usize, usize),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Part {
    join: Join,
    name: Option<String>,
    ids: Vec<String>,
    classes: Vec<String>,
    /// Attributes that must be there.
    attributes: Vec<String>,
    asks: Vec<Ask>,
}

/// What a part asks besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ask {
    Root,
    Href,
    /// Never so at rest: `:hover`, `::before`.
    Never,
    /// More than we follow.
    More,
}

impl Ask {
    fn fits(self, element: &Element) -> Answer {
        let is = match self {
            Ask::Root => element.name == "html",
            Ask::Href => element.attributes.iter().any(|name| name == "href"),
            Ask::Never => false,
            Ask::More => return Answer::Perhaps,
        };
        if is { Answer::Yes } else { Answer::No }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Join {
    #[default]
    Inside,
    Child,
    /// `+`, `~`.
    Beside,
}

impl Selector {
    /// Reads one selector.
    ///
    /// Returns `None` when it is empty or too long.
    pub(super) fn parse(text: &str) -> Option<Selector> {
        let mut parts: Vec<Part> = Vec::new();
        let mut join = Join::Inside;
        for word in words(text) {
            match word {
                ">" => join = Join::Child,
                "+" | "~" => join = Join::Beside,
                compound => {
                    parts.push(Part { join, ..part(compound) });
                    join = Join::Inside;
                }
            }
        }
        if parts.is_empty() || parts.len() > PARTS_MAX {
            return None;
        }
        let count = |of: fn(&Part) -> usize| parts.iter().map(of).sum();
        let weight = (
            count(|part| part.ids.len()),
            count(|part| part.classes.len() + part.attributes.len() + part.asks.len()),
            count(|part| usize::from(part.name.is_some())),
        );
        Some(Selector { parts, weight })
    }

    /// Whether it concerns the last of `elements`, which lie in each other.
    pub(super) fn concerns(&self, elements: &[Element]) -> Answer {
        let (Some(last), [.., element]) = (self.parts.last(), elements) else { return Answer::No };
        let answer = last.fits(element);
        // Most rules end here.
        if answer == Answer::No || self.parts.len() == 1 {
            return answer;
        }
        // How far each part before the last one gets, element by element.
        let mut reached: Vec<Answer> = Vec::new();
        for (index, part) in self.parts.iter().enumerate() {
            let mut inside = Answer::No;
            let mut now = Vec::with_capacity(elements.len());
            for (depth, element) in elements.iter().enumerate() {
                let parent = depth.checked_sub(1).and_then(|depth| reached.get(depth).copied());
                let parent = parent.unwrap_or(Answer::No);
                inside = inside.max(parent);
                let before = match part.join {
                    _ if index == 0 => Answer::Yes,
                    Join::Inside => inside,
                    Join::Child => parent,
                    // Who stands beside it is not kept.
                    Join::Beside => Answer::Perhaps,
                };
                now.push(before.min(part.fits(element)));
            }
            reached = now;
        }
        reached.last().copied().unwrap_or(Answer::No)
    }
}

impl Part {
    fn fits(&self, element: &Element) -> Answer {
        let is_named = self.name.as_ref().is_none_or(|name| *name == element.name);
        let has =
            |wanted: &[String], given: &[String]| wanted.iter().all(|name| given.contains(name));
        let fits = is_named
            && self.ids.iter().all(|id| *id == element.id)
            && has(&self.classes, &element.classes)
            && has(&self.attributes, &element.attributes);
        if !fits {
            return Answer::No;
        }
        self.asks.iter().map(|ask| ask.fits(element)).min().unwrap_or(Answer::Yes)
    }
}

/// Compounds and signs between them.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = None;
    let mut depth = 0_usize;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let is_sign = depth == 0 && matches!(c, '>' | '+' | '~');
        if is_sign || depth == 0 && c.is_whitespace() {
            words.extend(start.take().map(|start| &text[start..at]));
            if is_sign {
                words.push(&text[at..=at]);
            }
        } else if start.is_none() {
            start = Some(at);
        }
    }
    words
}

fn part(compound: &str) -> Part {
    let mut part = Part::default();
    let mut rest = compound;
    while let Some(sign) = rest.chars().next() {
        let body = if matches!(sign, '.' | '#' | ':' | '[') { &rest[1..] } else { rest };
        let body = body.strip_prefix(':').unwrap_or(body);
        let stop = |c: char| matches!(c, '.' | '#' | ':' | '[' | '(' | ']');
        let length = body.find(stop).unwrap_or(body.len());
        let (word, after) = body.split_at(length);
        rest = after;
        match sign {
            '.' => part.classes.push(word.to_owned()),
            '#' => part.ids.push(word.to_owned()),
            '[' => {
                let (name, value) = word.split_once('=').unwrap_or((word, ""));
                part.asks.extend(Some(Ask::More).filter(|_| !value.is_empty()));
                part.attributes
                    .push(name.trim_end_matches(['~', '|', '^', '$', '*']).to_ascii_lowercase());
                rest = rest.split_once(']').map_or("", |(_, rest)| rest);
            }
            ':' => {
                part.asks.push(match word {
                    "root" => Ask::Root,
                    "link" | "any-link" => Ask::Href,
                    "hover" | "active" | "focus" | "visited" | "focus-visible" | "target"
                    | "before" | "after" | "first-letter" | "first-line" | "marker"
                    | "selection" | "placeholder" => Ask::Never,
                    _ => Ask::More,
                });
                if rest.starts_with('(') {
                    rest = rest.rsplit_once(')').map_or("", |(_, rest)| rest);
                }
            }
            '*' if word == "*" => {}
            c if c.is_ascii_alphabetic() => part.name = Some(word.to_ascii_lowercase()),
            _ => {
                part.asks.push(Ask::More);
                if length == 0 {
                    rest = &rest[sign.len_utf8()..];
                }
            }
        }
    }
    part
}

/// Where a mail is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Screen {
    pub(super) width: u32,
    pub(super) is_dark: bool,
}

impl Screen {
    /// Whether the rules in `at_rule` (`@media …`) hold here.
    pub(super) fn allows(self, at_rule: &str) -> Answer {
        let Some(queries) = at_rule.strip_prefix("@media") else { return Answer::Perhaps };
        queries.split(',').map(|query| self.query(query)).max().unwrap_or(Answer::Perhaps)
    }

    fn query(self, query: &str) -> Answer {
        let query = query.to_ascii_lowercase();
        let pieces = query.split(" and ").flat_map(|piece| piece.split(" and("));
        pieces.map(|piece| self.piece(piece.trim())).min().unwrap_or(Answer::Perhaps)
    }

    fn piece(self, piece: &str) -> Answer {
        let yes = |is: bool| if is { Answer::Yes } else { Answer::No };
        let inner = piece.trim_start_matches("only ").trim().trim_matches(['(', ')']).trim();
        let Some((name, value)) = inner.split_once(':') else {
            return match inner {
                "screen" | "all" | "" => Answer::Yes,
                "print" | "speech" => Answer::No,
                _ => Answer::Perhaps,
            };
        };
        let value = value.trim();
        let pixels = value.strip_suffix("px").and_then(|number| number.trim().parse::<f32>().ok());
        #[expect(clippy::cast_precision_loss, reason = "screens are small")]
        let width = self.width as f32;
        match (name.trim(), pixels) {
            ("min-width", Some(pixels)) => yes(width >= pixels),
            ("max-width", Some(pixels)) => yes(width <= pixels),
            ("prefers-color-scheme", _) => yes((value == "dark") == self.is_dark),
            _ => Answer::Perhaps,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer::*, *};

    /// Elements as `div.card a[href]`.
    fn elements(path: &str) -> Vec<Element> {
        let element = |word: &str| {
            let part = part(word);
            Element {
                name: part.name.unwrap_or_default(),
                id: part.ids.concat(),
                classes: part.classes,
                attributes: part.attributes,
            }
        };
        path.split(' ').map(element).collect()
    }

    #[track_caller]
    fn check(selector: &str, path: &str, expected: Answer) {
        let parsed = Selector::parse(selector).expect("a selector");
        assert_eq!(parsed.concerns(&elements(path)), expected, "{selector} on {path}");
    }

    #[test]
    fn a_selector_concerns_the_last_element() {
        for (selector, path, expected) in [
            ("a", "html body a", Yes),
            ("a", "html a b", No),
            (".card > table", "div.card table", Yes),
            (".card > table", "div.card div table", No),
            (".card table", "div.card div table", Yes),
            (".a .b > .c", "p.b p.c p.a p.x p.b p.c", Yes),
            (".a .b > .c", "p.a p.b p.x p.c", No),
            ("div.a#x", "div.a#x", Yes),
            ("div.a#y", "div.a#x", No),
            ("[data-ogsc] .p", "html div.p", No),
            ("[data-ogsc] .p", "html[data-ogsc] div.p", Yes),
            ("a:hover", "a", No),
            ("a:link", "a[href]", Yes),
            ("a:link", "a", No),
            (":root", "html", Yes),
            ("p:last-child", "p", Perhaps),
            ("p + p", "p", Perhaps),
            ("p + p", "b", No),
            ("*", "b", Yes),
            ("a[href='x y']", "a[href]", Perhaps),
            ("p:not(.x)", "p", Perhaps),
        ] {
            check(selector, path, expected);
        }
        assert_eq!(Selector::parse("  "), None);
    }

    #[test]
    fn the_weight_is_that_of_css() {
        let weight = |text: &str| Selector::parse(text).expect("a selector").weight;
        assert_eq!(weight("a"), (0, 0, 1));
        assert_eq!(weight("#x .y > a:link"), (1, 2, 1));
        assert_eq!(weight("td.a.b"), (0, 2, 1));
    }

    #[test]
    fn media_are_asked_for_a_screen() {
        let phone = Screen { width: 375, is_dark: false };
        let night = Screen { width: 700, is_dark: true };
        for (query, on_phone, at_night) in [
            ("@media only screen and (min-width: 1px)", Yes, Yes),
            ("@media (max-width:480px)", Yes, No),
            ("@media screen and (min-width:480px) and (max-width: 900px)", No, Yes),
            ("@media (prefers-color-scheme: dark)", No, Yes),
            ("@media print, (prefers-color-scheme: light)", Yes, No),
            ("@media (hover: hover)", Perhaps, Perhaps),
            ("@media not screen", Perhaps, Perhaps),
            ("@supports (display: grid)", Perhaps, Perhaps),
        ] {
            assert_eq!((phone.allows(query), night.allows(query)), (on_phone, at_night), "{query}");
        }
    }
}
