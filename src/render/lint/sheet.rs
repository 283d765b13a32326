//! What is declared for an element: by the rules of a mail's style sheets, by
//! its own style, by its attributes; the strongest wins, as in CSS.

use std::ops::Range;

use super::{
    super::markup::Token,
    css,
    selector::{Answer, Element, Screen, Selector},
};

/// Rules of one mail that are followed.
const RULES_MAX: usize = 500;

/// The screens on which a mail is looked at.
pub(super) const SCREENS: [Screen; SCREEN_COUNT] = [
    Screen { width: 700, is_dark: false },
    Screen { width: 375, is_dark: false },
    Screen { width: 700, is_dark: true },
    Screen { width: 375, is_dark: true },
];
pub(super) const SCREEN_COUNT: usize = 4;

/// What decides how text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Property {
    Color,
    Background,
    Image,
    Size,
    Weight,
    Display,
    Visibility,
    Opacity,
    MaxHeight,
}

impl Property {
    fn parse(name: &str) -> Option<Property> {
        Some(match name {
            "color" => Property::Color,
            "background" | "background-color" => Property::Background,
            "background-image" => Property::Image,
            "font-size" => Property::Size,
            "font-weight" => Property::Weight,
            "display" => Property::Display,
            "visibility" => Property::Visibility,
            "opacity" => Property::Opacity,
            "max-height" => Property::MaxHeight,
            _ => return None,
        })
    }
}

/// One declaration that counts.
#[derive(Clone, Debug)]
struct Declaration {
    property: Property,
    /// Lower case; `None` when it is more than we follow.
    value: Option<String>,
    is_important: bool,
}

/// How strong a declaration is: important, inline, weight, place in the order.
type Strength = (bool, bool, (usize, usize, usize), usize);

struct Rule {
    selector: Selector,
    /// On which screens.
    holds: [Answer; SCREEN_COUNT],
    declarations: Vec<Declaration>,
}

/// The rules of a mail that decide how its text looks.
pub(super) struct Rules {
    all: Vec<Rule>,
    /// The mail says how it looks in the dark.
    pub(super) has_dark: bool,
}

impl Rules {
    /// The rules in the `<style>` elements of `html`.
    ///
    /// Returns `None` when there are more than we follow.
    pub(super) fn of(html: &str, tokens: &[Token]) -> Option<Rules> {
        let mut rules = Rules { all: Vec::new(), has_dark: false };
        for pair in tokens.windows(2) {
            let [Token::Open { name, attributes, .. }, Token::Text(span)] = pair else { continue };
            if name != "style" {
                continue;
            }
            let media = attributes.iter().find(|(name, _)| &html[name.clone()] == "media");
            let media = media.map(|(_, value)| format!("@media {}", &html[value.clone()]));
            rules.read(&html[span.clone()], media.as_deref());
        }
        Some(rules).filter(|rules| rules.all.len() <= RULES_MAX)
    }

    fn read(&mut self, css: &str, media: Option<&str>) {
        let css = css::without_comments(css);
        for rule in css::rules(&css) {
            let declarations: Vec<Declaration> = declarations(&css, &rule.declarations);
            if declarations.is_empty() || css[rule.selectors.clone()].starts_with('@') {
                continue;
            }
            let around = rule.around.iter().map(|span| &css[span.clone()]).chain(media);
            let holds = SCREENS.map(|screen| {
                around.clone().map(|at_rule| screen.allows(at_rule)).min().unwrap_or(Answer::Yes)
            });
            self.has_dark |= holds[..2] != holds[2..];
            for selector in css[rule.selectors.clone()].split(',').filter_map(Selector::parse) {
                if self.all.len() > RULES_MAX {
                    return;
                }
                self.all.push(Rule { selector, holds, declarations: declarations.clone() });
            }
        }
    }

    /// What is declared for the last element of `path`; `attribute` finds its
    /// attributes.
    pub(super) fn declared<'a>(
        &'a self,
        path: &[Element],
        attribute: impl Fn(&'static str) -> &'a str,
    ) -> Declared {
        let mut declared = Declared { candidates: Vec::new() };
        for (name, property) in [
            ("bgcolor", Property::Background),
            ("background", Property::Image),
            ("color", Property::Color),
        ] {
            let value = attribute(name);
            if !value.is_empty() {
                let strength = (false, false, (0, 0, 0), 0);
                declared.candidates.push(Candidate {
                    property,
                    value: Some(value.to_ascii_lowercase()),
                    strength,
                    holds: [Answer::Yes; SCREEN_COUNT],
                });
            }
        }
        for (order, rule) in self.all.iter().enumerate() {
            let concerns = rule.selector.concerns(path);
            if concerns == Answer::No {
                continue;
            }
            let holds = rule.holds.map(|holds| holds.min(concerns));
            for declaration in &rule.declarations {
                let strength = (declaration.is_important, false, rule.selector.weight, order + 1);
                declared.add(declaration, strength, holds);
            }
        }
        let style = css::without_comments(attribute("style"));
        for declaration in declarations(&style, &css::declarations(&style, 0..style.len())) {
            let strength = (declaration.is_important, true, (0, 0, 0), 0);
            declared.add(&declaration, strength, [Answer::Yes; SCREEN_COUNT]);
        }
        declared
    }
}

/// The declarations of `found` that count here.
fn declarations(css: &str, found: &[(Range<usize>, Range<usize>)]) -> Vec<Declaration> {
    let mut declarations = Vec::new();
    for (name, value) in found {
        let value = css[value.clone()].to_ascii_lowercase();
        let bare = value.strip_suffix("important").map(str::trim_end);
        let bare = bare.and_then(|value| value.strip_suffix('!')).map(str::trim_end);
        let (is_important, value) = (bare.is_some(), bare.unwrap_or(&value).to_owned());
        let name = css[name.clone()].to_ascii_lowercase();
        if name == "font" {
            // Size and weight at once: only "like around it" is followed.
            let value = Some(value).filter(|value| value == "inherit");
            for property in [Property::Size, Property::Weight] {
                declarations.push(Declaration { property, value: value.clone(), is_important });
            }
        } else if let Some(property) = Property::parse(&name) {
            declarations.push(Declaration { property, value: Some(value), is_important });
        }
    }
    declarations
}

struct Candidate {
    property: Property,
    value: Option<String>,
    strength: Strength,
    holds: [Answer; SCREEN_COUNT],
}

/// What is declared for one element.
pub(super) struct Declared {
    candidates: Vec<Candidate>,
}

impl Declared {
    fn add(
        &mut self,
        declaration: &Declaration,
        strength: Strength,
        holds: [Answer; SCREEN_COUNT],
    ) {
        self.candidates.push(Candidate {
            property: declaration.property,
            value: declaration.value.clone(),
            strength,
            holds,
        });
    }

    /// The value of `property` on `screen`, if one is declared; an error where
    /// that is not known.
    pub(super) fn value(&self, property: Property, screen: usize) -> Result<Option<&str>, ()> {
        let candidates = self.candidates.iter().filter(|candidate| {
            candidate.property == property && candidate.holds[screen] != Answer::No
        });
        // Of several that are as strong, the last one.
        let Some(strongest) = candidates.max_by_key(|candidate| candidate.strength) else {
            return Ok(None);
        };
        match (&strongest.value, strongest.holds[screen]) {
            (Some(value), Answer::Yes) => Ok(Some(value)),
            (Some(_) | None, Answer::Yes | Answer::Perhaps | Answer::No) => Err(()),
        }
    }
}
