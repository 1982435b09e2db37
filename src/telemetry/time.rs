//! Time arguments: Unix seconds, an SQLite time value, or a modifier on now.
//!
//! A number beyond the year 9999 that is a day of these years in milliseconds, microseconds or
//! nanoseconds is an error that says so: as seconds it would find no rows, or all of them. Larger
//! numbers are bounds like infinity.
//!
//! A range of times is one text, `'from/to'`, each side as above or empty.

use super::arguments::{SINCE, UNTIL, given, got_number};
use crate::ffi::{Call, Connection, Kind, OwnedValue, Result, SqlError, Statement, Step};
use crate::stats::{Moment, Number};

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

    /// The same for arithmetic.
    pub(super) fn moment(self) -> Moment {
        match self {
            Seconds::Integer(seconds) => Moment::Integer(seconds),
            Seconds::Real(seconds) => Moment::Real(seconds),
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

impl From<Seconds> for OwnedValue {
    fn from(seconds: Seconds) -> Self {
        match seconds {
            Seconds::Integer(seconds) => OwnedValue::Integer(seconds),
            Seconds::Real(seconds) => OwnedValue::Real(seconds),
        }
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
    Text(&'c [u8]),
}

/// Reads the arguments `since` and `until`, as far as the function has them. UTC, to the
/// millisecond; both see the same now.
pub(super) fn bounds(call: &Call<'_, '_>) -> Result<Bounds> {
    let names = [SINCE.name, UNTIL.name];
    let [since, until] = names.map(|name| read(call, name));
    let [since, until] = resolve(call, names, [since?, until?])?;
    Ok(Bounds { since, until })
}

/// Reads two arguments that are ranges of times; all four ends see the same now.
pub(super) fn ranges(
    call: &Call<'_, '_>,
    [first, second]: [&'static str; 2],
) -> Result<[Bounds; 2]> {
    let ([a, b], [c, d]) = (read_range(call, first)?, read_range(call, second)?);
    let [a, b, c, d] = resolve(call, [first, first, second, second], [a, b, c, d])?;
    Ok([Bounds { since: a, until: b }, Bounds { since: c, until: d }])
}

/// What SQLite's clock says, Unix seconds.
pub(crate) fn now(call: &Call<'_, '_>) -> Result<f64> {
    let mut statement = call.connection.prepare("SELECT julianday('now')")?;
    statement.step()?;
    Ok(unix_seconds(statement.column_real(0)))
}

fn read<'c>(call: &Call<'_, 'c>, name: &str) -> Result<Given<'c>> {
    let Some(value) = given(call, name) else { return Ok(Given::Nothing) };
    let read = understand(value.as_number(), value.text());
    read.map_err(|unit| refused(call, name, value, unit))
}

fn read_range<'c>(call: &Call<'_, 'c>, name: &str) -> Result<[Given<'c>; 2]> {
    let Some(value) = call.argument(name) else {
        return Err(call.argument_error(name, "nothing"));
    };
    let text = value.text().unwrap_or_default();
    let Some(slash) = text.iter().position(|byte| *byte == b'/') else {
        return Err(call.argument_error(name, value));
    };
    let end = |text: Option<&'c [u8]>| match text.unwrap_or_default().trim_ascii() {
        [] => Ok(Given::Nothing),
        text => understand(Number::from_text(text), Some(text))
            .map_err(|unit| refused(call, name, value, unit)),
    };
    Ok([end(text.get(..slash))?, end(text.get(slash + 1..))?])
}

/// A moment, as a number or as text that SQLite will read; or what unit a number is in that is none.
fn understand(
    number: Option<Number>,
    text: Option<&[u8]>,
) -> std::result::Result<Given<'_>, Option<&'static str>> {
    match (number, text) {
        (Some(number), _) => match (finer_unit(number), number) {
            (Some(unit), _) => Err(Some(unit)),
            (None, Number::Integer(seconds)) => Ok(Given::Moment(Seconds::Integer(seconds))),
            (None, Number::Real(seconds)) => Ok(Given::Moment(Seconds::Real(seconds))),
        },
        // SQLite's time functions read up to a NUL and would take the rest for nothing.
        (None, Some(text)) if !text.contains(&0) => Ok(Given::Text(text)),
        (None, _) => Err(None),
    }
}

#[cold]
fn refused(call: &Call<'_, '_>, name: &str, value: &OwnedValue, unit: Option<&str>) -> SqlError {
    match unit {
        Some(unit) => call.argument_error(name, format!("{value}, {unit}")),
        None => call.argument_error(name, got_number(value)),
    }
}

/// The moments that arguments of these names give.
fn resolve<const N: usize>(
    call: &Call<'_, '_>,
    names: [&str; N],
    ends: [Given<'_>; N],
) -> Result<[Option<Seconds>; N]> {
    let has_text = ends.iter().any(|end| matches!(end, Given::Text(_)));
    let texts = if has_text { read_time_texts(call, &ends)? } else { [None; N] };
    let mut moments = [None; N];
    for (((moment, name), end), text) in moments.iter_mut().zip(names).zip(ends).zip(texts) {
        *moment = match (end, text) {
            (Given::Nothing, _) => None,
            (Given::Moment(seconds), _) => Some(seconds),
            (Given::Text(_), Some(seconds)) => Some(Seconds::Real(seconds)),
            (Given::Text(_), None) => {
                let value = call.argument(name).unwrap_or(&OwnedValue::Null);
                return Err(refused(call, name, value, None));
            }
        };
    }
    Ok(moments)
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

/// SQLite reads the texts: as a time value first, then as a modifier on now. One statement, since
/// `now` stands still within one.
fn read_time_texts<const N: usize>(
    call: &Call<'_, '_>,
    ends: &[Given<'_>; N],
) -> Result<[Option<f64>; N]> {
    let terms: Vec<String> =
        (1..=N).map(|n| format!("coalesce(julianday(?{n}), julianday('now', ?{n}))")).collect();
    let mut statement = call.connection.prepare(&format!("SELECT {}", terms.join(", ")))?;
    for (index, end) in (1..).zip(ends) {
        if let Given::Text(text) = end {
            statement.bind_text(index, text)?;
        }
    }
    let mut seconds = [None; N];
    if statement.step()? == Step::Row {
        for (column, seconds) in (0..).zip(&mut seconds) {
            *seconds = (statement.column_kind(column) == Kind::Real)
                .then(|| unix_seconds(statement.column_real(column)));
        }
    }
    Ok(seconds)
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
