#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kapea::ledger::fuzzing::statement(bytes));
