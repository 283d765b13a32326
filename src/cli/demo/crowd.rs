//! Many people, made of a few samples: a kill should find somebody's mail in
//! the air.

use crate::model::{EmailAddress, Person, Sample};

/// How many people see the sender killed.
pub(super) const CROWD: usize = 60;

/// No domain gets more confirmations in an hour than one domain may.
const DOMAINS: [&str; 3] = ["example.org", "example.com", "example.net"];

/// [`CROWD`] people who live and behave like `samples`; at least those.
pub(super) fn crowd(samples: &[Sample]) -> Vec<Sample> {
    let mut crowd = samples.to_vec();
    let copies = samples.iter().cycle().zip(samples.len()..CROWD);
    crowd.extend(copies.filter_map(|(sample, index)| like(sample, index, samples.len())));
    crowd
}

/// Somebody like `sample`: the person at `index`, of whom `len` are no copies.
fn like(sample: &Sample, index: usize, len: usize) -> Option<Sample> {
    let round = index / len;
    let local = sample.person.email.local();
    let domain = DOMAINS[round % DOMAINS.len()];
    Some(Sample {
        name: format!("{} {}", sample.name, round + 1),
        person: Person {
            email: EmailAddress::parse(&format!("{local}-{}@{domain}", round + 1)).ok()?,
            ..sample.person.clone()
        },
        ..sample.clone()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_crowd_has_everybody_once_and_no_domain_too_often() {
        let sample = |name: &str| Sample {
            name: name.to_owned(),
            person: Person {
                email: EmailAddress::parse(&format!("{name}@example.org")).expect("an address"),
                zone: Some("Asia/Tokyo".to_owned()),
                fields: BTreeMap::new(),
            },
            tags: Vec::new(),
            events: BTreeMap::new(),
            leaves_after: None,
        };
        let crowd = crowd(&[sample("ada"), sample("grace"), sample("omar"), sample("mia")]);
        assert_eq!(crowd.len(), CROWD);
        let of = |index: usize| (crowd[index].name.as_str(), crowd[index].person.email.as_str());
        assert_eq!(of(0), ("ada", "ada@example.org"));
        assert_eq!(of(5), ("grace 2", "grace-2@example.com"));
        let mut addresses: Vec<&str> = crowd.iter().map(|one| one.person.email.as_str()).collect();
        addresses.sort_unstable();
        addresses.dedup();
        assert_eq!(addresses.len(), CROWD);
        for domain in DOMAINS {
            assert!(addresses.iter().filter(|address| address.ends_with(domain)).count() < 50);
        }
    }
}
