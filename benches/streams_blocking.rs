//! The benchmarks on this backend.
#![forbid(unsafe_code)]
#![allow(missing_docs, reason = "criterion's macro makes a function without")]

#[path = "many.rs"]
mod many;
#[path = "streams.rs"]
mod streams;

use criterion::{Criterion, criterion_group, criterion_main};
use moonsocket_blocking::Blocking;

fn bench(criterion: &mut Criterion) {
    streams::all(criterion, &Blocking::new());
    many::all(criterion, &Blocking::new());
}

criterion_group!(benches, bench);
criterion_main!(benches);
