//! Colors as CSS writes them, and how well one can be read on another (WCAG 2).

use std::fmt;

/// A color without transparency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rgb(pub(super) [u8; 3]);

/// What a value says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    Solid(Rgb),
    /// Some of what is below shines through: 0 is all of it.
    Tinted(Rgb, f32),
    Clear,
}

/// The names that people write; CSS has a hundred more.
const NAMES: [(&str, u32); 30] = [
    ("black", 0x00_0000),
    ("silver", 0xc0_c0c0),
    ("gray", 0x80_8080),
    ("grey", 0x80_8080),
    ("white", 0xff_ffff),
    ("maroon", 0x80_0000),
    ("red", 0xff_0000),
    ("purple", 0x80_0080),
    ("fuchsia", 0xff_00ff),
    ("green", 0x00_8000),
    ("lime", 0x00_ff00),
    ("olive", 0x80_8000),
    ("yellow", 0xff_ff00),
    ("navy", 0x00_0080),
    ("blue", 0x00_00ff),
    ("teal", 0x00_8080),
    ("aqua", 0x00_ffff),
    ("orange", 0xff_a500),
    ("darkgray", 0xa9_a9a9),
    ("darkgrey", 0xa9_a9a9),
    ("dimgray", 0x69_6969),
    ("dimgrey", 0x69_6969),
    ("lightgray", 0xd3_d3d3),
    ("lightgrey", 0xd3_d3d3),
    ("whitesmoke", 0xf5_f5f5),
    ("gainsboro", 0xdc_dcdc),
    ("pink", 0xff_c0cb),
    ("gold", 0xff_d700),
    ("tomato", 0xff_6347),
    ("brown", 0xa5_2a2a),
];

impl Value {
    /// Reads one color.
    ///
    /// Returns `None` when it is none that we know.
    pub(super) fn parse(text: &str) -> Option<Value> {
        let text = text.trim().to_ascii_lowercase();
        if text == "transparent" {
            return Some(Value::Clear);
        }
        if let Some(digits) = text.strip_prefix('#') {
            return hex(digits);
        }
        if let Some((name, rest)) = text.split_once('(') {
            let is_rgb = matches!(name, "rgb" | "rgba");
            return is_rgb.then(|| numbers(rest.strip_suffix(')')?)).flatten();
        }
        NAMES
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(_, color)| Value::Solid(Rgb::from(*color)))
    }
}

impl From<u32> for Rgb {
    fn from(color: u32) -> Rgb {
        let [_, red, green, blue] = color.to_be_bytes();
        Rgb([red, green, blue])
    }
}

fn hex(digits: &str) -> Option<Value> {
    let nibbles: Vec<u8> = digits
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = match nibbles.len() {
        3 | 4 => nibbles.iter().map(|nibble| nibble * 17).collect(),
        6 | 8 => nibbles.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect(),
        _ => return None,
    };
    let rgb = Rgb([bytes[0], bytes[1], bytes[2]]);
    Some(bytes.get(3).map_or(Value::Solid(rgb), |alpha| tinted(rgb, f32::from(*alpha) / 255.0)))
}

/// `12, 34, 56`, `12 34 56 / 50%`.
fn numbers(text: &str) -> Option<Value> {
    let words = text.split([',', ' ', '/']).filter(|word| !word.is_empty());
    let numbers: Vec<f32> = words
        .enumerate()
        .map(|(index, word)| {
            let whole = if index == 3 { 1.0 } else { 255.0 };
            match word.strip_suffix('%') {
                Some(percent) => percent.parse::<f32>().ok().map(|part| part / 100.0 * whole),
                None => word.parse().ok(),
            }
        })
        .collect::<Option<_>>()?;
    let [red, green, blue, ..] = *numbers.as_slice() else { return None };
    let rgb = Rgb([red, green, blue].map(byte));
    Some(numbers.get(3).map_or(Value::Solid(rgb), |alpha| tinted(rgb, *alpha)))
}

