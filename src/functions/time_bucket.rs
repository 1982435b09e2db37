//! `time_bucket(width, timestamp)`: start of the bucket in which a moment lies, Unix seconds.
//!
//! 1. INTEGER, or REAL when the width has a fraction.
//! 2. width: seconds above 0 in any numeric form, or text: an optional whole number, a unit
//!    (second, minute, hour, day, week, month, year, with or without s, in any case) and an
//!    optional offset from UTC: '15 minutes', 'hour', '1 day +02:00'.
//! 3. Buckets are counted from 1970-01-01 00:00 at that offset, weeks from Monday, 1970-01-05;
//!    months and years follow the Gregorian calendar. No named zones, no daylight saving.
//! 4. timestamp: Unix seconds in any numeric form; NULL gives NULL; anything else, and what is out
//!    of 64 bits, is an error.
//! 5. Cost: constant.
//!
//! Source of the definition: argument order and name as in TimescaleDB and DuckDB.

use crate::ffi::{
    About, Arguments, Connection, Context, Form, Forms, Kind, Output, Result, Scalar, Takes, Trust,
};
use crate::stats::{Moment, Number, TimeBuckets};

/// `time_bucket`.
pub(crate) struct TimeBucket;

fn read_width(arguments: &Arguments<'_>) -> Option<TimeBuckets> {
    let value = arguments.value(0)?;
    let text = (value.kind() == Kind::Text).then(|| value.text());
    TimeBuckets::read(value.as_number(), text)
}

fn read_moment(arguments: &Arguments<'_>) -> Option<Moment> {
    match arguments.value(1)?.as_number()? {
        Number::Integer(seconds) => Some(Moment::Integer(seconds)),
        Number::Real(seconds) => Some(Moment::Real(seconds)),
    }
}

impl Scalar for TimeBucket {
    const NAME: &'static str = "time_bucket";
    const FORMS: Forms =
        &[Form { arguments: &["width", "timestamp"], sample: "time_bucket('1 day', 1795525625)" }];
    const TRUST: Trust = Trust::Innocuous;
    const ABOUT: About = About {
        answer: "INTEGER, Unix seconds; REAL for a width with a fraction",
        sentence: "start of the bucket of time in which a moment lies",
    };

    fn call(_: &Connection<'_>, arguments: &Arguments<'_>, output: &Context) -> Result<()> {
        let buckets =
            read_width(arguments).ok_or_else(|| arguments.unexpected(0, Takes::Width.wanted()))?;
        if arguments.value(1).is_none_or(|value| value.kind() == Kind::Null) {
            return Ok(());
        }
        let start = read_moment(arguments).and_then(|moment| buckets.start(moment));
        match start.ok_or_else(|| arguments.unexpected(1, "Unix seconds or NULL"))? {
            Moment::Integer(seconds) => output.integer(seconds),
            Moment::Real(seconds) => output.real(seconds),
        }
        Ok(())
    }
}
