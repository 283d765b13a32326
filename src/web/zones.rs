//! The zones that the sign-up form offers: a city for every time that many
//! people keep. With JavaScript the browser adds its own when it is not here.

use serde_json::{Value, json};

/// Areas, and cities of each in order of their last names.
const ZONES: [(&str, &str); 8] = [
    (
        "Africa",
        "Abidjan Accra Addis_Ababa Algiers Cairo Casablanca Dakar Johannesburg Khartoum \
         Kinshasa Lagos Luanda Maputo Nairobi Tripoli Tunis Windhoek",
    ),
    (
        "America",
        "Anchorage Asuncion Bogota Argentina/Buenos_Aires Caracas Chicago Costa_Rica Denver \
         Edmonton Guatemala Halifax Havana Jamaica La_Paz Lima Los_Angeles Manaus Mexico_City \
         Montevideo New_York Nuuk Panama Phoenix Puerto_Rico Regina Santiago Santo_Domingo \
         Sao_Paulo St_Johns Tijuana Toronto Vancouver Winnipeg",
    ),
    (
        "Asia",
        "Almaty Amman Baghdad Baku Bangkok Beirut Colombo Damascus Dhaka Dubai Ho_Chi_Minh \
         Hong_Kong Irkutsk Jakarta Jerusalem Kabul Kamchatka Karachi Kathmandu Kolkata \
         Krasnoyarsk Kuala_Lumpur Makassar Manila Novosibirsk Omsk Riyadh Seoul Shanghai \
         Singapore Taipei Tashkent Tbilisi Tehran Tokyo Ulaanbaatar Vladivostok Yakutsk \
         Yangon Yekaterinburg Yerevan",
    ),
    ("Atlantic", "Azores Canary Cape_Verde Reykjavik"),
    ("Australia", "Adelaide Brisbane Darwin Hobart Lord_Howe Melbourne Perth Sydney"),
    (
        "Europe",
        "Amsterdam Athens Belgrade Berlin Brussels Bucharest Budapest Chisinau Copenhagen \
         Dublin Helsinki Istanbul Kaliningrad Kyiv Lisbon London Luxembourg Madrid Malta \
         Minsk Moscow Oslo Paris Prague Riga Rome Samara Sofia Stockholm Tallinn Vienna \
         Vilnius Warsaw Zurich",
    ),
    ("Indian", "Maldives Mauritius Reunion"),
    (
        "Pacific",
        "Apia Auckland Chatham Fiji Guam Honolulu Kiritimati Port_Moresby Tahiti Tongatapu",
    ),
];

/// The zones by area, `chosen` marked; one that is not among them is added.
pub(super) fn choices(chosen: &str) -> Value {
    let mut is_found = chosen.is_empty();
    let mut areas = Vec::new();
    for (area, cities) in ZONES {
        let zones = cities.split_whitespace().map(|city| {
            let name = format!("{area}/{city}");
            let is_chosen = name == chosen;
            is_found |= is_chosen;
            json!({"name": name, "label": label(city), "chosen": is_chosen})
        });
        let zones: Vec<Value> = zones.collect();
        areas.push(json!({"area": area, "zones": zones}));
    }
    if !is_found && crate::time::TimeZone::get(chosen).is_ok() {
        let zone = json!({"name": chosen, "label": label(chosen), "chosen": true});
        areas.insert(0, json!({"area": "…", "zones": [zone]}));
    }
    Value::Array(areas)
}

fn label(name: &str) -> String {
    name.rsplit('/').next().unwrap_or(name).replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_is_one() {
        for (area, cities) in ZONES {
            for city in cities.split_whitespace() {
                let name = format!("{area}/{city}");
                assert!(crate::time::TimeZone::get(&name).is_ok(), "{name}");
            }
            assert!(cities.split_whitespace().is_sorted_by_key(label), "{area}");
        }
    }

    #[test]
    fn a_choice_is_kept_also_when_it_is_not_offered() {
        let chosen = |name: &str| choices(name).to_string().matches("\"chosen\":true").count();
        assert_eq!(chosen("Europe/Berlin"), 1);
        assert_eq!(chosen("America/Indiana/Knox"), 1);
        assert_eq!((chosen(""), chosen("Mars/Olympus")), (0, 0));
    }
}