fn tinted(rgb: Rgb, alpha: f32) -> Value {
    match alpha {
        alpha if alpha >= 1.0 => Value::Solid(rgb),
        alpha if alpha <= 0.0 => Value::Clear,
        alpha => Value::Tinted(rgb, alpha),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is 0 to 255")]
fn byte(number: f32) -> u8 {
    number.round().clamp(0.0, 255.0) as u8
}

impl Rgb {
    /// This color, `alpha` of it, over `below`.
    pub(super) fn over(self, alpha: f32, below: Rgb) -> Rgb {
        let mix = |index: usize| {
            byte(f32::from(self.0[index]) * alpha + f32::from(below.0[index]) * (1.0 - alpha))
        };
        Rgb([mix(0), mix(1), mix(2)])
    }

    /// How much light it gives, from 0 to 1.
    fn luminance(self) -> f32 {
        let linear = |channel: u8| {
            let part = f32::from(channel) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// The contrast to `other`: from 1, the same, to 21, black on white.
    pub(super) fn contrast(self, other: Rgb) -> f32 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The color nearest to this one, towards black or white, that has the
    /// contrast `wanted` to `other`.
    pub(super) fn readable_on(self, other: Rgb, wanted: f32) -> Rgb {
        let black = Rgb([0; 3]);
        let white = Rgb([255; 3]);
        let end = if other.contrast(black) > other.contrast(white) { black } else { white };
        let steps = (0..=100_u8).map(|step| end.over(f32::from(step) / 100.0, self));
        steps.into_iter().find(|color| color.contrast(other) >= wanted).unwrap_or(end)
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(formatter, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<Value>) {
        assert_eq!(Value::parse(text), expected, "{text}");
    }

    #[test]
    fn colors_are_read_in_every_form() {
        let teal = Rgb([0x0b, 0x66, 0x58]);
        check("#0b6658", Some(Value::Solid(teal)));
        check(" #0B6658 ", Some(Value::Solid(teal)));
        check("rgb(11, 102, 88)", Some(Value::Solid(teal)));
        check("rgb(11 102 88)", Some(Value::Solid(teal)));
        check("#abc", Some(Value::Solid(Rgb([0xaa, 0xbb, 0xcc]))));
        check("White", Some(Value::Solid(Rgb([255; 3]))));
        check("rgba(0,0,0,.5)", Some(Value::Tinted(Rgb([0; 3]), 0.5)));
        check("rgb(0 0 0 / 50%)", Some(Value::Tinted(Rgb([0; 3]), 0.5)));
        check("#0000", Some(Value::Clear));
        check("transparent", Some(Value::Clear));
        for other in
            ["", "#ab", "#ggg", "inherit", "var(--x)", "rgb(1,2)", "hsl(1,2%,3%)", "url(x)"]
        {
            check(other, None);
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        let ratio = |a: u32, b: u32| Rgb::from(a).contrast(Rgb::from(b));
        for (a, b, expected) in [
            (0x00_0000, 0xff_ffff, 21.0),
            (0xff_ffff, 0xff_ffff, 1.0),
            (0x77_7777, 0xff_ffff, 4.48),
            (0x76_7676, 0xff_ffff, 4.54),
        ] {
            assert!((ratio(a, b) - expected).abs() < 0.01, "{a:x} {b:x} {}", ratio(a, b));
            assert!((ratio(b, a) - expected).abs() < 0.01);
        }
    }

    #[test]
    fn what_is_proposed_can_be_read() {
        for color in [0xaa_aaaa, 0x6f_cfbb, 0xff_0000, 0x10_1010] {
            for other in [0xff_ffff, 0x00_0000, 0x80_8080, 0x19_211f] {
                let (color, other) = (Rgb::from(color), Rgb::from(other));
                assert!(color.readable_on(other, 4.5).contrast(other) >= 4.5, "{color} {other}");
            }
        }
        assert_eq!(Rgb([0; 3]).readable_on(Rgb([255; 3]), 4.5), Rgb([0; 3]));
    }
}
