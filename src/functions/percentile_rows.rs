//! What `quantile` and `quantile_ci` keep of their rows: the values, and a p that is the same for
//! all of them.

use super::constant::Constant;
use crate::ffi::{Arguments, Result, SqlError};
use crate::stats::{Number, RankedValues};

/// 1 GiB of doubles.
const MOST_VALUES: usize = 1 << 27;

/// The rows of a group or a frame: x is argument 0, p argument 1.
pub(super) struct PercentileRows<P> {
    values: RankedValues,
    rows: i64,
    p: Constant<P>,
}

impl<P> Default for PercentileRows<P> {
    fn default() -> Self {
        PercentileRows { values: RankedValues::default(), rows: 0, p: Constant::default() }
    }
}

impl<P: PartialEq> PercentileRows<P> {
    /// Takes a row, whose p `read` tells. A NULL x is left out.
    #[inline(always)]
    pub(super) fn add(
        &mut self,
        row: &Arguments<'_>,
        read: fn(&Arguments<'_>, usize) -> Result<P>,
    ) -> Result<()> {
        self.p.take(row, 1, read)?;
        if let Some(x) = row.number(0)?.map(Number::to_f64) {
            if self.values.len() >= MOST_VALUES {
                return Err(too_many(row));
            }
            self.values.add(x)?;
        }
        self.rows += 1;
        Ok(())
    }

    /// Takes back an earlier `add`.
    #[inline(always)]
    pub(super) fn remove(&mut self, row: &Arguments<'_>) -> Result<()> {
        self.rows -= 1;
        match row.number(0)? {
            Some(x) => Ok(self.values.remove(x.to_f64())?),
            None => Ok(()),
        }
    }

    /// The p and the values; `None` without rows, as no p is known then.
    pub(super) fn all(&mut self) -> Option<(&P, &mut RankedValues)> {
        let p = self.p.get().filter(|_| self.rows > 0)?;
        Some((p, &mut self.values))
    }
}

#[cold]
fn too_many(row: &Arguments<'_>) -> SqlError {
    let function = row.function();
    SqlError::new(format!(
        "{function}: more than {MOST_VALUES} values, which take 1 GiB; take sketch(x), whose size \
         does not grow with them"
    ))
}
