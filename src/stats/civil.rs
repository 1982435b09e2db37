//! The Gregorian calendar, as days counted from 1970-01-01.

/// Seconds of a day.
pub(super) const DAY: i64 = 24 * 60 * 60;

/// Days of the Gregorian calendar from 0000-03-01 to 1970-01-01. Years that start in March have the
/// leap day last.
const EPOCH: i128 = 719_468;
const DAYS_IN_400_YEARS: i128 = 146_097;

/// Days from 1970-01-01 to the first of that month, from 0 for January.
pub(super) fn days_before(year: i128, month: i128) -> i128 {
    let (year, from_march) = if month < 2 { (year - 1, month + 10) } else { (year, month - 2) };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let days = 365 * year + year / 4 - year / 100 + (153 * from_march + 2) / 5;
    era * DAYS_IN_400_YEARS + days - EPOCH
}

/// Year and month, from 0 for January, of a day counted from 1970-01-01.
pub(super) fn civil(day: i128) -> (i128, i128) {
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

/// `YYYY-MM-DD HH:MM:SS` in UTC; `None` outside the years 0 to 9999.
pub(crate) fn utc_text(second: i64) -> Option<String> {
    let (day, rest) = (second.div_euclid(DAY), second.rem_euclid(DAY));
    let (year, month) = civil(i128::from(day));
    let day = i128::from(day) - days_before(year, month) + 1;
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    (0..10_000).contains(&year).then(|| {
        let month = month + 1;
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_second_as_text() {
        let text = |second| utc_text(second);
        assert_eq!(text(0).as_deref(), Some("1970-01-01 00:00:00"));
        assert_eq!(text(1_795_525_625).as_deref(), Some("2026-11-24 13:07:05"));
        assert_eq!(text(951_868_799).as_deref(), Some("2000-02-29 23:59:59"));
        assert_eq!(text(-1).as_deref(), Some("1969-12-31 23:59:59"));
        assert_eq!(text(253_402_300_799).as_deref(), Some("9999-12-31 23:59:59"));
        assert_eq!(text(253_402_300_800), None);
        assert_eq!((text(i64::MIN), text(i64::MAX)), (None, None));
    }
}
