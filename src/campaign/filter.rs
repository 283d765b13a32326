//! Reads conditions: `tag:owns-tool and not (event:bought or field.plan = "pro")`.
//!
//! `not` binds tightest, then `and`, then `or`. What the words mean is in
//! `model::Filter`.

use std::{ops::Range, sync::Arc};

use super::{
    Project,
    outline::{Kind, Outlines},
    table::Text,
};
use crate::{
    diagnostic::{Diagnostics, Place},
    model::{Atom, CampaignId, Click, Filter, Name, Site},
};

/// Parentheses and `not`s in each other beyond this are refused: the parser
/// is recursive.
const DEPTH_MAX: usize = 50;

/// Questions in one condition; the tree of them is walked recursively.
const ATOMS_MAX: usize = 100;

/// Names that conditions may use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names<'a> {
    pub(super) site: &'a Site,
    pub(super) campaigns: &'a Outlines,
    /// The campaign whose file is read.
    pub(super) here: Option<&'a CampaignId>,
}

/// Parses a condition that somebody typed, for `project`: its findings point
/// into a text called `file`.
///
/// Returns no filter when one of them is an error.
pub fn read(file: &str, text: &str, project: &Project) -> (Option<Filter>, Diagnostics) {
    let file: Arc<str> = file.into();
    let mut diagnostics = Diagnostics::default();
    diagnostics.add_source(&file, &text.into());
    let campaigns = project.outlines();
    let names = Names { site: &project.site, campaigns: &campaigns, here: None };
    let place = Place::new(&file, 0..text.len());
    let filter = look_up(text, &place, &names, &mut diagnostics);
    (filter.filter(|_| !diagnostics.has_errors()), diagnostics)
}

type Atoms = Vec<(Range<usize>, Atom)>;

fn parse_with_atoms(text: &str) -> Result<(Filter, Atoms), (Range<usize>, String)> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, end: text.len(), atoms: Vec::new() };
    let filter = parser.either(0)?;
    match parser.tokens.get(parser.at) {
        None => Ok((filter, parser.atoms)),
        Some((span, token)) => Err((span.clone(), format!("`{token}` is one too many here"))),
    }
}

