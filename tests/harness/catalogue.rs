//! What is registered, read from `jarvis_stats_debug()`: a test that has to hold for every function
//! goes through this list, so that a new function is in it from its first day.
//!
//! A line is `kind | name(arguments) | answer | innocuous, trusted or direct | sentence | sample`. The
//! sample is an expression that works on every telemetry table; [`Entry::question`] makes a
//! statement of it.

use super::{Connection, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Scalar,
    Aggregate,
    Table,
    /// Used by the extension itself alone; answers nobody.
    Internal,
}

/// One form in which a function is called.
#[derive(Clone, Debug)]
pub struct Entry {
    pub kind: Kind,
    pub name: String,
    pub arguments: Vec<String>,
    /// A type and a unit; of a table function, what a row is.
    pub answer: String,
    /// Whether a stranger's view may use it under `trusted_schema=OFF`.
    pub is_innocuous: bool,
    /// Whether no schema may call it: it writes.
    pub is_direct: bool,
    pub sentence: String,
    pub sample: String,
}

impl Entry {
    fn parse(line: &str) -> Option<Entry> {
        let parts: Vec<&str> = line.split(" | ").collect();
        let [kind, call, answer, flag, sentence, sample] = parts[..] else { return None };
        let kind = match kind {
            "scalar" => Kind::Scalar,
            "aggregate" => Kind::Aggregate,
            "table" => Kind::Table,
            "internal" => Kind::Internal,
            _ => return None,
        };
        let (name, arguments) = call.strip_suffix(')')?.split_once('(')?;
        let arguments = arguments.split(", ").filter(|name| !name.is_empty());
        Some(Entry {
            kind,
            name: name.to_owned(),
            arguments: arguments.map(str::to_owned).collect(),
            answer: answer.to_owned(),
            is_innocuous: match flag {
                "innocuous" => true,
                "trusted" | "direct" => false,
                _ => return None,
            },
            is_direct: flag == "direct",
            sentence: sentence.to_owned(),
            sample: sample.to_owned(),
        })
    }

    /// `name/count`, as SQLite tells functions apart.
    pub fn form(&self) -> String {
        format!("{}/{}", self.name, self.arguments.len())
    }

    /// The sample as a statement on a database with a telemetry table.
    pub fn question(&self) -> String {
        let Entry { sample, .. } = self;
        match self.kind {
            Kind::Scalar => format!("SELECT {sample}"),
            Kind::Aggregate => format!("SELECT {sample} FROM telemetry"),
            Kind::Table => format!("SELECT * FROM {sample}"),
            Kind::Internal => panic!("{} is not for people", self.name),
        }
    }

    /// Whether asking the sample reads the telemetry table.
    pub fn reads_telemetry(&self) -> bool {
        self.kind == Kind::Aggregate
            || self.sample.contains("telemetry")
            || self.takes("source")
            || all().iter().any(|other| other.name == self.name && other.takes("source"))
    }

    /// Whether there is an argument of this name.
    pub fn takes(&self, argument: &str) -> bool {
        self.arguments.iter().any(|name| name == argument)
    }

    /// Whether its rows are those of the telemetry table, in their order, and no summary of them.
    pub fn gives_each_call(&self) -> bool {
        self.kind == Kind::Table && self.answer == "one row per call"
    }
}

/// Every form of every function, internal ones too, in the order in which they are registered.
pub fn all() -> Vec<Entry> {
    let Value::Text(text) = Connection::memory().value("SELECT jarvis_stats_debug()") else {
        panic!("jarvis_stats_debug() is not text");
    };
    let text = String::from_utf8(text).expect("UTF-8");
    let entries: Vec<Entry> = text.lines().filter_map(Entry::parse).collect();
    let lines = text.lines().filter(|line| line.contains(" | ")).count();
    assert!(lines > 0 && entries.len() == lines, "not all lines are understood:\n{text}");
    entries
}

/// Every form of every function for people.
pub fn public() -> Vec<Entry> {
    all().into_iter().filter(|entry| entry.kind != Kind::Internal).collect()
}

/// Every form of this kind.
pub fn of_kind(kind: Kind) -> Vec<Entry> {
    all().into_iter().filter(|entry| entry.kind == kind).collect()
}

/// Each name for people once.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = public().into_iter().map(|entry| entry.name).collect();
    names.dedup();
    names
}

/// The samples of all aggregates, as a list of columns; `over` follows each, `OVER (...)` or
/// nothing.
pub fn aggregates(over: &str) -> String {
    let calls = of_kind(Kind::Aggregate).into_iter().map(|entry| format!("{}{over}", entry.sample));
    calls.collect::<Vec<_>>().join(", ")
}

/// Statements that between them ask everything that reads the telemetry table: each table function
/// and scalar alone; the aggregates together, plain, by group and over a window.
pub fn questions() -> Vec<String> {
    let alone = public().into_iter().filter(|e| !e.is_direct && e.kind != Kind::Aggregate);
    let alone = alone.filter(|e| e.reads_telemetry() && e.name != "rollup_status");
    let mut questions: Vec<String> = alone.map(|entry| entry.question()).collect();
    let over = " OVER (ORDER BY timestamp ROWS 9 PRECEDING)";
    questions.push(format!("SELECT {} FROM telemetry", aggregates("")));
    questions.push(format!("SELECT model_id, {} FROM telemetry GROUP BY 1", aggregates("")));
    questions.push(format!("SELECT {} FROM telemetry", aggregates(over)));
    questions
}
