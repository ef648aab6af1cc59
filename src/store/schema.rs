//! The tables, kept by hand: one file for every database. A test compares it with the migrated one.

diesel::table! { settings (key) { key -> Text, value -> Text, } }

diesel::table! {
    staff (id) {
        id -> Binary,
        handle -> Text,
        role -> Text,
        state -> Text,
        recipient -> Nullable<Text>,
        verify_key -> Nullable<Binary>,
        joined_day -> BigInt,
    }
}

diesel::table! {
    unlocks (staff, method) {
        staff -> Binary,
        method -> Text,
        salt -> Binary,
        pepper_version -> BigInt,
        sealed -> Binary,
    }
}

diesel::table! { totp_uses (staff) { staff -> Binary, step -> BigInt, } }

diesel::table! {
    invitations (token_hash) {
        token_hash -> Binary,
        staff -> Binary,
        expires_at -> BigInt,
        secret_ct -> Nullable<Binary>,
    }
}

diesel::table! {
    sessions (row_key) {
        row_key -> Binary,
        staff -> Binary,
        blob -> Binary,
        expires_at -> BigInt,
        idle_expires_at -> BigInt,
        n -> BigInt,
        wrong -> BigInt,
    }
}

diesel::table! {
    attempts (staff, way, at, id) {
        staff -> Binary,
        way -> Text,
        at -> BigInt,
        id -> Binary,
    }
}

diesel::table! {
    teams (id) {
        id -> Binary,
        name -> Text,
        kind -> Text,
        rotate_days -> BigInt,
    }
}

diesel::table! {
    memberships (team, staff) {
        team -> Binary,
        staff -> Binary,
        lead -> Bool,
        state -> Text,
    }
}

diesel::table! {
    statements (ledger, sequence) { ledger -> Binary, sequence -> BigInt, signed -> Binary, }
}

diesel::table! { renewals (staff) { staff -> Binary, ordered_day -> BigInt, } }

diesel::table! { channels (id) { id -> Text, team -> Binary, } }

diesel::table! {
    keys (id) {
        id -> Binary,
        kind -> Text,
        owner -> Binary,
        generation -> BigInt,
        recipient -> Text,
        verify_key -> Binary,
        state -> Text,
        from_day -> BigInt,
    }
}

diesel::table! { wraps (parent, child) { parent -> Binary, child -> Binary, sealed -> Binary, } }

diesel::table! {
    rotations (id) {
        id -> Binary,
        team -> Binary,
        reason -> Text,
        ordered_day -> BigInt,
        state -> Text,
        key -> Nullable<Binary>,
        done_day -> Nullable<BigInt>,
    }
}

diesel::table! {
    reports (id) {
        id -> Binary,
        recipient -> Text,
        channel -> Text,
        day -> BigInt,
        state -> Text,
        urgency -> Text,
        due -> BigInt,
        retention -> Text,
        retain_until -> Nullable<BigInt>,
        review_day -> Nullable<BigInt>,
        look_again -> Nullable<BigInt>,
        hold -> Bool,
        restricted -> Bool,
        assignees -> Binary,
        card -> Binary,
        version -> BigInt,
        objects -> BigInt,
        contents -> Binary,
        holders -> Binary,
        state_key -> Binary,
        proof -> Binary,
    }
}

diesel::table! {
    assignments (staff, report) {
        staff -> Binary,
        report -> Binary,
    }
}

diesel::table! {
    activities (report) {
        report -> Binary,
        sealed -> Binary,
    }
}

diesel::table! {
    objects (report, id) {
        report -> Binary,
        id -> Binary,
        number -> BigInt,
        sealed -> Binary,
    }
}

diesel::table! { grants (report, key) { report -> Binary, key -> Binary, sealed -> Binary, } }

diesel::table! {
    queue (report, key) {
        report -> Binary,
        key -> Binary,
        state -> Text,
        urgency -> Text,
        day -> BigInt,
        due -> BigInt,
        review_day -> Nullable<BigInt>,
    }
}

diesel::table! {
    quarantine (report, key) { report -> Binary, key -> Binary, sealed -> Binary, day -> BigInt, }
}

diesel::table! {
    epochs (report, number) {
        report -> Binary,
        number -> BigInt,
        recipient -> Text,
        until -> BigInt,
        sealed -> Binary,
    }
}

diesel::table! { rekeys (report) { report -> Binary, ordered_day -> BigInt, } }

diesel::table! {
    proposals (id) {
        id -> Binary,
        report -> Binary,
        kind -> Text,
        proposer -> Binary,
        day -> BigInt,
        sealed -> Binary,
    }
}

diesel::table! {
    exports (id) {
        id -> Binary,
        report -> Binary,
        expires_at -> BigInt,
        sealed -> Binary,
    }
}

diesel::table! {
    shreds (report) {
        report -> Binary,
        day -> BigInt,
        objects -> Nullable<BigInt>,
        commitment -> Nullable<Binary>,
        proof -> Nullable<Binary>,
    }
}

diesel::table! { claims (report) { report -> Binary, staff -> Binary, touched_minute -> BigInt, } }

diesel::table! { mailboxes (lookup) { lookup -> Binary, card -> Binary, expires_day -> BigInt, } }

diesel::table! {
    mail_items (lookup, id) {
        lookup -> Binary,
        id -> Binary,
        number -> BigInt,
        sealed -> Binary,
    }
}

diesel::table! { processes (roles) { roles -> Text, sealed -> Binary, } }

diesel::table! { ticket_keys (day) { day -> BigInt, sealed -> Binary, } }

diesel::table! {
    outbox (id) {
        id -> Binary,
        kind -> Text,
        report -> Nullable<Binary>,
        list -> Text,
        address_ct -> Nullable<Binary>,
        letter -> Nullable<Text>,
        due -> BigInt,
        first_due -> BigInt,
        attempts -> BigInt,
        state -> Text,
        leased_until -> BigInt,
        leased_by -> Nullable<Text>,
        fault -> Nullable<Text>,
    }
}

diesel::table! {
    audit (seq) {
        seq -> BigInt,
        day -> BigInt,
        class -> Text,
        commitment -> Binary,
        leaf -> Binary,
        mac -> Binary,
        body -> Nullable<Binary>,
        body_key -> Nullable<Binary>,
    }
}

diesel::table! {
    alarms (id) {
        id -> Binary,
        kind -> Text,
        subject -> Text,
        day -> BigInt,
        state -> Text,
    }
}

diesel::joinable!(memberships -> staff (staff));
diesel::allow_tables_to_appear_in_same_query! {
    activities, assignments, claims, exports, grants, keys, memberships, objects, outbox, proposals, quarantine, queue, rekeys, reports, staff, unlocks, wraps
}
