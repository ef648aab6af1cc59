//! A code that looks like something else: six numbers of six digits, each with a group of the code at its end. Read back from the whole list
//! where a code is asked for, however it was copied: with the numbers of its lines or without, in one row, parted otherwise.

use zeroize::Zeroizing;

/// Digits of a code in each number.
const GROUP: usize = 4;
/// Digits of one number.
const NUMBER: usize = GROUP + 2;
/// How many numbers there are.
pub(super) const NUMBERS: usize = 6;

/// The numbers for a code of 24 digits. No number begins with a zero.
pub(super) fn write(code: &str, random: [u8; NUMBERS]) -> Zeroizing<Vec<String>> {
    let groups = code.as_bytes().chunks(GROUP).zip(random);
    let numbers = groups.map(|(group, byte)| {
        let before = 10 + u32::from(byte) % 90;
        format!("{before}{}", String::from_utf8_lossy(group))
    });
    Zeroizing::new(numbers.collect())
}

/// The codes that groups of digits may hide. Which one it is, its check digits say.
pub(super) fn readings(groups: &[Zeroizing<String>]) -> Vec<Zeroizing<String>> {
    let joined = |wanted: &dyn Fn(&str) -> bool| {
        let mut all = Zeroizing::new(String::with_capacity(2 * NUMBER * NUMBERS));
        for group in groups.iter().filter(|group| wanted(group)) {
            all.push_str(group);
        }
        all
    };
    let whole = joined(&|_| true);
    let numbers = [
        joined(&|group| group.len() == NUMBER),
        joined(&|group| group.len() > 1),
        without_lines(&whole),
        whole,
    ];
    numbers.iter().filter_map(|digits| ends(digits)).collect()
}

/// Whether these are such a list, with a slip or two in it.
pub(super) fn is_list(groups: &[Zeroizing<String>]) -> bool {
    let numbers = groups.iter().filter(|group| group.len() == NUMBER);
    numbers.count() * 2 > NUMBERS
}

/// The first number of a list that has not six digits, counted from 1, and how many it has. Numbers of lines do not count.
pub(super) fn odd_line(groups: &[Zeroizing<String>]) -> Option<(usize, usize)> {
    let mut numbers = groups.iter().filter(|group| group.len() > 2).enumerate();
    let (at, odd) = numbers.find(|(_, number)| number.len() != NUMBER)?;
    Some((at + 1, odd.len()))
}

/// The ends of six numbers that stand without anything between them.
fn ends(digits: &str) -> Option<Zeroizing<String>> {
    if digits.len() != NUMBER * NUMBERS {
        return None;
    }
    let numbers = digits.as_bytes().chunks(NUMBER);
    let ends = numbers.flat_map(|number| number.iter().skip(NUMBER - GROUP));
    Some(Zeroizing::new(
        ends.map(|digit| char::from(*digit)).collect(),
    ))
}

/// Six lines that begin with their number, 1 to 6, run together.
fn without_lines(digits: &str) -> Zeroizing<String> {
    let mut rest = Zeroizing::new(String::with_capacity(digits.len()));
    for (at, line) in digits.as_bytes().chunks(NUMBER + 1).enumerate() {
        match line.split_first() {
            Some((first, number)) if usize::from(first.wrapping_sub(b'0')) == at + 1 => {
                rest.extend(number.iter().map(|digit| char::from(*digit)));
            }
            _ => return Zeroizing::default(),
        }
    }
    rest
}
