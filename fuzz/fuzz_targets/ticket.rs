#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kapea::seal::fuzzing::ticket(bytes));
