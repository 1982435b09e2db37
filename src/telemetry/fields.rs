//! What the rules of [`super::calls`] read of a row, each as one SQL expression.

use super::input::Input;
use super::kinds::{IS_REMOTE, IS_RESEARCH, IS_WARM_UP};
use super::sides::Sides;
use super::source::Source;
use crate::ffi::{Connection, Result};

/// Number of fields.
pub(super) const FIELD_COUNT: usize = 16;

/// What the rules read of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Field {
    /// `timestamp`, Unix seconds. The first: whether it is a number is looked at.
    Start,
    /// `latency_seconds`
    Latency,
    /// `ttft`, seconds
    Ttft,
    /// `is_streaming`
    IsStreaming,
    /// 1 where the engine times the first token also without streaming.
    TimesFirstToken,
    /// `completion_tokens`, below 0 where there is none.
    CompletionTokens,
    /// `mean_itl_ms`
    MeanItl,
    /// `std_itl_ms`, below 0 where there is none: here 0 can be true.
    StdItl,
    /// `prompt_tokens`
    PromptTokens,
    /// `energy_joules`
    Energy,
    /// `power_watts`
    Power,
    /// 1 where the model ran elsewhere.
    IsRemote,
    /// 1 for a run of the research agent.
    IsResearch,
    /// 1 for a warm-up.
    IsWarmUp,
    /// `cost_usd`
    Cost,
    /// The sides of a comparison that it is on, as bits: see [`super::Sides`].
    Side,
}

/// Fields, each with what it is read from.
pub(super) const FIELDS: [(Field, Input); FIELD_COUNT] = [
    (Field::Start, Input::Rule("{timestamp}")),
    (Field::Latency, Input::Rule("{latency_seconds}")),
    (Field::Ttft, Input::Rule("{ttft}")),
    (Field::IsStreaming, Input::Rule("{is_streaming}")),
    (Field::TimesFirstToken, Input::Rule("{engine} = 'afm'")),
    (Field::CompletionTokens, Input::Rule("ifnull({completion_tokens}, -1)")),
    (Field::MeanItl, Input::Rule("{mean_itl_ms}")),
    (Field::StdItl, Input::Rule("ifnull({std_itl_ms}, -1)")),
    (Field::PromptTokens, Input::Rule("{prompt_tokens}")),
    (Field::Energy, Input::Rule("{energy_joules}")),
    (Field::Power, Input::Rule("{power_watts}")),
    (Field::IsRemote, IS_REMOTE),
    (Field::IsResearch, IS_RESEARCH),
    (Field::IsWarmUp, IS_WARM_UP),
    (Field::Cost, Input::Rule("{cost_usd}")),
    (Field::Side, Input::Rule("NULL")),
];

/// The fields that a statistic asked for.
#[derive(Debug)]
pub(crate) struct Fields {
    /// Their numbers, ascending, as a row brings them.
    places: Vec<usize>,
    sides: Option<Sides>,
}

impl Fields {
    /// These, each once.
    pub(crate) fn new(wanted: &[Field]) -> Self {
        let mut places: Vec<usize> = wanted.iter().map(|field| *field as usize).collect();
        places.sort_unstable();
        places.dedup();
        Fields { places, sides: None }
    }

    /// These, and the sides of a comparison that a call is on.
    pub(crate) fn and_sides(mut self, sides: Sides) -> Self {
        self.places.push(Field::Side as usize);
        self.sides = Some(sides);
        self
    }

    /// Their expressions; a column that the source lacks is NULL in them.
    pub(crate) fn expressions(
        &self,
        connection: &Connection<'_>,
        source: &Source,
    ) -> Result<Vec<String>> {
        let mut expressions = Vec::new();
        for (field, input) in self.places.iter().filter_map(|place| FIELDS.get(*place)) {
            let sql = input.expression(connection, source)?.sql;
            expressions.push(match (field, &self.sides) {
                (Field::Side, Some(sides)) => sides.expression().to_owned(),
                // As a condition it is left at the first term that decides; as a value SQLite
                // works out all of them.
                (Field::IsRemote | Field::IsResearch, _) => format!("CASE WHEN {sql} THEN 1 END"),
                _ => sql,
            });
        }
        Ok(expressions)
    }

    /// What has to be bound to the statement of these expressions.
    pub(super) fn take_sides(&mut self) -> Option<Sides> {
        self.sides.take()
    }

    /// Whether the start is one of them.
    pub(super) fn has_start(&self) -> bool {
        self.places.first() == Some(&(Field::Start as usize))
    }

    /// How many they are.
    pub(super) fn count(&self) -> usize {
        self.places.len()
    }

    /// A number for each field there is, of the values of a row; 0 where it was not asked for.
    #[inline(always)]
    pub(super) fn numbers(&self, values: impl Iterator<Item = f64>) -> [f64; FIELD_COUNT] {
        let mut fields = [0.0; FIELD_COUNT];
        for (place, value) in self.places.iter().zip(values) {
            if let Some(field) = fields.get_mut(*place) {
                *field = value;
            }
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_at_their_numbers() {
        for (number, (field, _)) in FIELDS.iter().enumerate() {
            assert_eq!(*field as usize, number);
        }
    }
}
