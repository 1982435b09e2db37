//! Buckets of time: which one a moment of Unix time lies in, at a fixed offset from UTC.

use super::Number;
use super::civil::{DAY, civil, days_before};

/// How long a bucket is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Width {
    /// This many seconds, counted from 1970-01-01 00:00, or from Monday, 1970-01-05, for weeks.
    Seconds {
        /// Above 0.
        length: i64,
        /// The start of one bucket.
        origin: i64,
    },
    /// Seconds with a fraction, counted from 1970-01-01 00:00.
    Fraction(f64),
    /// This many calendar months, counted from January 1970.
    Months(i64),
}

/// Buckets of one width at one offset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TimeBuckets {
    /// Their width.
    pub(crate) width: Width,
    /// Seconds that the clock of the place is ahead of UTC.
    pub(crate) offset: i64,
}

/// A moment of Unix time, or the start of a bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Moment {
    /// Whole seconds.
    Integer(i64),
    /// Seconds with a fraction.
    Real(f64),
}

impl Moment {
    /// The whole second; `None` out of 64 bits.
    pub(crate) fn whole(self) -> Option<Moment> {
        match self {
            Moment::Integer(_) => Some(self),
            Moment::Real(second) => whole(second.floor()).map(Moment::Integer),
        }
    }
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const WEEK: i64 = 7 * DAY;
/// 1970-01-01 was a Thursday.
const FIRST_MONDAY: i64 = 4 * DAY;
const MONTHS_A_YEAR: i64 = 12;
/// SQLite takes no larger offset for a time zone.
const MOST_OFFSET_HOURS: i64 = 14;

impl TimeBuckets {
    /// Buckets of that many seconds; `None` unless they are above 0 and finite.
    pub(crate) fn of_seconds(seconds: f64) -> Option<TimeBuckets> {
        let is_length = seconds > 0.0 && seconds < f64::INFINITY;
        // The cast saturates, and buckets longer than all time are one bucket each side of 1970.
        let width = if seconds.fract() == 0.0 {
            Width::Seconds { length: seconds as i64, origin: 0 }
        } else {
            Width::Fraction(seconds)
        };
        is_length.then_some(TimeBuckets { width, offset: 0 })
    }

    /// Reads `[number] unit [offset]`: `15 minutes`, `hour`, `1 day +02:00`.
    pub(crate) fn from_text(text: &str) -> Option<TimeBuckets> {
        let mut words = text.split_ascii_whitespace().peekable();
        let number = match words.peek()?.bytes().all(|byte| byte.is_ascii_digit()) {
            true => words.next()?.parse().ok().filter(|number| *number > 0)?,
            false => 1,
        };
        let width = width(number, words.next()?)?;
        let offset = words.next().map_or(Some(0), offset)?;
        words.next().is_none().then_some(TimeBuckets { width, offset })
    }

    /// Reads a width as people give it: seconds, or text.
    pub(crate) fn read(number: Option<Number>, text: Option<&[u8]>) -> Option<TimeBuckets> {
        match number {
            Some(seconds) => TimeBuckets::of_seconds(seconds.to_f64()),
            None => TimeBuckets::from_text(std::str::from_utf8(text?).ok()?),
        }
    }

    /// The start of the bucket that holds the moment; `None` when it is out of 64 bits, or the
    /// moment is no finite number.
    pub(crate) fn start(&self, moment: Moment) -> Option<Moment> {
        match self.width {
            Width::Fraction(length) => match self.number(moment) {
                Some(number) => self.start_of(number),
                None => fraction_start(length, moment),
            },
            _ => self.whole_start(self.whole_number(moment)?),
        }
    }

    /// The number of the bucket that holds the moment, counted from the one that begins at 1970 or
    /// at the first Monday of it; `None` where buckets cannot be told apart.
    pub(crate) fn number(&self, moment: Moment) -> Option<i64> {
        /// Up to here a start over the length is nearest to the number that it has.
        const MOST: f64 = (1_u64 << 51) as f64;
        if let Width::Fraction(length) = self.width {
            let Moment::Real(start) = fraction_start(length, moment)? else { return None };
            let number = (start / length).round();
            return (number.abs() <= MOST).then_some(number as i64);
        }
        i64::try_from(self.whole_number(moment)?).ok()
    }

    /// The start of the bucket of that number, the same as of a moment in it.
    pub(crate) fn start_of(&self, number: i64) -> Option<Moment> {
        match self.width {
            Width::Fraction(length) => Some(Moment::Real(number as f64 * length)),
            _ => self.whole_start(i128::from(number)),
        }
    }

