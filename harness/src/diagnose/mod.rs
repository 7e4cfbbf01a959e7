//! Why tests fail: experiments, statistics, verdicts.

#![allow(
    dead_code,
    unused_imports,
    reason = "the planner that asks the inference is still to be built on it"
)]

mod infer;
