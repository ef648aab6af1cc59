//! What can happen.

use proptest::prelude::*;

/// Whoever or whatever is there at that place, counted around.
pub type Pick = usize;

/// Somebody does something.
#[derive(Debug, Clone)]
pub enum Move {
    /// A report comes in.
    File,
    /// A member lets somebody in.
    Admit { by: Pick, who: Pick },
    /// An administrator closes an account; its person keeps all that they held.
    Leave { who: Pick },
    /// An administrator orders another key.
    Order,
    /// A member's keys come by, for so many steps.
    Steps { by: Pick, most: u8 },
    /// The service starts anew, perhaps after a power cut between the witness and the commit.
    Restart { cut: bool },
    /// The worker looks.
    Look,
    /// The writer takes a copy of the database.
    Copy,
    /// The writer changes something.
    Write(Write),
}

/// What a writer of rows does.
#[derive(Debug, Clone)]
pub enum Write {
    /// One value or row of any table that says something about keys, people or reports.
    Row {
        column: Pick,
        row: Pick,
        other: Pick,
        fault: Fault,
    },
    /// A table becomes as it was when the copy was taken.
    PutBack { table: Pick },
    /// Every order to change a key goes.
    NoOrders,
    /// What is ordered is ordered for another reason, or said to be done.
    Reason { done: bool },
    /// An older generation stands as the one in force, with the wraps that it had.
    Older { generation: Pick },
    /// A key's record names the writer's own.
    OwnKey { row: Pick },
    /// A statement of the leaver's, in whoever's name.
    Lay { what: Pick, name: Pick, keys: Pick },
    /// The statements are put right again, so that nobody looks closer.
    Cover,
}

/// What becomes of a value or a row.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    Copy,
    Replay,
    Noise,
    Delete,
    Duplicate,
    Revive,
}

/// Each must come about in some history.
pub const OUTCOMES: [&str; 19] = [
    "admitted",
    "begun",
    "closed",
    "covered",
    "filed",
    "finished",
    "laid",
    "looked",
    "moved",
    "next key",
    "older",
    "own key",
    "put back",
    "reason",
    "refused",
    "restarted",
    "row",
    "told",
    "withheld",
];

pub fn moves() -> impl Strategy<Value = Vec<Move>> {
    let pick = || 0..64_usize;
    let fault = prop::sample::select(vec![
        Fault::Copy,
        Fault::Replay,
        Fault::Noise,
        Fault::Delete,
        Fault::Duplicate,
        Fault::Revive,
    ]);
    let row = (0..256_usize, pick(), pick(), fault);
    let write = prop_oneof![
        6 => row.prop_map(|(column, row, other, fault)| Write::Row { column, row, other, fault }),
        2 => pick().prop_map(|table| Write::PutBack { table }),
        1 => Just(Write::NoOrders),
        1 => any::<bool>().prop_map(|done| Write::Reason { done }),
        2 => pick().prop_map(|generation| Write::Older { generation }),
        1 => pick().prop_map(|row| Write::OwnKey { row }),
        3 => (pick(), pick(), pick()).prop_map(|(what, name, keys)| Write::Lay { what, name, keys }),
        1 => Just(Write::Cover),
    ];
    let one = prop_oneof![
        3 => Just(Move::File),
        1 => (pick(), pick()).prop_map(|(by, who)| Move::Admit { by, who }),
        2 => pick().prop_map(|who| Move::Leave { who }),
        1 => Just(Move::Order),
        5 => (pick(), 1..12_u8).prop_map(|(by, most)| Move::Steps { by, most }),
        1 => any::<bool>().prop_map(|cut| Move::Restart { cut }),
        1 => Just(Move::Look),
        1 => Just(Move::Copy),
        4 => write.prop_map(Move::Write),
    ];
    prop::collection::vec(one, 4..16)
}
