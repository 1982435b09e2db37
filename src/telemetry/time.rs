//! Time arguments: Unix seconds, an SQLite time value, or a modifier on now.
//!
//! A number beyond the year 9999 that is a day of these years in milliseconds, microseconds or
//! nanoseconds is an error that says so: as seconds it would find no rows, or all of them. Larger
//! numbers are bounds like infinity.

use super::arguments::{SINCE, UNTIL, given, got_number};
use crate::ffi::{Call, Connection, Kind, OwnedValue, Result, SqlError, Statement, Step};
use crate::stats::Number;

/// A moment in Unix seconds, as exact as it was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Seconds {
    /// Whole seconds.
    Integer(i64),
    /// Seconds and parts of one.
    Real(f64),
}

impl Seconds {
    /// Binds the moment to a parameter.
    pub(super) fn bind(self, statement: &mut Statement<'_>, index: i32) -> Result<()> {
        match self {
            Seconds::Integer(seconds) => statement.bind_integer(index, seconds),
            Seconds::Real(seconds) => statement.bind_real(index, seconds),
        }
    }

    /// A literal, or an expression of literals, that SQLite reads as this very moment.
    pub(super) fn in_sql(self, connection: &Connection<'_>) -> Result<String> {
        let seconds = match self {
            // The least integer has no literal.
            Seconds::Integer(i64::MIN) => return Ok("(-9223372036854775807 - 1)".to_owned()),
            Seconds::Integer(seconds) => return Ok(seconds.to_string()),
            Seconds::Real(seconds) => seconds,
        };
        if seconds.is_infinite() {
            return Ok(if seconds > 0.0 { "9e999" } else { "-9e999" }.to_owned());
        }
        let literal = format!("{seconds:?}");
        // Not every SQLite reads the last of 17 digits as it was meant.
        let mut statement = connection.prepare(&format!("SELECT {literal} = ?1"))?;
        statement.bind_real(1, seconds)?;
        let is_read = statement.step()? == Step::Row && statement.column_integer(0) == 1;
        Ok(if is_read { literal } else { fraction(seconds) })
    }
}

/// A number of seconds over a power of two: both are read exactly.
fn fraction(seconds: f64) -> String {
    let (mut above, mut below) = (seconds, 1.0);
    while above.fract() != 0.0 && below < 1e15 {
        above *= 2.0;
        below *= 2.0;
    }
    format!("({above:.0} / {below:.1})")
}

/// Both ends, inclusive; `None` is open.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Bounds {
    /// Not before.
    pub(crate) since: Option<Seconds>,
    /// Not after.
    pub(crate) until: Option<Seconds>,
}

/// What an argument says before SQLite has read any time text in it.
enum Given<'c> {
    Nothing,
    Moment(Seconds),
    Text(&'c OwnedValue),
}

/// Reads the arguments `since` and `until`, as far as the function has them. UTC, to the
/// millisecond; both see the same now.
pub(super) fn bounds(call: &Call<'_, '_>) -> Result<Bounds> {
    let (one, other) = (read(call, SINCE.name)?, read(call, UNTIL.name)?);
    let (mut since_text, mut until_text) = (None, None);
    if matches!(one, Given::Text(_)) || matches!(other, Given::Text(_)) {
        [since_text, until_text] = read_time_texts(call, [&one, &other])?;
    }
    let resolve = |given: Given<'_>, text: Option<f64>, name: &str| match given {
        Given::Nothing => Ok(None),
        Given::Moment(moment) => Ok(Some(moment)),
        Given::Text(value) => match text {
            Some(seconds) => Ok(Some(Seconds::Real(seconds))),
            None => Err(expected_time(call, name, value)),
        },
    };
    Ok(Bounds {
        since: resolve(one, since_text, SINCE.name)?,
        until: resolve(other, until_text, UNTIL.name)?,
    })
}

fn read<'c>(call: &Call<'_, 'c>, name: &str) -> Result<Given<'c>> {
    let Some(value) = given(call, name) else { return Ok(Given::Nothing) };
    match value.as_number() {
        Some(number) => match finer_unit(number) {
            Some(unit) => Err(call.argument_error(name, format!("{value}, {unit}"))),
            None => Ok(Given::Moment(match number {
                Number::Integer(seconds) => Seconds::Integer(seconds),
                Number::Real(seconds) => Seconds::Real(seconds),
            })),
        },
        // SQLite's time functions read up to a NUL and would take the rest for nothing.
        None if value.text().is_some_and(|text| !text.contains(&0)) => Ok(Given::Text(value)),
        None => Err(expected_time(call, name, value)),
    }
}

