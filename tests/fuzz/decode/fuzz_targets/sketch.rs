//! Bytes of no origin as a sketch: refused, or a sketch that is written again as it came, whose
//! buckets add up, and that can be merged and taken out again.

#![no_main]

#[allow(dead_code, missing_docs, unused_imports)]
#[path = "../../../../src/stats/mod.rs"]
mod stats;

use libfuzzer_sys::fuzz_target;
use stats::Sketch;

fuzz_target!(|bytes: &[u8]| {
    let Ok(sketch) = Sketch::decode(bytes) else { return };
    assert_eq!(sketch.encode().unwrap(), bytes);
    let count = sketch.count().unwrap();
    assert_eq!(sketch.buckets().map(|bucket| bucket.count).sum::<i64>(), count);
    assert!(sketch.quantile(0.0).is_some() && sketch.quantile(0.37).is_some());
    let mut merged = Sketch::default();
    merged.add(-1.5).unwrap();
    let before = merged.encode().unwrap();
    merged.merge(&sketch).unwrap();
    merged.unmerge(&sketch).unwrap();
    assert_eq!(merged.encode().unwrap(), before);
});
