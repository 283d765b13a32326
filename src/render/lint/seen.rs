//! What of a mail's HTML is seen, and in which colors: its style sheets and
//! inline styles applied to its text, on several screens at once.
//!
//! Where a color, a background or a size depends on what is not followed here,
//! it is unknown, and the checks say nothing about it.

use std::{ops::Range, rc::Rc};

use super::{
    super::markup::{self, Token},
    color::{Rgb, Value},
    selector::{Answer, Element},
    sheet::{Declared, Property, Rules, SCREEN_COUNT, SCREENS},
};

/// Elements of one mail that are followed.
const ELEMENTS_MAX: usize = 5_000;
/// Elements in elements that are followed.
const DEPTH_MAX: usize = 200;

/// What a program paints where nothing is said.
const TEXT: Rgb = Rgb([0; 3]);
const LINK: Rgb = Rgb([0, 0, 0xee]);
const PAPER: Rgb = Rgb([255; 3]);
const PIXELS: f32 = 16.0;

/// A color, as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Paint {
    Unknown,
    Solid {
        rgb: Rgb,
        /// As the author wrote it; empty where nobody did.
        said: Rc<str>,
    },
}

/// How text looks on one screen.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Look {
    pub(super) color: Paint,
    pub(super) background: Paint,
    /// In pixels.
    pub(super) size: Option<f32>,
    pub(super) is_bold: bool,
    /// Whether it is not shown at all.
    pub(super) is_hidden: Answer,
}

/// A stretch of text, or an image, with the looks it has.
#[derive(Debug)]
pub(super) struct Run {
    /// The text, or what is said instead of the image; bytes of the HTML.
    pub(super) text: Range<usize>,
    /// The classes around it, innermost first.
    pub(super) classes: Vec<String>,
    /// Where the link around it leads; bytes of the HTML.
    pub(super) link: Option<Range<usize>>,
    /// One for each screen.
    pub(super) looks: [Look; SCREEN_COUNT],
}

/// What is seen of a mail.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) runs: Vec<Run>,
    /// Whether the mail says how it looks in the dark.
    pub(super) has_dark: bool,
}

/// What is seen of `html`; `None` where it is too large to follow.
pub(super) fn read(html: &str) -> Option<Seen> {
    let tokens = markup::scan(html).0;
    let rules = Rules::of(html, &tokens)?;
    let mut reader = Reader { html, rules, runs: Vec::new(), open: Vec::new(), path: Vec::new() };
    let mut count = 0;
    for token in tokens {
        match token {
            Token::Comment(_) => {}
            Token::Text(span) => reader.text(span),
            Token::Open { name, attributes, closes_itself, .. } => {
                count += 1;
                if count > ELEMENTS_MAX || reader.open.len() == DEPTH_MAX {
                    return None;
                }
                reader.open(&name, &attributes);
                if closes_itself {
                    reader.open.pop();
                    reader.path.pop();
                }
            }
            Token::Close { name, .. } => {
                if let Some(at) = reader.path.iter().rposition(|element| element.name == name) {
                    reader.path.truncate(at);
                    reader.open.truncate(at);
                }
            }
        }
    }
    Some(Seen { runs: reader.runs, has_dark: reader.rules.has_dark })
}

/// What is open: how its text looks, and where it leads.
struct Opened {
    looks: [Look; SCREEN_COUNT],
    link: Option<Range<usize>>,
}

struct Reader<'a> {
    html: &'a str,
    rules: Rules,
    runs: Vec<Run>,
    open: Vec<Opened>,
    path: Vec<Element>,
}

