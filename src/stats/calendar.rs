//! Buckets of time: which one a moment of Unix time lies in, at a fixed offset from UTC.

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

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
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

    /// The start of the bucket that holds the moment; `None` when it is out of 64 bits, or the
    /// moment is no finite number.
    pub(crate) fn start(&self, moment: Moment) -> Option<Moment> {
        if let Width::Fraction(length) = self.width {
            return fraction_start(length, moment);
        }
        let second = match moment {
            Moment::Integer(second) => second,
            Moment::Real(second) => whole(second.floor())?,
        };
        let local = i128::from(second) + i128::from(self.offset);
        let start = match self.width {
            Width::Seconds { length, origin } => {
                let (length, origin) = (i128::from(length), i128::from(origin));
                local - (local - origin).rem_euclid(length)
            }
            Width::Months(months) => month_start(local, i128::from(months)),
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

/// The first second of the bucket of so many months.
fn month_start(local: i128, months: i128) -> i128 {
    let (year, month) = civil(local.div_euclid(i128::from(DAY)));
    let since_1970 = (year - 1970) * 12 + month;
    let first = since_1970 - since_1970.rem_euclid(months);
    days_before(1970 + first.div_euclid(12), first.rem_euclid(12)) * i128::from(DAY)
}

/// Days of the Gregorian calendar from 0000-03-01 to 1970-01-01. Years that start in March have the
/// leap day last.
const EPOCH: i128 = 719_468;
const DAYS_IN_400_YEARS: i128 = 146_097;

/// Days from 1970-01-01 to the first of that month, from 0 for January.
fn days_before(year: i128, month: i128) -> i128 {
    let (year, from_march) = if month < 2 { (year - 1, month + 10) } else { (year, month - 2) };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let days = 365 * year + year / 4 - year / 100 + (153 * from_march + 2) / 5;
    era * DAYS_IN_400_YEARS + days - EPOCH
}

/// Year and month, from 0 for January, of a day counted from 1970-01-01.
fn civil(day: i128) -> (i128, i128) {
    // Within one of the year and the month looked for: the mean length of both is known.
    let mut year = 1970 + (day * 400).div_euclid(DAYS_IN_400_YEARS);
    while days_before(year, 0) > day {
        year -= 1;
    }
    while days_before(year + 1, 0) <= day {
        year += 1;
    }
    let month = (0..12).rev().find(|month| days_before(year, *month) <= day);
    (year, month.unwrap_or_default())
}

#[cfg(test)]
mod tests {
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
    fn every_day_has_its_month() {
        let is_leap = |year: i128| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let mut day = days_before(1600, 0);
        for year in 1600..2401 {
            let february = if is_leap(year) { 29 } else { 28 };
            for (month, length) in (0..).zip([31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
            {
                assert_eq!(days_before(year, month), day);
                for _ in 0..length {
                    assert_eq!(civil(day), (year, month), "day {day}");
                    day += 1;
                }
            }
        }
        assert_eq!(days_before(1970, 0), 0);
        for second in [i64::MIN, i64::MAX] {
            let (year, month) = civil(i128::from(second).div_euclid(i128::from(DAY)));
            assert!((0..12).contains(&month) && year.abs() > 292_000_000_000);
        }
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
