//! "Did you mean": the known name nearest to a mistyped one.

/// The known name within two slips of the pen of `typed` (one, for short names), if there is one.
pub(super) fn nearest<'a>(typed: &str, known: &[&'a str]) -> Option<&'a str> {
    let tolerance = if typed.chars().count() < 4 { 1 } else { 2 };
    known
        .iter()
        .map(|name| (distance(typed, name), *name))
        .filter(|(slips, _)| *slips <= tolerance)
        .min()
        .map(|(_, name)| name)
}

/// Levenshtein distance, one row at a time.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, from) in left.chars().enumerate() {
        let mut next = vec![above + 1];
        for ((to, pair), index) in right.iter().zip(row.windows(2)).zip(0..) {
            let substituted = pair.first().copied().unwrap_or(0) + usize::from(from != *to);
            let deleted = pair.last().copied().unwrap_or(0) + 1;
            let inserted = next.get(index).copied().unwrap_or(0) + 1;
            next.push(substituted.min(deleted).min(inserted));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_single_slips() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("public", "public"), 0);
        assert_eq!(distance("pubilc", "public"), 2);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn only_a_near_name_is_suggested() {
        let known = ["public", "staff", "port"];
        assert_eq!(nearest("publc", &known), Some("public"));
        assert_eq!(nearest("prt", &known), Some("port"));
        assert_eq!(nearest("password", &known), None);
    }
}
