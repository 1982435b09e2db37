//! What the tests of a row read, and the one scan that runs them all.

use super::Trap;
use super::traps_of_rows::{IS_BARE, TestOfRow};
use crate::ffi::{Collector, Kind, Result, Value};
use crate::telemetry::calls::{IS_BARE_TWIN, IS_REMOTE, IS_RESEARCH};
use crate::telemetry::input::Input;

/// Integers up to here add and compare exactly as doubles.
const LARGEST_EXACT: u64 = 1 << 52;

/// Declares what is read of a row, by the names that conditions have in braces.
macro_rules! row {
    (numbers: $($number:ident)+; rules: $($rule:ident: $input:expr,)+) => {
        /// A row. Numbers are read as `+ 0.0` reads a column, NaN where there is none; a rule is 1
        /// where it holds, 0 where not, NaN where it is NULL. So a comparison is false wherever
        /// SQL's is false or NULL, but for `!=`.
        pub(crate) struct Row {
            $(pub(super) $number: f64,)+
            $(pub(super) $rule: f64,)+
            /// Whether one of the columns up to `completion_tokens` holds text or a BLOB.
            pub(super) has_text: bool,
            /// Rows after this moment are from another clock.
            pub(super) latest: f64,
        }

        /// Columns that are read as numbers. (Those that `text_in_number` looks at come first.)
        pub(super) const NUMBERS: &[&str] = &[$(stringify!($number)),+];
        /// What SQLite finds out.
        pub(super) const RULES: &[(&str, Input)] = &[$((stringify!($rule), $input)),+];

        impl Row {
            #[inline(always)]
            fn new(mut next: impl FnMut() -> f64, latest: f64) -> Self {
                Row {
                    $($number: next(),)+
                    $($rule: next(),)+
                    has_text: false,
                    latest,
                }
            }
        }
    };
}

row! {
    numbers:
        latency_seconds ttft energy_joules prompt_tokens completion_tokens
        timestamp prompt_tokens_evaluated total_tokens cost_usd power_watts gpu_memory_used_gb
        prefill_energy_joules decode_energy_joules mean_itl_ms is_streaming is_warmup
        token_counting_version;
    rules:
        is_bare_twin: IS_BARE_TWIN,
        is_remote: IS_REMOTE,
        is_research: IS_RESEARCH,
        is_bare: IS_BARE,
        has_method: Input::Rule("{energy_method} <> ''"),
        has_no_method: Input::Rule("{energy_method} = ''"),
        has_modelled_energy:
            Input::Rule("{energy_method} IN ('cpu_time_estimate', 'tdp_estimate')"),
        times_no_first_token: Input::Rule("{engine} <> 'afm'"),
        hides_engine: Input::Rule("{engine} IN ('multi', 'unknown', '')"),
        has_batch: Input::Rule("{batch_id} <> ''"),
        has_other_agent: Input::Rule("{agent} <> 'research'"),
}

/// How many of [`NUMBERS`] `text_in_number` looks at.
const LOOKED_AT_FOR_TEXT: usize = 5;

/// Rows that a test selects.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Selected {
    pub(super) calls: u64,
    /// The lowest id, of those that are integers.
    pub(super) first_id: Option<i64>,
}

impl Selected {
    pub(super) fn add(&mut self, id: Option<i64>) {
        self.calls += 1;
        self.first_id = match (self.first_id, id) {
            (Some(first), Some(id)) => Some(first.min(id)),
            (first, id) => first.or(id),
        };
    }
}

/// What a scan finds.
pub(super) struct Scan {
    pub(super) tests: Vec<(&'static Trap, TestOfRow, Selected)>,
    /// Rows within the bounds.
    pub(super) rows: Selected,
    /// Of them: warm-ups, rows of a batch, bare ones and others.
    pub(super) warm_ups: u64,
    pub(super) batched: u64,
    pub(super) bare: u64,
    /// A bit for each of [`NUMBERS`] in which a value is no number that a double holds.
    pub(super) odd: u32,
    /// Whether the source is an ordinary table, and the number of the SQLite that reads it.
    pub(super) is_ordinary: bool,
    pub(super) host_version: i32,
    latest: f64,
}

impl Scan {
    pub(super) fn new(
        tests: Vec<(&'static Trap, TestOfRow)>,
        is_ordinary: bool,
        host_version: i32,
        latest: f64,
    ) -> Self {
        let tests = tests.into_iter().map(|(trap, test)| (trap, test, Selected::default()));
        Scan {
            tests: tests.collect(),
            rows: Selected::default(),
            warm_ups: 0,
            batched: 0,
            bare: 0,
            odd: 0,
            is_ordinary,
            host_version,
            latest,
        }
    }

    /// A value of the number at `place`; whether it is text or a BLOB.
    #[inline(always)]
    fn number(&mut self, place: usize, value: &Value<'_>) -> (f64, bool) {
        match value.kind() {
            Kind::Real => (value.as_f64(), false),
            Kind::Null => (f64::NAN, false),
            Kind::Integer => {
                let integer = value.as_i64();
                self.odd |= u32::from(integer.unsigned_abs() > LARGEST_EXACT) << place;
                (integer as f64, false)
            }
            Kind::Text | Kind::Blob => {
                self.odd |= 1 << place;
                (value.as_f64(), true)
            }
        }
    }
}

/// Rows come as the id, the numbers, then what the rules say.
impl Collector for Scan {
    #[inline(always)]
    fn collect(&mut self, row: &[Value<'_>]) -> Result<()> {
        let [id, values @ ..] = row else { return Ok(()) };
        let id = (id.kind() == Kind::Integer).then(|| id.as_i64());
        let (mut place, mut has_text, latest) = (0, false, self.latest);
        let mut values = values.iter();
        let mut row = Row::new(
            || {
                let Some(value) = values.next() else { return f64::NAN };
                place += 1;
                if place > NUMBERS.len() {
                    return if value.kind() == Kind::Null { f64::NAN } else { value.as_f64() };
                }
                let (number, is_text) = self.number(place - 1, value);
                has_text |= is_text && place <= LOOKED_AT_FOR_TEXT;
                number
            },
            latest,
        );
        row.has_text = has_text;
        self.rows.add(id);
        self.warm_ups += u64::from(row.is_warmup == 1.0);
        self.batched += u64::from(row.has_batch == 1.0);
        self.bare += u64::from(row.is_bare == 1.0);
        for (_, test, selected) in &mut self.tests {
            if test(&row) {
                selected.add(id);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_a_bit() {
        assert!(NUMBERS.len() <= u32::BITS as usize);
        assert_eq!(NUMBERS[LOOKED_AT_FOR_TEXT - 1], "completion_tokens");
    }
}
