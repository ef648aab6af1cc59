//! The digits of a code as a small picture: black on white, for the album of a phone that has no place for a text.

use std::io::Write as _;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

/// The digits 0 to 9, seven rows of five points each, the highest bit on the left.
const DIGITS: [[u8; ROWS]; 10] = [
    [0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e],
    [0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e],
    [0x0e, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1f],
    [0x1f, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0e],
    [0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02],
    [0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e],
    [0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e],
    [0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08],
    [0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e],
    [0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c],
];
const ROWS: usize = 7;
const COLUMNS: usize = 5;
/// Pixels of a point.
const SCALE: usize = 10;
/// Points from one digit to the next, from one group to the next, from one line to the next.
const DIGIT: usize = COLUMNS + 1;
const GROUP: usize = 4 * DIGIT + 4;
const LINE: usize = ROWS + 5;
const MARGIN: usize = 6;
const GROUPS_A_LINE: usize = 2;

/// A PNG file with these groups of four Western digits, two groups a line. Empty if it cannot be made.
pub(super) fn of(code: &str) -> Vec<u8> {
    let groups: Vec<&str> = code.split(' ').collect();
    let lines = groups.len().div_ceil(GROUPS_A_LINE);
    let width = (2 * MARGIN + GROUPS_A_LINE * GROUP - 5) * SCALE;
    let height = (2 * MARGIN + lines * LINE - 5) * SCALE;
    let mut pixels = vec![0xff; width * height];
    for (at, group) in groups.iter().enumerate() {
        let top = MARGIN + at / GROUPS_A_LINE * LINE;
        for (place, digit) in group.chars().enumerate() {
            let left = MARGIN + at % GROUPS_A_LINE * GROUP + place * DIGIT;
            draw(&mut pixels, width, (left, top), digit);
        }
    }
    encode(&pixels, width, height).unwrap_or_default()
}

fn draw(pixels: &mut [u8], width: usize, (left, top): (usize, usize), digit: char) {
    let shape = digit
        .to_digit(10)
        .and_then(|digit| DIGITS.get(usize::try_from(digit).ok()?));
    for (row, bits) in shape.into_iter().flatten().enumerate() {
        for column in (0..COLUMNS).filter(|column| bits >> (COLUMNS - 1 - column) & 1 == 1) {
            let (x, y) = ((left + column) * SCALE, (top + row) * SCALE);
            for line in y..y + SCALE {
                let start = line * width + x;
                if let Some(point) = pixels.get_mut(start..start + SCALE) {
                    point.fill(0);
                }
            }
        }
    }
}

/// A PNG file (W3C, third edition) of grey points: its size, all lines packed, the end.
fn encode(pixels: &[u8], width: usize, height: usize) -> Option<Vec<u8>> {
    let mut header = Vec::new();
    for size in [width, height] {
        header.extend(u32::try_from(size).ok()?.to_be_bytes());
    }
    // Eight bits a point, grey, and the only ways there are to pack, to filter and, last, not to interlace.
    header.extend([8, 0, 0, 0, 0]);
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    for line in pixels.chunks(width) {
        packed.write_all(&[0]).ok()?;
        packed.write_all(line).ok()?;
    }
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, content) in [
        (b"IHDR", header),
        (b"IDAT", packed.finish().ok()?),
        (b"IEND", Vec::new()),
    ] {
        file.extend(u32::try_from(content.len()).ok()?.to_be_bytes());
        let mut sum = Crc::new();
        for part in [name.as_slice(), &content] {
            sum.update(part);
            file.extend(part);
        }
        file.extend(sum.sum().to_be_bytes());
    }
    Some(file)
}
