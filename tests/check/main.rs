//! Runs `routebook check` on content folders with errors, one for each rule, and compares what it prints.
//!
//! `base` is a small folder without findings. The files of `fixtures/RULE` are laid over it, and `fixtures/RULE.txt` is the
//! exact output; a second folder of a rule is `RULE-CASE`. Where the output changes on purpose,
//! `ROUTEBOOK_UPDATE=1 cargo test --test check` writes it anew.

mod corpus;
mod folder;
mod mutations;
mod output;
