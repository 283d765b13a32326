//! Words that a law looks at (REQ-149): promises about health and money. They
//! are named, and never rewritten: the author knows what can be proven.

/// A kind of claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// That something heals (EU 1924/2006 and 2001/83, FTC Health Products
    /// Compliance Guidance).
    Health,
    /// That somebody earns or loses nothing (FTC Act 5, UWG, CAP Code 14).
    Money,
    /// What cannot be proven of anything: the best, the only, guaranteed.
    Superlative,
}

impl Claim {
    /// What the author is told.
    pub fn words(self) -> &'static str {
        match self {
            Claim::Health => {
                "a claim about health: have proof for it, and know the law where it is read"
            }
            Claim::Money => "a claim about money: have proof for it, and name the risk",
            Claim::Superlative => "a claim that somebody has to be able to prove",
        }
    }
}

/// Stems in lower case, as words begin; with a space, whole phrases.
const STEMS: &[(Claim, &[&str])] = &[
    (
        Claim::Health,
        &[
            "cure",
            "cures",
            "cured",
            "heals",
            "healing",
            "promotes healing",
            "pain-free",
            "pain relief",
            "relieves",
            "get rid of back pain",
            "treats ",
            "treatment for",
            "clinically proven",
            "detox",
            "boosts your immune",
            "prevents disease",
            "lose weight",
            "lose up to",
            "burns fat",
            "anti-aging",
            "chronic pain",
            "reduces inflammation",
            "medically proven",
            "side effects",
            "miracle",
            "therapy",
            "heilt",
            "heilung",
            "schmerzfrei",
            "lindert",
            "klinisch",
            "wirkt gegen",
            "entgiftet",
            "abnehmen",
            "immunsystem",
            "guérit",
            "guérison",
            "soulage",
            "sans douleur",
            "perdre du poids",
            "cliniquement",
            "détox",
            "cura ",
            "curar",
            "alivia",
            "sin dolor",
            "adelgaza",
            "clínicamente",
            "previene",
        ],
    ),
    (
        Claim::Money,
        &[
            "earn money",
            "passive income",
            "get rich",
            "risk-free",
            "risk free",
            "guaranteed return",
            "double your",
            "financial freedom",
            "make money",
            "no risk",
            "returns of",
            "interest-free",
            "geld verdienen",
            "risikofrei",
            "ohne risiko",
            "rendite",
            "garantierte",
            "gagner de l'argent",
            "gagner de l’argent",
            "sans risque",
            "rendement",
            "revenu passif",
            "ganar dinero",
            "sin riesgo",
            "rentabilidad",
            "ingresos pasivos",
        ],
    ),
    (
        Claim::Superlative,
        &[
            "best-proven",
            "the only ",
            "guaranteed",
            "100% ",
            "100 % ",
            "number one",
            "scientifically proven",
            "proven to",
            "risk-free trial",
            "garantiert",
            "wissenschaftlich bewiesen",
            "die einzige",
            "das einzige",
            "scientifiquement prouvé",
            "garanti",
            "le seul ",
            "la seule ",
            "científicamente probado",
            "garantizado",
            "el único",
            "la única",
        ],
    ),
];

/// The claims in `text`, each kind once, with the words.
pub(super) fn claims(text: &str) -> Vec<(Claim, String)> {
    let lower = text.to_lowercase();
    let mut found = Vec::new();
    for (claim, stems) in STEMS {
        let hit = stems.iter().filter_map(|stem| place(&lower, stem).map(|at| (at, *stem))).min();
        if let Some((at, stem)) = hit {
            let end = lower[at + stem.len()..]
                .find(|c: char| !c.is_alphanumeric())
                .map_or(lower.len(), |end| at + stem.len() + end);
            found.push((*claim, lower[at..end].trim().to_owned()));
        }
    }
    found
}

/// Where a word begins with `stem`.
fn place(text: &str, stem: &str) -> Option<usize> {
    let found =
        text.match_indices(stem).find(|(at, _)| !text[..*at].ends_with(char::is_alphanumeric));
    found.map(|(at, _)| at)
}

/// Words that lean on a place elsewhere in the article, where an email has
/// none.
const ELSEWHERE: &[&str] = &[
    "as mentioned above",
    "mentioned above",
    "see above",
    "as i said above",
    "as we said above",
    "said above",
    "listed above",
    "shown above",
    "of the above",
    "the above ",
    "in the last section",
    "in the last chapter",
    "in the next chapter",
    "the plan below",
    "the list below",
    "the steps below",
    "the chart below",
    "shown below",
    "listed below",
    "read on",
    "as described above",
    "see below",
    "described below",
    "in this article",
    "in this post",
    "in the previous section",
    "in the next section",
    "earlier in this",
    "later in this article",
    "as we saw",
    "the table below",
    "the image above",
    "the figure above",
    "wie oben",
    "siehe oben",
    "siehe unten",
    "in diesem artikel",
    "weiter unten",
    "ci-dessus",
    "ci-dessous",
    "dans cet article",
    "como se mencionó",
    "más arriba",
    "más abajo",
    "en este artículo",
    "neste artigo",
    "in questo articolo",
    "в этой статье",
    "как сказано выше",
    "本文",
    "この記事",
    "في هذا المقال",
];

/// The words of `text` that point to another place of the article.
pub(super) fn elsewhere(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    ELSEWHERE.iter().find(|words| lower.contains(**words)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_named() {
        let kinds = |text: &str| claims(text);
        assert_eq!(kinds("It relieves pain."), [(Claim::Health, "relieves".to_owned())]);
        assert_eq!(kinds("Passive income, guaranteed!").len(), 2);
        assert_eq!(kinds("A secure procurement of chairs."), []);
        assert_eq!(elsewhere("As mentioned above, …"), Some("as mentioned above"));
    }
}
