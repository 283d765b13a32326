//! Atoms and boundaries → emails: as many as the article has themes, merged
//! and split towards an even reading time.

use std::ops::Range;

use super::{
    atoms::{self, Atom},
    boundaries::{self, Begin, Boundary},
};
use crate::article::Article;

/// Emails of a series at most: people leave longer ones.
pub(super) const EMAILS_MAX: usize = 10;
/// An email with fewer words, on average, is not worth opening.
const WORDS_MEAN_MIN: usize = 100;
/// A lead with as many words is an email of its own.
const LEAD_MAX: usize = 180;
/// A theme with fewer words, or a third of the others', joins a neighbour.
const THEME_MIN: usize = 60;
const THEME_MIN_EVER: usize = 25;
/// A longer email is split: three minutes of reading.
const EMAIL_MAX: usize = 700;
/// Both halves of a split have as many words at least.
const HALF_MIN: usize = 100;
/// An article without a heading is split into emails of about so many words.
const PLAIN_WORDS: usize = 210;
/// A shorter one is one email.
const PLAIN_MIN: usize = 300;

/// The blocks of each email, in order.
pub(super) fn cut(article: &Article, into: Option<usize>) -> Vec<Range<usize>> {
    let atoms = atoms::atoms(article);
    if atoms.is_empty() {
        return Vec::new();
    }
    let boundaries = boundaries::boundaries(article, &atoms);
    let mut cutter = Cutter { atoms: &atoms, boundaries: &boundaries, starts: Vec::new() };
    cutter.themes();
    match into {
        Some(wanted) => cutter.reach(wanted.max(1)),
        None => cutter.settle(),
    }
    let ends = cutter.starts.iter().skip(1).copied().chain([atoms.len()]);
    let ranges = cutter.starts.iter().zip(ends);
    ranges.map(|(start, end)| atoms[*start].blocks.start..atoms[end - 1].blocks.end).collect()
}

struct Cutter<'a> {
    atoms: &'a [Atom],
    boundaries: &'a [Boundary],
    /// The first atom of each email.
    starts: Vec<usize>,
}

impl Cutter<'_> {
    fn end(&self, email: usize) -> usize {
        self.starts.get(email + 1).copied().unwrap_or(self.atoms.len())
    }

    fn words(&self, email: usize) -> usize {
        self.between(self.starts[email], self.end(email))
    }

    fn between(&self, from: usize, to: usize) -> usize {
        self.atoms[from..to].iter().map(|atom| atom.words).sum()
    }

    fn total(&self) -> usize {
        self.between(0, self.atoms.len())
    }

    /// An email for every theme; a short lead joins the first.
    fn themes(&mut self) {
        self.starts = vec![0];
        let begins = (1..self.atoms.len()).filter(|at| self.boundaries[*at].begin != Begin::No);
        self.starts.extend(begins);
        let has_lead = self.starts.len() > 1 && self.atoms[0].level.is_none();
        if has_lead && self.words(0) < LEAD_MAX {
            self.starts.remove(1);
        }
    }

    /// As many as are worth it.
    fn settle(&mut self) {
        let mean = self.total() / self.starts.len();
        let least = THEME_MIN_EVER.max(THEME_MIN.min(mean / 3));
        while let Some(email) = (0..self.starts.len()).find(|email| {
            let is_marked =
                self.boundaries[self.starts[*email]].begin == Begin::Marked || *email == 0;
            self.words(*email) < if is_marked { least } else { THEME_MIN_EVER }
        }) {
            if !self.merge_with_lighter_neighbour(email) {
                break;
            }
        }
        let most = (self.total() / WORDS_MEAN_MIN).clamp(1, EMAILS_MAX);
        while self.starts.len() > most {
            self.merge_lightest();
        }
        while let Some(email) = (0..self.starts.len()).find(|email| self.words(*email) > EMAIL_MAX)
        {
            if self.starts.len() >= EMAILS_MAX || !self.split(email, HALF_MIN) {
                break;
            }
        }
        // One long theme without headings is several mails all the same.
        let total = self.total();
        if self.starts.len() == 1 && total >= PLAIN_MIN {
            self.reach((total / PLAIN_WORDS).clamp(2, EMAILS_MAX));
        }
        self.even_out();
    }

    /// Exactly `wanted` emails, or as many as there are pieces.
    fn reach(&mut self, wanted: usize) {
        while self.starts.len() > wanted {
            self.merge_lightest();
        }
        while self.starts.len() < wanted {
            let mut emails: Vec<usize> = (0..self.starts.len()).collect();
            emails.sort_by_key(|email| std::cmp::Reverse(self.words(*email)));
            let least = self.total() / (4 * wanted);
            if !emails.iter().any(|email| self.split(*email, least))
                && !emails.iter().any(|email| self.split(*email, 1))
            {
                return;
            }
        }
    }

    /// An email that is far longer than its fellows is split where a heading
    /// stands, if the number allows it.
    fn even_out(&mut self) {
        while self.starts.len() < EMAILS_MAX {
            let mean = self.total() / self.starts.len();
            let longest =
                (0..self.starts.len()).max_by_key(|email| self.words(*email)).unwrap_or(0);
            let is_uneven = self.starts.len() > 1 && self.words(longest) > 3 * mean.max(HALF_MIN);
            if !is_uneven || !self.split(longest, HALF_MIN) {
                return;
            }
        }
    }

    fn merge_with_lighter_neighbour(&mut self, email: usize) -> bool {
        let count = self.starts.len();
        if count < 2 {
            return false;
        }
        let before = email.checked_sub(1).map(|before| self.words(before));
        let after = (email + 1 < count).then(|| self.words(email + 1));
        let joins_before = match (before, after) {
            (Some(before), Some(after)) => before <= after,
            (Some(_), None) => true,
            (None, _) => false,
        };
        self.starts.remove(if joins_before { email } else { email + 1 });
        true
    }

    /// Joins the two neighbours that have the fewest words together.
    fn merge_lightest(&mut self) {
        let lightest = (1..self.starts.len())
            .min_by_key(|email| (self.words(email - 1) + self.words(*email), *email));
        if let Some(email) = lightest {
            self.starts.remove(email);
        }
    }

    /// Splits an email at the best place; returns whether there is one.
    fn split(&mut self, email: usize, half_min: usize) -> bool {
        let (from, to) = (self.starts[email], self.end(email));
        let score = |at: usize| {
            let (left, right) = (self.between(from, at), self.between(at, to));
            let balance = ratio(left.min(right), left.max(right));
            (left >= half_min && right >= half_min)
                .then(|| self.boundaries[at].strength + 4.0 * balance)
        };
        let scored = (from + 1..to).filter_map(|at| Some((at, score(at)?)));
        // The first of equals: the same input is cut at the same place.
        let best = scored.fold(None, |best: Option<(usize, f64)>, one| match best {
            Some(best) if best.1 >= one.1 => Some(best),
            _ => Some(one),
        });
        let Some((at, _)) = best else { return false };
        self.starts.insert(email + 1, at);
        true
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    let float = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    float(part) / float(whole.max(1))
}