impl Reader<'_> {
    fn open(&mut self, name: &str, attributes: &[(Range<usize>, Range<usize>)]) {
        let find = |wanted: &str| {
            let found = attributes.iter().find(|(name, _)| self.html[name.clone()] == *wanted);
            found.map(|(_, value)| value.clone())
        };
        let text = |wanted: &str| find(wanted).map_or("", |span| &self.html[span]);
        self.path.push(Element {
            name: name.to_owned(),
            id: text("id").to_owned(),
            classes: text("class").split_whitespace().map(str::to_owned).collect(),
            attributes: attributes
                .iter()
                .map(|(name, _)| self.html[name.clone()].to_ascii_lowercase())
                .collect(),
        });
        let declared = self.rules.declared(&self.path, |name| text(name));
        let link = if name == "a" { find("href") } else { None };
        let is_never_shown = matches!(name, "template" | "noscript") || find("hidden").is_some();
        let looks = std::array::from_fn(|screen| {
            let around = self.open.last().map(|opened| &opened.looks[screen]);
            let around = around.cloned().unwrap_or_else(|| paper(screen));
            let own = defaults(name, link.as_ref(), screen, around.clone());
            let mut look = declared.apply(screen, own, &around);
            if is_never_shown {
                look.is_hidden = Answer::Yes;
            }
            look
        });
        let link = link.or_else(|| self.open.last().and_then(|opened| opened.link.clone()));
        self.open.push(Opened { looks, link });
        if name == "img" {
            let alt = find("alt").unwrap_or(0..0);
            self.note(alt);
        }
    }

    fn text(&mut self, span: Range<usize>) {
        let is_read = !self.html[span.clone()].trim().is_empty();
        let is_about_the_mail = |element: &Element| {
            matches!(element.name.as_str(), "head" | "style" | "script" | "title")
        };
        if is_read && !self.path.iter().any(is_about_the_mail) {
            self.note(span);
        }
    }

    fn note(&mut self, text: Range<usize>) {
        let Some(opened) = self.open.last() else { return };
        let classes = self.path.iter().rev().flat_map(|element| element.classes.iter().cloned());
        self.runs.push(Run {
            text,
            classes: classes.take(3).collect(),
            link: opened.link.clone(),
            looks: opened.looks.clone(),
        });
    }
}

/// The sheet that a mail is written on; in the dark nobody knows its color.
fn paper(screen: usize) -> Look {
    Look {
        color: default_paint(TEXT, screen),
        background: default_paint(PAPER, screen),
        size: Some(PIXELS),
        is_bold: false,
        is_hidden: Answer::No,
    }
}

fn default_paint(rgb: Rgb, screen: usize) -> Paint {
    if SCREENS[screen].is_dark {
        return Paint::Unknown;
    }
    Paint::Solid { rgb, said: "".into() }
}

