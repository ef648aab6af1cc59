//! What is printed when a recovery key is made: one sheet for each holder of a share, and one for the custodians.

use zeroize::Zeroizing;

use crate::cli::arguments::RecoveryCreateArguments;
use crate::seal::recovery::{RecoveryPublic, Share};

const RULE: &str = "------------------------------------------------------------------------\n";

/// The sheet without a secret.
pub(super) fn cover(public: &RecoveryPublic, arguments: &RecoveryCreateArguments) -> String {
    let (shares, threshold) = (arguments.shares, arguments.threshold);
    format!(
        "A recovery key was made: {shares} shares, any {threshold} of which come to it. It is kept nowhere else.\n\
         \n\
         Its public line, for the page \"Recovery\" of the custodians:\n\
         \n\
         {public}\n\
         \n\
         Its fingerprint, which every custodian compares before signing:\n\
         \n\
         \x20 {}\n",
        public.fingerprint()
    )
}

/// The sheet of one share.
pub(super) fn page(share: &Share, public: &RecoveryPublic, count: u8) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(2_048));
    text.push_str(RULE);
    text.push_str(&format!(
        "Kapea recovery key, share {} of {count}. {} shares are needed together.\n\
         Set {}. Fingerprint of the key: {}\n\n",
        share.number(),
        share.threshold(),
        share.set(),
        public.fingerprint()
    ));
    for (number, line) in (1..).zip(share.lines()) {
        text.push_str(&format!("  {number}:  "));
        text.push_str(&line);
        text.push('\n');
    }
    text.push_str(
        "\nKeep this sheet sealed, alone, and where nobody else comes. Do not photograph it.\n\
         Bring it when the recovery key is needed, or for a drill once a year.\n\
         If it is lost or was seen, tell a custodian today: a new recovery key is then made.\n",
    );
    text.push_str(RULE);
    text
}
