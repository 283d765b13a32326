//! How much two neighbouring stretches of an article speak of the same
//! (`TextTiling`, Hearst 1997, block comparison).

use std::collections::BTreeMap;

use crate::article::words;

/// Atoms compared on each side of a gap.
const WINDOW: usize = 3;
/// Letters of a word that count: endings do not.
const STEM: usize = 6;
/// Shorter words say how, not what.
const WORD_MIN: usize = 4;

/// For each gap between `texts`, how much deeper it is than its surroundings,
/// in standard deviations above the mean; the first gap is before the second
/// text. Nothing for fewer than four.
pub(super) fn depths(texts: &[String]) -> Vec<f64> {
    if texts.len() < 4 {
        return vec![0.0; texts.len().saturating_sub(1)];
    }
    let bags: Vec<BTreeMap<String, f64>> = texts.iter().map(|text| bag(text)).collect();
    let scores: Vec<f64> = (1..texts.len())
        .map(|gap| {
            let left = sum(&bags[gap.saturating_sub(WINDOW)..gap]);
            let right = sum(&bags[gap..(gap + WINDOW).min(bags.len())]);
            cosine(&left, &right)
        })
        .collect();
    let depths: Vec<f64> = (0..scores.len())
        .map(|at| {
            let peak = |scores: &mut dyn Iterator<Item = &f64>| {
                let mut highest = f64::MIN;
                for score in scores {
                    if *score < highest {
                        break;
                    }
                    highest = *score;
                }
                highest
            };
            let left = peak(&mut scores[..=at].iter().rev());
            let right = peak(&mut scores[at..].iter());
            (left - scores[at]) + (right - scores[at])
        })
        .collect();
    let count = f64::from(u32::try_from(depths.len()).unwrap_or(u32::MAX));
    let mean = depths.iter().sum::<f64>() / count;
    let deviation = (depths.iter().map(|depth| (depth - mean).powi(2)).sum::<f64>() / count).sqrt();
    if deviation < f64::EPSILON {
        return vec![0.0; depths.len()];
    }
    depths.iter().map(|depth| (depth - mean) / deviation).collect()
}

fn bag(text: &str) -> BTreeMap<String, f64> {
    let mut bag = BTreeMap::new();
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        if word.chars().any(words::is_dense) {
            // Two signs are about a word.
            let signs: Vec<char> = word.chars().collect();
            for pair in signs.windows(2) {
                *bag.entry(pair.iter().collect()).or_insert(0.0) += 1.0;
            }
        } else if word.chars().count() >= WORD_MIN {
            let stem: String = word.to_lowercase().chars().take(STEM).collect();
            *bag.entry(stem).or_insert(0.0) += 1.0;
        }
    }
    bag
}

fn sum(bags: &[BTreeMap<String, f64>]) -> BTreeMap<&str, f64> {
    let mut sum = BTreeMap::new();
    for (word, count) in bags.iter().flatten() {
        *sum.entry(word.as_str()).or_insert(0.0) += count;
    }
    sum
}

fn cosine(left: &BTreeMap<&str, f64>, right: &BTreeMap<&str, f64>) -> f64 {
    let dot: f64 =
        left.iter().filter_map(|(word, count)| right.get(word).map(|other| count * other)).sum();
    let length =
        |bag: &BTreeMap<&str, f64>| bag.values().map(|count| count * count).sum::<f64>().sqrt();
    let lengths = length(left) * length(right);
    if lengths > 0.0 { dot / lengths } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_subject_is_the_deepest_gap() {
        let about = |what: &str| {
            format!("The {what} stands there and the {what} shines; every {what} does.")
        };
        let texts: Vec<String> =
            ["garden", "garden", "garden", "engine", "engine", "engine"].map(about).to_vec();
        let depths = depths(&texts);
        let deepest = (0..depths.len()).max_by(|a, b| depths[*a].total_cmp(&depths[*b]));
        assert_eq!(deepest, Some(2));
    }
}
