//! A sketch as an argument.

use crate::ffi::{Arguments, Kind, Result, Takes};
use crate::stats::Sketch;
use crate::tables::read_sketch;

/// Argument 0 as a sketch; `None` for NULL.
pub(super) fn sketch(arguments: &Arguments<'_>) -> Result<Option<Sketch>> {
    let Some(value) = arguments.value(0).filter(|value| value.kind() != Kind::Null) else {
        return Ok(None);
    };
    let bytes = (value.kind() == Kind::Blob).then(|| value.blob());
    let wanted = Takes::Sketch.wanted();
    read_sketch(bytes, |got| match got {
        Some(got) => arguments.error(0, wanted, got),
        None => arguments.unexpected(0, wanted),
    })
    .map(Some)
}
