//! What is registered: the one list that `jarvis_stats_debug()` prints and every test reads.

use std::fmt;

/// What a person is told of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct About {
    /// What it answers: a type and a unit; of a table function, what a row is.
    pub(crate) answer: &'static str,
    /// What it is for, in one sentence without a full stop.
    pub(crate) sentence: &'static str,
}

/// Who may call a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Anybody, a stranger's view under `trusted_schema=OFF` too: INNOCUOUS. Of a scalar also that
    /// it always gives the same answer: DETERMINISTIC.
    Innocuous,
    /// The host, and schemas that it trusts: it tells about the host, or about any table.
    Trusted,
    /// Only SQL that the host itself runs, no schema: DIRECTONLY.
    Direct,
}

impl Trust {
    /// As the catalogue says it.
    fn word(self) -> &'static str {
        match self {
            Trust::Innocuous => "innocuous",
            Trust::Trusted => "trusted",
            Trust::Direct => "direct",
        }
    }
}

/// What a registered name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FunctionKind {
    /// A function of one row's values.
    Scalar,
    /// Aggregate and window function.
    Aggregate,
    /// Internal aggregate of any number of arguments.
    Internal,
    /// Table-valued function.
    Table,
}

/// One thing that was registered: a name with one form of its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Registered {
    /// Its SQL name.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) kind: FunctionKind,
    /// Names of the arguments.
    pub(crate) arguments: Vec<&'static str>,
    /// Who may call it.
    pub(crate) trust: Trust,
    /// A call that works on every telemetry table.
    pub(crate) sample: &'static str,
    /// For people.
    pub(crate) about: About,
}

/// `aggregate | avg_itl(itl_ms) | REAL, milliseconds | innocuous | ... | avg_itl(mean_itl_ms)`
impl fmt::Display for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            FunctionKind::Scalar => "scalar",
            FunctionKind::Aggregate => "aggregate",
            FunctionKind::Internal => "internal",
            FunctionKind::Table => "table",
        };
        let (arguments, trust) = (self.arguments.join(", "), self.trust.word());
        let (About { answer, sentence }, sample) = (self.about, self.sample);
        write!(
            f,
            "{kind} | {}({arguments}) | {answer} | {trust} | {sentence} | {sample}",
            self.name
        )
    }
}