/// What programs do to an element by its name.
fn defaults(name: &str, link: Option<&Range<usize>>, screen: usize, around: Look) -> Look {
    let mut look = around;
    let factor = match name {
        "h1" => 2.0,
        "h2" => 1.5,
        "h3" => 1.17,
        "h5" | "small" => 0.83,
        "h6" => 0.67,
        _ => 1.0,
    };
    look.size = look.size.map(|size| size * factor);
    look.is_bold |= matches!(name, "b" | "strong" | "th" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
    if link.is_some() {
        look.color = default_paint(LINK, screen);
    }
    look
}

impl Declared {
    /// How an element looks for which this is declared, whose `look` is else
    /// that of its kind, in what is around it.
    fn apply(&self, screen: usize, mut look: Look, around: &Look) -> Look {
        match self.value(Property::Background, screen) {
            Ok(Some(value)) => look.background = background(value, &around.background),
            Ok(None) => {}
            Err(()) => look.background = Paint::Unknown,
        }
        if !matches!(self.value(Property::Image, screen), Ok(None | Some("none"))) {
            look.background = Paint::Unknown;
        }
        match self.value(Property::Color, screen) {
            Ok(Some(value)) => look.color = color(value, &around.color, &look.background),
            Ok(None) => {}
            Err(()) => look.color = Paint::Unknown,
        }
        match self.value(Property::Size, screen) {
            Ok(Some(value)) => look.size = size(value, around.size),
            Ok(None) => {}
            Err(()) => look.size = None,
        }
        match self.value(Property::Weight, screen) {
            Ok(Some("inherit")) => look.is_bold = around.is_bold,
            Ok(None) => {}
            Ok(Some(value)) => look.is_bold = is_bold(value),
            // The stricter of the two.
            Err(()) => look.is_bold = false,
        }
        let hides = [
            (Property::Display, &["none"][..]),
            (Property::Visibility, &["hidden", "collapse"]),
            (Property::Opacity, &["0", "0%", "0.0"]),
            (Property::MaxHeight, &["0", "0px"]),
        ];
        for (property, values) in hides {
            match self.value(property, screen) {
                Ok(Some(value)) if values.contains(&value) => look.is_hidden = Answer::Yes,
                Ok(Some(value)) if property == Property::Opacity && is_faint(value) => {
                    look.is_hidden = Answer::Yes;
                }
                Ok(Some(value)) if property == Property::Opacity && value != "1" => {
                    look.color = Paint::Unknown;
                }
                Ok(Some(value)) if property == Property::MaxHeight && is_nothing(value) => {
                    look.is_hidden = Answer::Yes;
                }
                Ok(_) => {}
                Err(()) => look.is_hidden = look.is_hidden.max(Answer::Perhaps),
            }
        }
        look
    }
}

/// Of an opacity: nobody sees it.
fn is_faint(value: &str) -> bool {
    const SEEN_OPACITY_MIN: f32 = 0.06;
    let number = value.strip_suffix('%').map_or_else(
        || value.parse(),
        |percent| percent.trim().parse().map(|percent: f32| percent / 100.0),
    );
    number.is_ok_and(|opacity: f32| opacity < SEEN_OPACITY_MIN)
}

/// Of a height: no line has room in it.
fn is_nothing(value: &str) -> bool {
    let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    let is_zero = number.parse().is_ok_and(|height: f32| height <= 0.0);
    is_zero || value.ends_with("px") && number.parse().is_ok_and(|height: f32| height <= 2.0)
}

fn is_bold(value: &str) -> bool {
    matches!(value, "bold" | "bolder") || value.parse().is_ok_and(|weight: f32| weight >= 700.0)
}

fn size(value: &str, around: Option<f32>) -> Option<f32> {
    if value == "inherit" {
        return around;
    }
    let number = |unit: &str| value.strip_suffix(unit)?.trim().parse::<f32>().ok();
    if value == "0" {
        return Some(0.0);
    }
    number("px")
        .or_else(|| number("pt").map(|points| points * 4.0 / 3.0))
        .or_else(|| number("rem").map(|ems| ems * PIXELS))
        .or_else(|| Some(number("em")? * around?))
        .or_else(|| Some(number("%")? / 100.0 * around?))
}

fn color(value: &str, around: &Paint, background: &Paint) -> Paint {
    let said = || value.into();
    match (Value::parse(value), background) {
        (Some(Value::Solid(rgb)), _) => Paint::Solid { rgb, said: said() },
        (Some(Value::Tinted(rgb, alpha)), Paint::Solid { rgb: below, .. }) => {
            Paint::Solid { rgb: rgb.over(alpha, *below), said: said() }
        }
        (Some(Value::Clear), Paint::Solid { rgb, .. }) => Paint::Solid { rgb: *rgb, said: said() },
        (None, _) if matches!(value, "inherit" | "currentcolor") => around.clone(),
        (Some(_) | None, _) => Paint::Unknown,
    }
}

fn background(value: &str, around: &Paint) -> Paint {
    let said = || value.into();
    let pieces = || value.split_whitespace().filter_map(Value::parse);
    let is_picture = value.contains("url(") || value.contains("gradient") || value.contains("var(");
    let found = Value::parse(value).or_else(|| pieces().next().filter(|_| !is_picture));
    match (found, around) {
        (Some(Value::Solid(rgb)), _) => Paint::Solid { rgb, said: said() },
        (Some(Value::Tinted(rgb, alpha)), Paint::Solid { rgb: below, .. }) => {
            Paint::Solid { rgb: rgb.over(alpha, *below), said: said() }
        }
        (Some(Value::Clear), _) => around.clone(),
        (None, _) if matches!(value, "none" | "initial" | "unset") => around.clone(),
        (Some(Value::Tinted(..)), Paint::Unknown) | (None, _) => Paint::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(look: &Look) -> String {
        let paint = |paint: &Paint| match paint {
            Paint::Solid { rgb, .. } => rgb.to_string(),
            Paint::Unknown => "?".to_owned(),
        };
        let size = look.size.map_or("?".to_owned(), |size| size.to_string());
        let bold = if look.is_bold { " bold" } else { "" };
        let hidden = match look.is_hidden {
            Answer::No => "",
            Answer::Perhaps => " perhaps hidden",
            Answer::Yes => " hidden",
        };
        let (color, background) = (paint(&look.color), paint(&look.background));
        format!("{color} on {background} {size}{bold}{hidden}")
    }

    /// How the text `x` looks on each screen.
    fn looks(html: &str) -> [String; SCREEN_COUNT] {
        let seen = read(html).expect("small");
        let run = seen.runs.iter().find(|run| html[run.text.clone()].trim() == "x");
        run.expect("the text is seen").looks.each_ref().map(words)
    }

    #[track_caller]
    fn check(html: &str, expected: &str) {
        assert_eq!(looks(html)[0], expected, "{html}");
    }

    #[test]
    fn text_looks_as_what_is_around_it_says() {
        check("<p>x</p>", "#000000 on #ffffff 16");
        check("<a href='y'>x</a>", "#0000ee on #ffffff 16");
        check(
            "<td bgcolor='#111'><b style='color: #EEE; font-size: 2em'>x</b></td>",
            "#eeeeee on #111111 32 bold",
        );
        check(
            "<div style='background:#222 no-repeat;color:rgba(255,255,255,.5)'>x</div>",
            "#919191 on #222222 16",
        );
        check(
            "<div style='font-size:0'><p style='font-size:17px'>x</p></div>",
            "#000000 on #ffffff 17",
        );
        check("<h1 style='font:inherit'>x</h1>", "#000000 on #ffffff 16");
        check("<h1>x</h1>", "#000000 on #ffffff 32 bold");
        check("<p style='display:none'><i>x</i></p>", "#000000 on #ffffff 16 hidden");
        check("<p hidden>x</p>", "#000000 on #ffffff 16 hidden");
        check("<template>x</template>", "#000000 on #ffffff 16 hidden");
        check("<p style='opacity:.01'>x</p>", "#000000 on #ffffff 16 hidden");
        check("<p style='max-height:0em'>x</p>", "#000000 on #ffffff 16 hidden");
    }

    #[test]
    fn the_strongest_rule_wins() {
        let styled =
            |css: &str| format!("<style>{css}</style><div class='a'><p class='b'>x</p></div>");
        for (css, expected) in [
            ("p { color: red } .b { color: blue }", "#0000ff"),
            (".b { color: blue } p { color: red }", "#0000ff"),
            (".a p { color: red } .b { color: blue }", "#ff0000"),
            ("p { color: red !important } .a .b { color: blue }", "#ff0000"),
            (".a { color: red }", "#ff0000"),
            (".c p, p:hover { color: red }", "#000000"),
        ] {
            check(&styled(css), &format!("{expected} on #ffffff 16"));
        }
        let inline = "<style>p{color:red}</style><p style='color:blue'>x</p>";
        check(inline, "#0000ff on #ffffff 16");
        check(&inline.replace("red", "red!important"), "#ff0000 on #ffffff 16");
    }

    #[test]
    fn what_cannot_be_known_is_unknown() {
        check("<p style='color:var(--x)'>x</p>", "? on #ffffff 16");
        check("<p style='background:url(y) #fff'>x</p>", "#000000 on ? 16");
        check("<p style='background-image:linear-gradient(red,blue)'>x</p>", "#000000 on ? 16");
        check("<style>p:last-child { color: red }</style><p>x</p>", "? on #ffffff 16");
        check(
            "<style>p + p { display: none }</style><p>x</p>",
            "#000000 on #ffffff 16 perhaps hidden",
        );
        check(
            "<style>@supports (x: y) { p { background: red } }</style><p>x</p>",
            "#000000 on ? 16",
        );
        check("<p style='font-size:larger;opacity:.5'>x</p>", "? on #ffffff ?");
        // The solid ground above it counts again.
        check(
            "<div style='background:url(y)'><p style='background:#fff'>x</p></div>",
            "#000000 on #ffffff 16",
        );
    }

    #[test]
    fn phones_and_the_dark_have_rules_of_their_own() {
        let html = "<style>p { color: #111 } @media (max-width: 480px) { p { font-size: 20px } }
            @media (prefers-color-scheme: dark) { body { background: #222 } p { color: #ddd } }
            </style><body><p>x</p></body>";
        assert_eq!(
            looks(html),
            [
                "#111111 on #ffffff 16",
                "#111111 on #ffffff 20",
                "#dddddd on #222222 16",
                "#dddddd on #222222 20",
            ]
        );
        assert!(read(html).expect("small").has_dark);
    }

    #[test]
    fn what_is_too_large_is_not_followed() {
        let rules = "p { color: red }".repeat(600);
        assert!(read(&format!("<style>{rules}</style><p>x</p>")).is_none());
        assert!(read(&"<p>x</p>".repeat(6_000)).is_none());
        assert!(read(&"<div>".repeat(300)).is_none());
    }
}