    /// Of buckets whose length has no fraction.
    fn whole_number(&self, moment: Moment) -> Option<i128> {
        let second = match moment {
            Moment::Integer(second) => second,
            Moment::Real(second) => whole(second.floor())?,
        };
        let local = i128::from(second) + i128::from(self.offset);
        match self.width {
            Width::Seconds { length, origin } => {
                Some((local - i128::from(origin)).div_euclid(i128::from(length)))
            }
            Width::Months(months) => Some(month_of(local).div_euclid(i128::from(months))),
            Width::Fraction(_) => None,
        }
    }

    fn whole_start(&self, number: i128) -> Option<Moment> {
        let start = match self.width {
            Width::Seconds { length, origin } => number * i128::from(length) + i128::from(origin),
            Width::Months(months) => start_of_month(number.checked_mul(i128::from(months))?),
            Width::Fraction(_) => return None,
        };
        i64::try_from(start - i128::from(self.offset)).ok().map(Moment::Integer)
    }
}

/// A whole number within 64 bits.
fn whole(number: f64) -> Option<i64> {
    const END: f64 = 9_223_372_036_854_775_808.0;
    (-END..END).contains(&number).then_some(number as i64)
}

/// The remainder is exact, and so is what it leaves of the moment but for one rounding: all moments
/// of one bucket get the same start, to the bit.
fn fraction_start(length: f64, moment: Moment) -> Option<Moment> {
    let second = match moment {
        Moment::Integer(second) => second as f64,
        Moment::Real(second) => second,
    };
    let rest = second % length;
    let start = if rest < 0.0 { second - rest - length } else { second - rest };
    start.is_finite().then_some(Moment::Real(start + 0.0))
}

fn width(number: i64, unit: &str) -> Option<Width> {
    let unit = unit.to_ascii_lowercase();
    let seconds =
        |unit: i64, origin| Some(Width::Seconds { length: number.checked_mul(unit)?, origin });
    match unit.strip_suffix('s').unwrap_or(&unit) {
        "second" => seconds(1, 0),
        "minute" => seconds(MINUTE, 0),
        "hour" => seconds(HOUR, 0),
        "day" => seconds(DAY, 0),
        "week" => seconds(WEEK, FIRST_MONDAY),
        "month" => Some(Width::Months(number)),
        "year" => number.checked_mul(MONTHS_A_YEAR).map(Width::Months),
        _ => None,
    }
}

/// `+02:00` as seconds.
fn offset(text: &str) -> Option<i64> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = digits.split_once(':')?;
    let two_digits = |part: &str| -> Option<i64> {
        let is_number = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { part.parse().ok() } else { None }
    };
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    let seconds = hours * HOUR + minutes * MINUTE;
    (minutes < 60 && seconds <= MOST_OFFSET_HOURS * HOUR).then_some(sign * seconds)
}

/// The month, counted from January 1970, in which a second lies.
fn month_of(local: i128) -> i128 {
    let (year, month) = civil(local.div_euclid(i128::from(DAY)));
    (year - 1970) * 12 + month
}

/// The first second of a month counted from January 1970.
fn start_of_month(month: i128) -> i128 {
    days_before(1970 + month.div_euclid(12), month.rem_euclid(12)) * i128::from(DAY)
}

#[cfg(test)]
mod tests {
    use super::super::test_support::Random;
    use super::Moment::{Integer, Real};
    use super::*;

    fn start(width: &str, moment: Moment) -> Option<Moment> {
        TimeBuckets::from_text(width)?.start(moment)
    }

    #[test]
    fn widths_are_read() {
        let seconds = |length, origin| Width::Seconds { length, origin };
        for (text, width, offset) in [
            ("15 minutes", seconds(900, 0), 0),
            ("hour", seconds(3600, 0), 0),
            ("1 day +02:00", seconds(DAY, 0), 7200),
            (" 2  Weeks -05:30 ", seconds(2 * WEEK, FIRST_MONDAY), -19_800),
            ("SECOND", seconds(1, 0), 0),
            ("3 months", Width::Months(3), 0),
            ("10 year +14:00", Width::Months(120), 50_400),
        ] {
            assert_eq!(TimeBuckets::from_text(text), Some(TimeBuckets { width, offset }), "{text}");
        }
        for text in [
            "",
            " ",
            "fortnight",
            "0 days",
            "-1 day",
            "1.5 hours",
            "15minutes",
            "days 2",
            "1 day 02:00",
            "1 day +2:00",
            "1 day +02",
            "1 day +02:60",
            "1 day +14:01",
            "1 day +0a:00",
            "1 day +02:00 x",
            "1 dayss",
            "9223372036854775807 hours",
            "99999999999999999999 days",
            "1 day \u{b1}02:00",
        ] {
            assert_eq!(TimeBuckets::from_text(text), None, "{text}");
        }
        assert_eq!(TimeBuckets::of_seconds(0.0), None);
        assert_eq!(TimeBuckets::of_seconds(-1.0), None);
        assert_eq!(TimeBuckets::of_seconds(f64::INFINITY), None);
    }

