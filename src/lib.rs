//! Kapea: a confidential intake service for reports of child abuse.
//!
//! # Layers
//! The arrows all point to [`domain`]. `tests/it/architecture.rs` fails on an import that goes against them.
//!
//! ```text
//! domain    nothing of ours, no I/O
//! seal      domain            the only place that names age, argon2 or a cipher
//! store     domain            the only place that names diesel; holds ciphertext it cannot read
//! locale    domain            the only place that turns message ids into sentences
//! mail      domain, locale    the only place that names lettre
//! service   domain, seal, store, mail::Message
//! worker    service, mail, store
//! web       domain, service, locale    the only place that names actix and askama
//! config    domain            the only reader of files and environment settings
//! app, cli  everything
//! ```

/// The rooms are open to tests and benchmarks alone. `./test.sh` compiles once more with `--cfg rooms_closed`: what is then used by nobody is
/// half connected, and fails.
macro_rules! rooms {
    ($($room:ident)+) => {
        $(
            #[cfg(not(rooms_closed))]
            pub mod $room;
            #[cfg(rooms_closed)]
            mod $room;
        )+
    };
}

rooms! { app cli config domain locale mail seal service store telemetry web worker }

pub use cli::run;
