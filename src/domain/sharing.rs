//! Who else may use the files of a folder: the owner's group, if the folder's mode says so, and nobody otherwise.

/// Read, written and entered by the group, to which what is made in it belongs (`chmod 2770`): two accounts of one service share it.
const SHARED: u32 = 0o2070;

/// The mode of a file of ours in a folder with this mode.
pub const fn file_mode(folder: u32) -> u32 {
    if folder & SHARED == SHARED {
        0o660
    } else {
        0o600
    }
}

/// The mode of a folder of ours in a folder with this mode.
pub const fn folder_mode(folder: u32) -> u32 {
    if folder & SHARED == SHARED {
        0o2770
    } else {
        0o700
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_has_a_part_in_what_is_in_a_folder_that_is_plainly_shared_with_it() {
        for alone in [0o700, 0o750, 0o770, 0o777, 0o2750, 0o2720] {
            assert_eq!((file_mode(alone), folder_mode(alone)), (0o600, 0o700));
        }
        assert_eq!((file_mode(0o42770), folder_mode(0o42770)), (0o660, 0o2770));
    }
}
