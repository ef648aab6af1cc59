use proptest::prelude::*;

use super::share::{LINES, check_line};
use super::*;

fn made(threshold: u8, count: u8) -> (RecoveryPublic, Vec<Share>) {
    let seed = Seed::random();
    let public = RecoveryPublic::of(&StaffKeys::from_seed(&seed));
    (public, split(&seed, threshold, count).unwrap())
}

fn texts(share: &Share) -> Vec<String> {
    share.lines().iter().map(|line| line.to_string()).collect()
}

fn parse(lines: &[String]) -> Result<Share, ShareError> {
    Share::parse(&lines.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn a_share_is_five_lines_of_six_groups() {
    let (_, shares) = made(3, 5);
    for share in &shares {
        let lines = texts(share);
        assert_eq!(lines.len(), 5);
        for line in &lines {
            let groups: Vec<&str> = line.split(' ').collect();
            assert!(groups.len() == 6 && groups.iter().all(|group| group.len() == 4));
        }
        assert_eq!(parse(&lines).as_ref(), Ok(share));
    }
    assert_eq!(format!("{:?}", shares[0]).matches("Share(1 of").count(), 1);
}

#[test]
fn shares_of_another_set_twice_or_too_few_are_refused_by_name() {
    let (public, shares) = made(3, 5);
    let (other, foreign) = made(3, 5);
    let mut pile = Pile::new(public.clone());
    assert_eq!(
        pile.combine().unwrap_err(),
        CombineError::TooFew {
            given: 0,
            needed: 2
        }
    );
    assert_eq!(pile.add(shares[3].share()), Ok(2));
    assert_eq!(
        pile.add(foreign[1].share()),
        Err(CombineError::OtherSet {
            number: 2,
            found: other.set(),
            expected: public.set()
        })
    );
    assert_eq!(
        pile.add(shares[3].share()),
        Err(CombineError::Twice { number: 4 })
    );
    assert_eq!(pile.add(shares[0].share()), Ok(1));
    assert_eq!(
        pile.combine().unwrap_err(),
        CombineError::TooFew {
            given: 2,
            needed: 3
        }
    );
    assert_eq!(pile.add(shares[4].share()), Ok(0));
    assert_eq!(
        pile.combine().unwrap().recipient().as_str(),
        public.recipient.as_str()
    );
}

#[test]
fn shares_that_come_to_another_key_than_the_one_expected_are_refused() {
    let (public, _) = made(2, 2);
    let pieces = Sharks(2).dealer(Seed::random().expose()).take(2);
    let mut pile = Pile::new(public.clone());
    // Whoever prints a sheet can write any set on it.
    for piece in pieces {
        let forged = Share::of(public.set(), 2, &piece).unwrap();
        pile.add(forged).unwrap();
    }
    assert_eq!(pile.combine().unwrap_err(), CombineError::WrongKey);
}

#[test]
fn lines_of_different_shares_and_exchanged_lines_are_noticed() {
    let (_, shares) = made(2, 3);
    let (first, second) = (texts(&shares[0]), texts(&shares[1]));
    let mut mixed = first.clone();
    mixed[2].clone_from(&second[2]);
    assert_eq!(parse(&mixed), Err(ShareError::Mixed));
    let mut exchanged = first.clone();
    exchanged.swap(1, 3);
    assert_eq!(parse(&exchanged), Err(ShareError::CheckDigits { line: 2 }));
    assert_eq!(parse(&first[..4]), Err(ShareError::Lines { found: 4 }));
    let short = first[0].get(..27).unwrap();
    assert_eq!(
        check_line(1, short).unwrap_err(),
        ShareError::Length { line: 1, found: 22 }
    );
    assert_eq!(
        check_line(4, "12 and").unwrap_err(),
        ShareError::Length { line: 4, found: 2 }
    );
}

#[test]
fn impossible_counts_are_refused() {
    let seed = Seed::random();
    for (threshold, count) in [(1, 1), (1, 3), (4, 3), (2, 21), (0, 0)] {
        assert_eq!(
            split(&seed, threshold, count),
            Err(InvalidCounts),
            "{threshold} of {count}"
        );
    }
}

#[test]
fn a_public_line_reads_back() {
    let (public, _) = made(2, 2);
    let line = public.to_string();
    assert_eq!(line.parse(), Ok(public.clone()));
    assert_eq!(
        format!("  {} \n", line.replace(' ', "\n")).parse(),
        Ok(public)
    );
    for text in [
        "",
        "kapea-recovery-1",
        line.trim_start_matches('k'),
        &format!("{line} more"),
        &line.replace("age1", "age2"),
    ] {
        assert_eq!(
            text.parse::<RecoveryPublic>(),
            Err(SealError::InvalidKey),
            "{text}"
        );
    }
}

/// Shares are on paper for years: what a printed one means must never change. Computed with Python's integers and hashlib too.
#[test]
fn printed_shares_stay_what_they_are() {
    let bytes: Vec<u8> = (0..32).collect();
    let piece = blahaj::Share::try_from([&[3], bytes.as_slice()].concat().as_slice()).unwrap();
    let share = Share::of(SetId([0xde, 0xad, 0xbe, 0xef]), 2, &piece).unwrap();
    assert_eq!(texts(&share), PRINTED);
}

const PRINTED: [&str; 5] = [
    "0034 4924 3505 4840 7091 2141",
    "0037 1107 9235 2885 6394 3430",
    "0203 7825 5057 1814 2940 3502",
    "0370 4543 0879 0742 9486 3671",
    "0537 1262 0894 4085 8467 1723",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_k_of_n_come_to_the_key_and_fewer_do_not(
        seed in any::<[u8; 32]>(), count in 2_u8..=8, threshold in 2_u8..=8, order in any::<[u16; 8]>(),
    ) {
        prop_assume!(threshold <= count);
        let seed = Seed::from_bytes(seed);
        let public = RecoveryPublic::of(&StaffKeys::from_seed(&seed));
        let mut shares = split(&seed, threshold, count).unwrap();
        shares.sort_by_key(|share| order[usize::from(share.number()) - 1]);
        let mut pile = Pile::new(public.clone());
        for share in shares.iter().take(usize::from(threshold) - 1) {
            pile.add(share.share()).unwrap();
        }
        prop_assert!(pile.combine().is_err());
        // What k-1 of them interpolate to, with whatever they are told is needed, is another key.
        if threshold > 2 {
            let pieces: Vec<_> = pile.shares.iter().filter_map(Share::piece).collect();
            let wrong = Sharks(threshold - 1).recover(&pieces).unwrap();
            prop_assert_ne!(wrong.as_slice(), seed.expose().as_slice());
        }
        for share in shares.iter().skip(usize::from(threshold) - 1) {
            pile.add(share.share()).unwrap();
            prop_assert_eq!(pile.combine().unwrap().recipient(), public.recipient.clone());
        }
    }

    #[test]
    fn a_share_reads_back_however_it_is_written(
        secret in any::<[u8; 32]>(), number in 1..=MOST_SHARES, script in prop::collection::vec(0_usize..3, 120), gap in 0_usize..4,
    ) {
        let piece = blahaj::Share::try_from([&[number], secret.as_slice()].concat().as_slice()).unwrap();
        let share = Share::of(SetId([1, 2, 3, 4]), 3, &piece).unwrap();
        let mut script = script.into_iter();
        let written: Vec<String> = texts(&share).iter().map(|line| {
            line.chars().map(|c| match c.to_digit(10) {
                None => [" ", "-", "\u{200b}", ""][gap].to_owned(),
                Some(digit) => {
                    let zero = ['0', '០', '０'][script.next().unwrap()];
                    char::from_u32(u32::from(zero) + digit).unwrap().to_string()
                }
            }).collect()
        }).collect();
        prop_assert_eq!(parse(&written), Ok(share));
    }

    #[test]
    fn a_wrong_digit_or_two_exchanged_ones_are_named_by_line(
        secret in any::<[u8; 32]>(), line in 1_u8..=LINES, at in 0_usize..24, wrong in 0_u8..10,
    ) {
        let piece = blahaj::Share::try_from([&[7], secret.as_slice()].concat().as_slice()).unwrap();
        let share = Share::of(SetId([9, 9, 9, 9]), 3, &piece).unwrap();
        let mut lines = texts(&share);
        let index = usize::from(line) - 1;
        let right: Vec<u8> = lines[index].bytes().filter(u8::is_ascii_digit).collect();
        let mut flipped = right.clone();
        flipped[at] = b'0' + wrong;
        let mut swapped = right.clone();
        swapped.swap(at, at.saturating_sub(1));
        for changed in [flipped, swapped] {
            if changed != right {
                lines[index] = String::from_utf8(changed).unwrap();
                prop_assert_eq!(parse(&lines), Err(ShareError::CheckDigits { line }));
            }
        }
    }
}
