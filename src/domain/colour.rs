//! A colour of the organisation's, and what can be read on it (WCAG 2.2, 1.4.3).

use std::fmt;
use std::str::FromStr;

/// Red, green and blue, as in CSS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour([u8; 3]);

/// Not six hexadecimal digits behind a `#`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a colour such as \"#0a5257\"")]
pub struct InvalidColour;

impl Colour {
    /// White.
    pub const WHITE: Self = Self([255; 3]);
    /// Black.
    pub const BLACK: Self = Self([0; 3]);

    /// From its parts.
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self([red, green, blue])
    }

    /// How well one is told from the other: from 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// So many hundredths of the way to another.
    #[must_use]
    pub fn towards(self, other: Self, hundredths: u8) -> Self {
        let share = u32::from(hundredths.min(100));
        let mixed = |from: u8, to: u8| {
            let sum = u32::from(from) * (100 - share) + u32::from(to) * share;
            u8::try_from(sum / 100).unwrap_or(u8::MAX)
        };
        let ([r, g, b], [to_r, to_g, to_b]) = (self.0, other.0);
        Self([mixed(r, to_r), mixed(g, to_g), mixed(b, to_b)])
    }

    /// As little of the way to another as lets it be read on a ground.
    #[must_use]
    pub fn readable_on(self, ground: Self, least: f64, towards: Self) -> Self {
        let steps = (0..=100).map(|share| self.towards(towards, share));
        let mut steps = steps.filter(|step| step.contrast(ground) >= least);
        steps.next().unwrap_or(towards)
    }

    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126f64.mul_add(red, 0.7152f64.mul_add(green, 0.0722 * blue))
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl FromStr for Colour {
    type Err = InvalidColour;

    fn from_str(text: &str) -> Result<Self, InvalidColour> {
        let digits = text.strip_prefix('#').ok_or(InvalidColour)?;
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes());
        let parts = bytes.ok().and_then(|bytes| bytes.try_into().ok());
        parts.map(Self).ok_or(InvalidColour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_read_on_what_is_as_the_guidelines_say() {
        assert!((Colour::WHITE.contrast(Colour::BLACK) - 21.0).abs() < 0.01);
        // The grey that is known for being just readable on white.
        let grey: Colour = "#767676".parse().unwrap();
        assert!((grey.contrast(Colour::WHITE) - 4.54).abs() < 0.01);
        assert!((Colour::WHITE.contrast(grey) - 4.54).abs() < 0.01);
        assert!((grey.contrast(grey) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn any_colour_becomes_readable_on_any_ground() {
        for colour in ["#ffff00", "#0a5257", "#ff00ff", "#000000", "#ffffff"] {
            let colour: Colour = colour.parse().unwrap();
            for (ground, towards) in [
                (Colour::WHITE, Colour::BLACK),
                (Colour::BLACK, Colour::WHITE),
            ] {
                let readable = colour.readable_on(ground, 7.0, towards);
                assert!(readable.contrast(ground) >= 7.0, "{colour} {readable}");
            }
        }
        for wrong in ["", "0a5257", "#0a525", "#0a52571", "#0a525g", "teal"] {
            assert!(wrong.parse::<Colour>().is_err(), "{wrong}");
        }
        let colour: Colour = "#0A5257".parse().unwrap();
        assert_eq!(colour.to_string(), "#0a5257");
        assert_eq!(colour.towards(Colour::WHITE, 0), colour);
        assert_eq!(colour.towards(Colour::WHITE, 100), Colour::WHITE);
    }
}
