//! Subject and preheader: the two lines by which people decide. How long they
//! may be was asked before.

use crate::{
    diagnostic::Diagnostics,
    render::{
        Passage, Words,
        mustache::{self, Kind},
    },
};

/// A preheader that is shorter is followed by the first words of the mail.
const PREHEADER_MIN: usize = 40;

/// Words in capitals that shout: shorter ones are names, like NASA.
const CAPITALS_MIN: usize = 5;
/// Signs of emphasis in a row, and pictures in a line, beyond which it shouts.
const SIGNS_MAX: usize = 2;
const EMOJI_MAX: usize = 2;

/// What a mail program writes before the subject of an answer.
const ANSWERS: [&str; 9] = ["re", "fw", "fwd", "aw", "wg", "tr", "sv", "vs", "antw"];

pub(super) fn check(words: &Words, found: &mut Diagnostics) {
    check_subject(&words.subject, found);
    check_preheader(words, found);
}

fn check_subject(subject: &Passage, found: &mut Diagnostics) {
    let text = without_expressions(&subject.text);
    let place = || subject.place(0..subject.text.len());
    if let Some((prefix, _)) = text.split_once(':')
        && ANSWERS.contains(&prefix.trim().to_lowercase().as_str())
    {
        found.false_answer(place(), prefix.trim());
    }
    let capitals = text.split(|c: char| !c.is_alphabetic()).filter(|word| {
        word.chars().count() >= CAPITALS_MIN && word.chars().all(char::is_uppercase)
    });
    let signs = text.split(|c| !matches!(c, '!' | '?' | '¡' | '¿' | '$' | '€'));
    let signs = signs.map(|row| row.chars().count()).max().unwrap_or(0);
    let emoji = text.chars().filter(|c| is_emoji(*c)).count();
    if let Some(word) = capitals.into_iter().next() {
        found.shouting_subject(place(), &format!("`{word}` shouts"), "write it in small letters");
    } else if signs > SIGNS_MAX || text.contains("!!") || text.contains("??") {
        found.shouting_subject(place(), "so many signs shout", "leave one, or none");
    } else if emoji > EMOJI_MAX {
        let what = format!("{emoji} pictures in a subject look like advertising");
        found.shouting_subject(place(), &what, "leave one, or none");
    }
}

fn check_preheader(words: &Words, found: &mut Diagnostics) {
    let text = words.preheader.text.trim();
    // A Chinese sign is as wide as two letters, and says as much.
    let count: usize = text.chars().map(|c| 1 + usize::from(u32::from(c) >= 0x2e80)).sum();
    let place = || words.preheader.place(0..words.preheader.text.len());
    if text.is_empty() {
        // It is missing where the subject is.
        let subject = words.subject.place(0..words.subject.text.len());
        let what = "there is no preheader: phones show the first words of the mail".to_owned();
        found.weak_preheader(subject, what, "add a line `Preheader: …` of 40 to 130 characters");
    } else if text.to_lowercase() == words.subject.text.trim().to_lowercase() {
        let what = "the preheader says what the subject says".to_owned();
        found.weak_preheader(place(), what, "say what comes besides");
    } else if count < PREHEADER_MIN && !text.contains("{{") {
        let what = format!(
            "the preheader has {count} characters; phones fill the rest of the line with the first words of the mail"
        );
        found.weak_preheader(place(), what, "say more, up to 40 characters at least");
    }
}

/// `text` with nothing where values come.
fn without_expressions(text: &str) -> String {
    let mut plain = String::new();
    let mut from = 0;
    for mustache in mustache::scan(text).0 {
        plain.push_str(&text[from..mustache.span.start]);
        if mustache.kind == Kind::Value {
            plain.push('x');
        }
        from = mustache.span.end;
    }
    plain.push_str(&text[from..]);
    plain
}

fn is_emoji(c: char) -> bool {
    matches!(u32::from(c), 0x2600..=0x27bf | 0x1f300..=0x1faff | 0x2b50 | 0x2b55)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(subject: &str, preheader: &str) -> Words {
        let file = "a.md".into();
        let passage = |text: &str| Passage { text: text.into(), ..Passage::empty(&file) };
        Words {
            subject: passage(subject),
            preheader: passage(preheader),
            body: passage(""),
            lines_before_body: 0,
        }
    }

    const GOOD: &str = "Small knots, loud pain: where it comes from.";

    #[track_caller]
    fn check(subject: &str, preheader: &str, expected: &[&str]) {
        let mut found = Diagnostics::default();
        super::check(&words(subject, preheader), &mut found);
        let codes: Vec<&str> = found.codes().into_iter().collect();
        assert_eq!(codes, expected, "{subject} / {preheader}");
    }

    #[test]
    fn a_subject_speaks_in_its_own_voice() {
        for subject in [
            "Why there is a knot in your lower back",
            "What NASA and UNO say!",
            "Really?!",
            "{{first_name}}, your part 2: Re-reading",
            "Two 🎉 are fine 🎉",
            "Über $100 in 3 Tagen",
        ] {
            check(subject, GOOD, &[]);
        }
        check("BUY IT TODAY", GOOD, &["W122"]);
        check("Last chance!!!", GOOD, &["W122"]);
        check("Make $$$ now", GOOD, &["W122"]);
        check("🎉🎉🎉 Party", GOOD, &["W122"]);
        check("RE: your order", GOOD, &["W123"]);
        check("Aw: deine Frage", GOOD, &["W123"]);
    }

    #[test]
    fn a_preheader_says_more() {
        check("Knots", "", &["W124"]);
        check("Knots", "Short.", &["W124"]);
        check(
            "Why there is a knot in your lower back now",
            "why there is a knot in your lower back now",
            &["W124"],
        );
        check("Knots", "{{city}} and more", &[]);
    }
}