    #[test]
    fn buckets_start_where_the_contract_says() {
        // 2026-11-24 13:07:05 UTC, a Tuesday.
        let moment = Integer(1_795_525_625);
        for (width, expected) in [
            ("second", 1_795_525_625),
            ("15 minutes", 1_795_525_200),
            ("day", 1_795_478_400),
            ("1 day +02:00", 1_795_471_200),
            ("week", 1_795_392_000),
            ("month", 1_793_491_200),
            ("year", 1_767_225_600),
            ("year -05:00", 1_767_243_600),
        ] {
            assert_eq!(start(width, moment), Some(Integer(expected)), "{width}");
        }
        assert_eq!(start("week", Integer(0)), Some(Integer(-3 * DAY)));
        assert_eq!(start("day", Integer(-1)), Some(Integer(-DAY)));
        assert_eq!(start("day", Real(-0.5)), Some(Integer(-DAY)));
        assert_eq!(start("5 years", Integer(0)), Some(Integer(0)));
    }

    #[test]
    fn fractions_share_their_start_to_the_bit() {
        let buckets = TimeBuckets::of_seconds(0.1).unwrap();
        assert_eq!(buckets.start(Real(0.25)), Some(Real(0.2)));
        assert_eq!(buckets.start(Real(-0.05)), Some(Real(-0.1)));
        assert_eq!(TimeBuckets::of_seconds(0.5).unwrap().start(Integer(3)), Some(Real(3.0)));
        for bucket in -1000..1000 {
            let low = f64::from(bucket) * 0.1 + 0.01;
            let first = buckets.start(Real(low));
            assert!((1..8).all(|i| buckets.start(Real(low + f64::from(i) / 100.0)) == first));
        }
    }

    /// Numbers ascend with time, and lead back to the start.
    #[test]
    fn numbers_and_starts_are_one() {
        let widths = ["second", "7 minutes", "1 day +05:30", "2 weeks", "month -03:00", "5 years"];
        let mut buckets: Vec<_> =
            widths.iter().map(|width| TimeBuckets::from_text(width)).collect();
        buckets.extend([0.1, 1e-5, 2.5, 1e300].map(TimeBuckets::of_seconds));
        let mut random = Random::new(25);
        for buckets in buckets.into_iter().flatten() {
            for _ in 0..500 {
                let second = random.below(4_000_000_000) as f64 / 2.0 - 1e9;
                let moment = Real(second + random.below(1000) as f64 / 999.0);
                let number = buckets.number(moment).unwrap();
                assert_eq!(buckets.start_of(number), buckets.start(moment), "{buckets:?}");
                let next = buckets.start_of(number + 1).map(|start| buckets.number(start));
                // With a fraction a start is rounded, down too.
                let is_rounded = matches!(buckets.width, Width::Fraction(_));
                let is_next = |next| next == Some(number + 1) || is_rounded && next == Some(number);
                assert!(next.is_none_or(is_next), "{buckets:?}");
            }
        }
        assert_eq!(TimeBuckets::of_seconds(1e-9).unwrap().number(Real(1.7e9)), None);
    }

    #[test]
    fn what_does_not_fit_has_no_start() {
        assert_eq!(start("day", Real(1e18)), Some(Integer(999_999_999_999_993_600)));
        assert_eq!(start("day", Real(1e300)), None);
        assert_eq!(start("day", Real(f64::NEG_INFINITY)), None);
        assert_eq!(start("day", Integer(i64::MIN)), None);
        assert_eq!(start("month", Integer(i64::MIN)), None);
        assert!(start("month", Integer(i64::MAX)).is_some());
        assert_eq!(TimeBuckets::of_seconds(0.1).unwrap().start(Real(f64::INFINITY)), None);
        assert_eq!(TimeBuckets::of_seconds(1e300).unwrap().start(Integer(5)), Some(Integer(0)));
    }
}
