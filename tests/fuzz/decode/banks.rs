//! Bytes in place of a stored group: refused, or a group that comes back to the bit.

#![no_main]

#[allow(dead_code, unused_imports)]
#[path = "../../../src/stats/mod.rs"]
mod stats;

use libfuzzer_sys::fuzz_target;
use stats::{Bank, Decoder, Encoder, Extremes, Sums, TokenSums, Undecodable};

fn encoded(bank: &impl Bank, group: usize) -> Vec<u8> {
    let mut bytes = Encoder::default();
    bank.encode(group, &mut bytes).expect("memory");
    bytes.bytes().to_vec()
}

/// `read` adds bytes to a bank's first group. `figures` are those of a group: the parts of one exact
/// sum may be others after each reading, not the sum.
fn check<B: Bank>(
    new: impl Fn() -> B,
    read: impl Fn(&mut B, &mut Decoder<'_>) -> Result<(), Undecodable>,
    figures: impl Fn(&B, usize) -> String,
    bytes: &[u8],
) {
    let decode = |bytes| {
        let mut bank = new();
        bank.push_group().expect("memory");
        let mut decoder = Decoder::new(bytes);
        read(&mut bank, &mut decoder).ok().filter(|()| decoder.is_at_end()).map(|()| bank)
    };
    let Some(bank) = decode(bytes) else { return };
    let kept = figures(&bank, 0);
    let again = decode(&encoded(&bank, 0)).expect("what was encoded is read");
    assert_eq!(figures(&again, 0), kept);
    // Added to an empty group by either way it is the same.
    let mut other = new();
    (0..2).for_each(|_| other.push_group().expect("memory"));
    other.combine(1, &bank, 0).expect("memory");
    assert_eq!(figures(&other, 1), kept);
    // And it is added to itself without a panic.
    other.combine(1, &bank, 0).expect("memory");
    encoded(&other, 1);
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&kind, bytes)) = bytes.split_first() else { return };
    let columns = 1 + usize::from(kind >> 2 & 3);
    let all = |figure: &dyn Fn(usize) -> String| (0..columns).map(figure).collect::<String>();
    match kind & 3 {
        0 => {
            let totals = |bank: &TokenSums, group| {
                all(&|column| format!("{:?} ", bank.total(group, column).value()))
            };
            let read = |bank: &mut TokenSums, bytes: &mut Decoder<'_>| {
                bank.decode(0, bytes, (0..columns).map(Some))
            };
            check(|| TokenSums::new(columns), read, totals, bytes);
        }
        2 => {
            let extremes =
                |bank: &Extremes, group| all(&|column| format!("{:?} ", bank.of(group, column)));
            let read = |bank: &mut Extremes, bytes: &mut Decoder<'_>| {
                bank.decode(0, bytes, (0..columns).map(Some))
            };
            check(|| Extremes::new(columns), read, extremes, bytes);
        }
        nullable => {
            let sums = |bank: &Sums, group| {
                all(&|column| {
                    let sum = bank.sum(group, column).expect("memory").round();
                    format!("{sum:?} {:?} ", bank.values(group, column))
                })
            };
            let nullable = nullable == 1;
            let read = |bank: &mut Sums, bytes: &mut Decoder<'_>| {
                bank.decode(0, bytes, (0..columns).map(Some), nullable)
            };
            check(|| Sums::new(columns, nullable), read, sums, bytes);
        }
    }
});
