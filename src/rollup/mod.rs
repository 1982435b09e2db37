//! Roll-ups: an index for statistics. Made by an explicit call, used without being named, never
//! changes an answer, only its time.
//!
//! A roll-up keeps the exact sums of stretches of 65,536 rowids, the chunks, in two tables beside
//! the table that it is of. Exact sums do not depend on how rows were split, so that stored sums
//! and a scan of the rows without any give what a scan of all rows gives, to the last bit.
//!
//! Three triggers of plain SQL, which work in processes that never heard of this extension, take
//! the sums of a chunk away before, or with, any change of its rows. A chunk without sums is
//! scanned: the newest one, which still grows, one that was changed, and one whose sums would take
//! more than they save.
//!
//! What the triggers cannot see must not happen unnoticed: `ALTER TABLE`, a dropped trigger, an
//! index through which `REPLACE` deletes rows. So the roll-up remembers the file's schema version,
//! which SQLite counts up with every change of the schema, and is set aside when it has moved. The
//! next refresh makes it anew.

mod answer;
mod chunk;
mod drop;
mod place;
mod plan;
mod refresh;
mod standing;
mod status;
mod transaction;
mod verify;

pub(crate) use answer::scan_or_roll_up;
pub(crate) use drop::drop_rollup;
pub(crate) use refresh::{Refreshed, refresh};
pub(crate) use status::{Status, status};
pub(crate) use verify::verify;