/// Parses the value of a manifest's key and looks its names up.
pub(super) fn lower(
    text: &Text,
    names: &Names<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Filter> {
    let inside = text.inside();
    look_up(&text.value, &inside, names, diagnostics)
}

fn look_up(
    text: &str,
    whole: &Place,
    names: &Names<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Filter> {
    match parse_with_atoms(text) {
        Ok((filter, atoms)) => {
            for (span, atom) in atoms {
                names.check(&atom, &whole.within(span), diagnostics);
            }
            Some(filter)
        }
        Err((span, what)) => {
            diagnostics.bad_filter(whole.within(span), &what);
            None
        }
    }
}

impl Names<'_> {
    /// Reports what `atom` names and nobody declared.
    fn check(&self, atom: &Atom, place: &Place, diagnostics: &mut Diagnostics) {
        let mut declared = |kind: &str, name: &Name, known: &mut dyn Iterator<Item = &Name>| {
            let known: Vec<&str> = known.map(Name::as_str).collect();
            if !known.contains(&name.as_str()) {
                diagnostics.unknown_name(place.clone(), kind, name.as_str(), &known);
            }
        };
        match atom {
            Atom::Tag(name) => declared("tag", name, &mut self.site.tags.iter()),
            Atom::List(name) => declared("list", name, &mut self.site.lists.keys()),
            Atom::Event(name) => declared("event", name, &mut self.site.events.iter()),
            Atom::Field(name, _) => declared("field", name, &mut self.site.fields.keys()),
            Atom::Enrolled(name) | Atom::Finished(name) => {
                if self.is_newsletter(name) {
                    let what = format!("`{name}` is a newsletter: nobody is enrolled in it");
                    diagnostics.bad_filter(place.clone(), &what);
                } else {
                    declared("campaign", name, &mut self.drips());
                }
            }
            Atom::Clicked(click) => {
                let campaign = click.campaign.as_ref().or(self.here);
                match campaign.and_then(|campaign| self.campaigns.get(campaign)) {
                    Some(outline) => declared("step", &click.step, &mut outline.steps.iter()),
                    None => {
                        if let Some(campaign) = campaign {
                            declared("campaign", campaign, &mut self.drips());
                        }
                    }
                }
                declared("link", &click.link, &mut self.site.links.keys());
                diagnostics.no_tracking(place.clone());
            }
        }
    }

    fn is_newsletter(&self, name: &Name) -> bool {
        self.campaigns.get(name).is_some_and(|outline| outline.kind == Kind::Newsletter)
    }

    fn drips(&self) -> impl Iterator<Item = &Name> {
        self.campaigns.keys().filter(|name| !self.is_newsletter(name))
    }
}

type Tokens = Vec<(Range<usize>, String)>;

fn tokens(text: &str) -> Result<Tokens, (Range<usize>, String)> {
    let mut tokens = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((start, c)) = rest.next() {
        if c.is_whitespace() {
            continue;
        }
        if matches!(c, '(' | ')' | '=') {
            tokens.push((start..start + 1, c.to_string()));
            continue;
        }
        if c == '"' {
            let mut value = String::from('"');
            loop {
                match rest.next() {
                    Some((at, '"')) => {
                        tokens.push((start..at + 1, value));
                        break;
                    }
                    Some((_, '\\')) => value.extend(rest.next().map(|(_, c)| c)),
                    Some((_, c)) => value.push(c),
                    None => {
                        return Err((start..text.len(), "this quote is never closed".to_owned()));
                    }
                }
            }
            continue;
        }
        let mut end = start + c.len_utf8();
        while let Some((at, c)) = rest.next_if(|(_, c)| !c.is_whitespace() && !"()=\"".contains(*c))
        {
            end = at + c.len_utf8();
        }
        tokens.push((start..end, text[start..end].to_owned()));
    }
    Ok(tokens)
}

struct Parser {
    tokens: Tokens,
    at: usize,
    end: usize,
    atoms: Atoms,
}

impl Parser {
    fn next_is(&mut self, word: &str) -> bool {
        let is_next = self.tokens.get(self.at).is_some_and(|(_, token)| token == word);
        self.at += usize::from(is_next);
        is_next
    }

    fn either(&mut self, depth: usize) -> Result<Filter, (Range<usize>, String)> {
        let mut filter = self.both(depth)?;
        while self.next_is("or") {
            filter = Filter::Or(Box::new(filter), Box::new(self.both(depth)?));
        }
        Ok(filter)
    }

    fn both(&mut self, depth: usize) -> Result<Filter, (Range<usize>, String)> {
        let mut filter = self.single(depth)?;
        while self.next_is("and") {
            filter = Filter::And(Box::new(filter), Box::new(self.single(depth)?));
        }
        Ok(filter)
    }

    fn single(&mut self, depth: usize) -> Result<Filter, (Range<usize>, String)> {
        let Some((span, token)) = self.tokens.get(self.at).cloned() else {
            return Err((self.end..self.end, "a condition is missing at the end".to_owned()));
        };
        if depth > DEPTH_MAX {
            return Err((span, "this condition is nested too deeply".to_owned()));
        }
        self.at += 1;
        match token.as_str() {
            "not" => Ok(Filter::Not(Box::new(self.single(depth + 1)?))),
            "(" => {
                let inner = self.either(depth + 1)?;
                if self.next_is(")") {
                    return Ok(inner);
                }
                Err((span, "this parenthesis is never closed".to_owned()))
            }
            _ => {
                if self.atoms.len() == ATOMS_MAX {
                    return Err((span, "this condition asks more than 100 questions".to_owned()));
                }
                let atom = self.atom(&span, &token)?;
                self.atoms.push((span, atom.clone()));
                Ok(Filter::Is(atom))
            }
        }
    }

    fn atom(&mut self, span: &Range<usize>, token: &str) -> Result<Atom, (Range<usize>, String)> {
        let wrong = |what: String| Err((span.clone(), what));
        if let Some(field) = token.strip_prefix("field.") {
            let Some(name) = Name::parse(field) else {
                return wrong(format!("`{field}` is not a name"));
            };
            if !self.next_is("=") {
                return wrong(format!("`{token}` wants `= \"value\"` after it"));
            }
            let value = self.tokens.get(self.at).and_then(|(_, token)| token.strip_prefix('"'));
            let Some(value) = value.map(str::to_owned) else {
                return wrong(format!("`{token} =` wants a value in double quotes"));
            };
            self.at += 1;
            return Ok(Atom::Field(name, value));
        }
        let Some((kind, text)) = token.split_once(':') else {
            return wrong(format!("`{token}` is not a condition"));
        };
        if kind == "clicked" {
            let names: Option<Vec<Name>> = text.split('/').map(Name::parse).collect();
            let (campaign, step, link) = match names.as_deref() {
                Some([step, link]) => (None, step, link),
                Some([campaign, step, link]) => (Some(campaign.clone()), step, link),
                Some(_) | None => {
                    return wrong(format!("`{token}` is not `clicked:STEP/LINK`"));
                }
            };
            return Ok(Atom::Clicked(Click { campaign, step: step.clone(), link: link.clone() }));
        }
        let Some(name) = Name::parse(text) else {
            return wrong(format!("`{text}` is not a name"));
        };
        match kind {
            "tag" => Ok(Atom::Tag(name)),
            "list" => Ok(Atom::List(name)),
            "event" => Ok(Atom::Event(name)),
            "enrolled" => Ok(Atom::Enrolled(name)),
            "finished" => Ok(Atom::Finished(name)),
            "opened" => {
                wrong("there is no `opened:`: mail programs open mail by machine".to_owned())
            }
            _ => wrong(format!("`{kind}:` is not a kind of condition")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Filter, (Range<usize>, String)> {
        parse_with_atoms(text).map(|(filter, _)| filter)
    }

    fn any_filter() -> impl Strategy<Value = Filter> {
        let name = "[a-z][a-z0-9-]{0,6}".prop_map(|text| Name::parse(&text).expect("a name"));
        let atom = (0..8, name, any::<String>()).prop_map(|(kind, name, value)| match kind {
            0 => Atom::Tag(name),
            1 => Atom::List(name),
            2 => Atom::Event(name),
            3 => Atom::Enrolled(name),
            4 => Atom::Finished(name),
            5 => Atom::Clicked(Click { campaign: None, step: name.clone(), link: name }),
            6 => Atom::Clicked(Click {
                campaign: Some(name.clone()),
                step: name.clone(),
                link: name,
            }),
            _ => Atom::Field(name, value),
        });
        atom.prop_map(Filter::Is).prop_recursive(5, 40, 2, |inner| {
            prop_oneof![
                inner.clone().prop_map(|a| Filter::Not(Box::new(a))),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| Filter::And(a.into(), b.into())),
                (inner.clone(), inner).prop_map(|(a, b)| Filter::Or(a.into(), b.into())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(filter in any_filter()) {
            prop_assert_eq!(parse(&filter.to_string()), Ok(filter));
        }

        #[test]
        fn nothing_makes_the_parser_panic(text in "\\PC{0,80}") {
            let _ = parse(&text);
        }
    }

    #[test]
    fn and_binds_tighter_than_or() {
        let filter = parse("tag:a or tag:b and not tag:c").expect("a filter");
        assert_eq!(filter.to_string(), "tag:a or tag:b and not tag:c");
        assert!(matches!(filter, Filter::Or(..)));
    }

    #[test]
    fn a_list_that_everybody_is_on_is_known() {
        let list = |text: &str| {
            let filter = parse(text).expect("a filter");
            filter.list().map(Name::to_string)
        };
        assert_eq!(list("list:a and not list:b").as_deref(), Some("a"));
        assert_eq!(list("tag:x and (list:a or list:a and tag:y)").as_deref(), Some("a"));
        assert_eq!(list("list:a or list:b"), None);
        assert_eq!(list("list:a or tag:x"), None);
        assert_eq!(list("not list:a"), None);
    }

    #[test]
    fn a_mistake_is_named_with_its_place() {
        let check = |text: &str, place: Range<usize>, words: &str| {
            assert_eq!(parse(text), Err((place, words.to_owned())), "{text}");
        };
        check("tag:a and", 9..9, "a condition is missing at the end");
        check("tagged:a", 0..8, "`tagged:` is not a kind of condition");
        check("(tag:a", 0..1, "this parenthesis is never closed");
        check("tag:a tag:b", 6..11, "`tag:b` is one too many here");
        check("clicked:a", 0..9, "`clicked:a` is not `clicked:STEP/LINK`");
        check("clicked:a/b/c/d", 0..15, "`clicked:a/b/c/d` is not `clicked:STEP/LINK`");
        check("field.plan", 0..10, "`field.plan` wants `= \"value\"` after it");
        let deep = "not ".repeat(10_000) + "tag:a";
        assert!(parse(&deep).is_err());
    }
}