/// What a number is that can only be a moment in a finer unit than seconds.
fn finer_unit(number: Number) -> Option<&'static str> {
    const YEAR_10000: f64 = 253_402_300_800.0;
    const YEAR_2100: f64 = 4_102_444_800.0;
    let [high, low] = number.as_doubles();
    let seconds = high + low;
    let says = [
        (1e3, "which is milliseconds: divide by 1000"),
        (1e6, "which is microseconds: divide by 1000000"),
        (1e9, "which is nanoseconds: divide by 1000000000"),
    ];
    if seconds < YEAR_10000 {
        return None;
    }
    says.into_iter().find(|(parts, _)| seconds <= YEAR_2100 * parts).map(|(_, says)| says)
}

fn expected_time(call: &Call<'_, '_>, name: &str, value: &OwnedValue) -> SqlError {
    call.argument_error(name, got_number(value))
}

/// SQLite reads the texts: as a time value first, then as a modifier on now. One statement, since
/// `now` stands still within one.
fn read_time_texts(call: &Call<'_, '_>, texts: [&Given<'_>; 2]) -> Result<[Option<f64>; 2]> {
    let mut statement = call.connection.prepare(
        "SELECT coalesce(julianday(?1), julianday('now', ?1)), coalesce(julianday(?2), julianday('now', ?2))",
    )?;
    for (index, text) in (1..).zip(texts) {
        if let Given::Text(value) = text {
            statement.bind_text(index, value.text().unwrap_or_default())?;
        }
    }
    if statement.step()? == Step::Done {
        return Ok([None, None]);
    }
    Ok([0, 1].map(|column| {
        (statement.column_kind(column) == Kind::Real)
            .then(|| unix_seconds(statement.column_real(column)))
    }))
}

/// SQLite's clock counts whole milliseconds; a Julian day number holds them with room to spare.
fn unix_seconds(julian_day: f64) -> f64 {
    const MILLISECONDS_A_DAY: f64 = 86_400_000.0;
    const UNIX_EPOCH: f64 = 210_866_760_000_000.0;
    ((julian_day * MILLISECONDS_A_DAY).round() - UNIX_EPOCH) / 1000.0
}

#[cfg(test)]
mod tests {
    use super::{Number, finer_unit, fraction, unix_seconds};

    #[test]
    fn a_fraction_is_the_number() {
        assert_eq!(fraction(0.5), "(1 / 2.0)");
        assert_eq!(fraction(-7.0), "(-7 / 1.0)");
        let seconds = 1_790_000_000.123_456_7_f64;
        let text = fraction(seconds);
        let (above, below) =
            text.trim_matches(&['(', ')'][..]).split_once(" / ").expect("a fraction");
        let read = |text: &str| text.parse::<f64>().expect("a number");
        assert_eq!(read(above) / read(below), seconds);
        assert!(above.len() <= 16, "{above} has more digits than a double");
    }

    #[test]
    fn finer_units_are_found_by_their_size() {
        let unit = |number| finer_unit(number).and_then(|says| says.split(' ').nth(2));
        for seconds in [0.0, -1.7e12, 1_793_491_200.0, 253_402_300_799.0, 9e18, 1e300, 1.0 / 0.0] {
            assert_eq!(unit(Number::Real(seconds)), None, "{seconds}");
        }
        assert_eq!(unit(Number::Integer(i64::MAX)), None);
        assert_eq!(unit(Number::Integer(1_793_491_200_000)), Some("milliseconds:"));
        assert_eq!(unit(Number::Real(1_793_491_200_000_000.0)), Some("microseconds:"));
        assert_eq!(unit(Number::Integer(1_793_491_200_000_000_000)), Some("nanoseconds:"));
    }

    #[test]
    fn julian_days_become_milliseconds() {
        assert_eq!(unix_seconds(2_440_587.5), 0.0);
        assert_eq!(unix_seconds(2_440_587.5 + 0.123 / 86_400.0), 0.123);
        assert_eq!(unix_seconds(2_440_588.5), 86_400.0);
    }
}
