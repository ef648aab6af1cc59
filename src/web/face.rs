//! The hotline's own colour and mark on the reporters' pages.

use super::statics;
use crate::domain::colour::Colour;

/// The grounds that words stand on, as in `style.css`: by day and by night.
const DAY: Colour = Colour::new(0xf8, 0xf4, 0xed);
const NIGHT: Colour = Colour::new(0x1c, 0x24, 0x25);
/// What can be read in the sun (WCAG 2.2, 1.4.6).
const READABLE: f64 = 7.0;

const COLOUR: &str = "colour.css";
const MARK: &str = "mark";

/// What the operator gave of it.
#[derive(Debug, Clone, Default)]
pub struct Face {
    colour: Option<String>,
    mark: Option<Mark>,
}

/// A picture, SVG or PNG.
#[derive(Debug, Clone)]
pub struct Mark {
    /// Its media type.
    pub mime: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Mark {
    /// From a file, by what it begins with; nothing if it is no such picture.
    pub fn of(bytes: Vec<u8>) -> Option<Self> {
        let is_svg = std::str::from_utf8(&bytes).is_ok_and(|text| text.contains("<svg"));
        let mime = match bytes.as_slice() {
            [0x89, b'P', b'N', b'G', ..] => "image/png",
            _ if is_svg => "image/svg+xml",
            _ => return None,
        };
        Some(Self { mime, bytes })
    }
}

impl Face {
    /// A stylesheet that comes after ours, and the mark.
    pub fn new(colour: Option<Colour>, mark: Option<Mark>) -> Self {
        Self {
            colour: colour.map(stylesheet),
            mark,
        }
    }

    /// Where the colour's stylesheet lies.
    pub fn colour(&self) -> Option<String> {
        let colour = self.colour.as_ref()?;
        Some(address(COLOUR, colour.as_bytes()))
    }

    /// Where the mark lies: ours if there is no other.
    pub fn mark(&self) -> String {
        match &self.mark {
            Some(mark) => address(MARK, &mark.bytes),
            None => statics::address("shelter.svg"),
        }
    }

    /// The media type and the bytes of one of the files of these addresses.
    pub fn file(&self, name: &str) -> Option<(&'static str, Vec<u8>)> {
        match name {
            COLOUR => {
                let colour = self.colour.as_ref()?;
                Some(("text/css; charset=utf-8", colour.clone().into_bytes()))
            }
            MARK => self
                .mark
                .as_ref()
                .map(|mark| (mark.mime, mark.bytes.clone())),
            _ => None,
        }
    }
}

fn address(name: &str, bytes: &[u8]) -> String {
    format!("/face/{name}?v={}", statics::version(bytes))
}

fn stylesheet(colour: Colour) -> String {
    let day = colour.readable_on(DAY, READABLE, Colour::BLACK);
    let night = colour.readable_on(NIGHT, READABLE, Colour::WHITE);
    let (day_wash, night_wash) = (day.towards(Colour::WHITE, 90), night.towards(NIGHT, 80));
    format!(
        ":root{{--accent:{day};--accent-ink:#fff;--accent-wash:{day_wash}}}\
         @media (prefers-color-scheme:dark){{:root{{--accent:{night};--accent-ink:#000;--accent-wash:{night_wash}}}}}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_colour_is_words_in_it_and_on_it_can_be_read() {
        for text in ["#ffff00", "#0a5257", "#c2185b", "#ffffff", "#000000"] {
            let colour: Colour = text.parse().unwrap();
            let sheet = stylesheet(colour);
            let accents: Vec<Colour> = sheet
                .split("--accent:")
                .skip(1)
                .map(|rest| rest.get(..7).unwrap().parse().unwrap())
                .collect();
            let [day, night] = accents[..] else {
                panic!("{sheet}")
            };
            assert!(day.contrast(DAY) >= READABLE && day.contrast(Colour::WHITE) >= READABLE);
            assert!(night.contrast(NIGHT) >= READABLE && night.contrast(Colour::BLACK) >= READABLE);
        }
    }
}
