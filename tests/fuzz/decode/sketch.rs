//! A BLOB in place of a sketch: refused, or a sketch, of which there is but one BLOB.

#![no_main]

#[allow(dead_code, unused_imports)]
#[path = "../../../src/stats/mod.rs"]
mod stats;

use libfuzzer_sys::fuzz_target;
use stats::Sketch;

fuzz_target!(|bytes: &[u8]| {
    let Ok(sketch) = Sketch::decode(bytes) else { return };
    assert_eq!(sketch.encode().expect("memory"), bytes);
    let count = sketch.count().expect("64 bits, or it was refused");
    assert!(count > 0);
    assert_eq!(sketch.buckets().map(|bucket| bucket.count).sum::<i64>(), count);
    let mut before = f64::NEG_INFINITY;
    for bucket in sketch.buckets() {
        assert!(before <= bucket.low && bucket.low <= bucket.high, "{bucket:?}");
        assert!(bucket.low <= bucket.value && bucket.value <= bucket.high, "{bucket:?}");
        before = bucket.high;
    }
    let ends = (sketch.quantile(0.0), sketch.quantile(1.0));
    assert_eq!(ends.0, sketch.buckets().next().map(|bucket| bucket.value));
    assert!(ends.0 <= ends.1 && sketch.quantile(0.37).is_some());
    let mut more = sketch.clone();
    more.merge(&sketch).expect("memory");
    more.unmerge(&sketch).expect("memory");
    assert_eq!(more.encode().expect("memory"), bytes);
});
