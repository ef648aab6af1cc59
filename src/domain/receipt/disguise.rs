//! A code that looks like something else: six numbers of six digits, each with a group of the code at its end. Read back by whoever pastes
//! the whole list where a code is asked for.

use zeroize::Zeroizing;

use super::{GROUP, LENGTH};

/// Digits of one number.
const NUMBER: usize = 6;

/// The numbers for a code of 24 digits. No number begins with a zero.
pub(super) fn write(code: &str, random: [u8; 6]) -> Zeroizing<Vec<String>> {
    let groups = code.as_bytes().chunks(GROUP).zip(random);
    let numbers = groups.map(|(group, byte)| {
        let before = 10 + u32::from(byte) % 90;
        format!("{before}{}", String::from_utf8_lossy(group))
    });
    Zeroizing::new(numbers.collect())
}

/// The code in a list of numbers, if there are as many as such a list has. Numbers of lines do not count, nor words.
pub(super) fn read(numbers: &[Zeroizing<String>]) -> Option<Zeroizing<String>> {
    let mut code = Zeroizing::new(String::with_capacity(LENGTH));
    for number in numbers.iter().filter(|number| number.len() > 1) {
        let (_, group) = number.split_at_checked(NUMBER - GROUP)?;
        if number.len() != NUMBER || code.len() == LENGTH {
            return None;
        }
        code.push_str(group);
    }
    (code.len() == LENGTH).then_some(code)
}
