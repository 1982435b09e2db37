//! The records of a golden file, and putting new answers in their place.

/// What one record wants.
pub enum Body {
    Ok,
    Error { text: String },
    Query { types: String, rows: Vec<String> },
    Include(String),
    Reconnect,
}

pub struct Record {
    /// Where it starts, from 1.
    pub line: usize,
    /// The oldest SQLite that can run it, as `3_030_000`; 0 for all.
    pub requires: i32,
    /// SQL values to bind, or nothing.
    pub bind: String,
    pub sql: String,
    pub body: Body,
    /// The lines of the answer (from 0, end left out): the first line of an error, the rows of a
    /// query.
    answer: std::ops::Range<usize>,
}

impl Record {
    /// Whether there is something to re-record; what must succeed has no other answer.
    pub fn has_answer(&self) -> bool {
        matches!(self.body, Body::Error { .. } | Body::Query { .. })
    }

    /// Put this answer into the file's lines.
    pub fn replace(&self, lines: &mut Vec<String>, got: &[String]) {
        let new = match &self.body {
            Body::Error { .. } => {
                let text = got.first().map_or("", String::as_str);
                let gap = if text.starts_with('(') { "" } else { " " };
                vec![format!("statement error{gap}{text}")]
            }
            _ => got.to_vec(),
        };
        lines.splice(self.answer.clone(), new);
    }
}

pub fn parse(text: &str) -> Result<Vec<Record>, String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut records = Vec::new();
    let mut requires = 0;
    let mut bind = String::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let start = at;
        at += 1;
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let say = |what: &str| Err(format!("line {}: {what}: {line}", start + 1));
        let mut sql = String::new();
        let mut answer = start..start + 1;
        let body = match (word, rest) {
            ("" | "#" | "--", _) => continue,
            ("requires", version) => {
                requires = number(version).ok_or(format!("line {at}: no version: {line}"))?;
                continue;
            }
            ("bind", values) => {
                bind = values.to_owned();
                continue;
            }
            ("include", file) => Body::Include(file.to_owned()),
            ("reconnect", "") => Body::Reconnect,
            ("statement", "ok") => Body::Ok,
            ("statement", rest) if rest.starts_with("error ") => {
                Body::Error { text: rest["error ".len()..].to_owned() }
            }
            ("statement", rest) if rest.starts_with("error(") => {
                Body::Error { text: rest["error".len()..].to_owned() }
            }
            ("query", types) if types.chars().all(|c| "IRTB?".contains(c)) => {
                Body::Query { types: types.to_owned(), rows: Vec::new() }
            }
            _ => return say("not understood"),
        };
        let is_query = matches!(body, Body::Query { .. });
        if is_query || matches!(body, Body::Ok | Body::Error { .. }) {
            while let Some(line) = lines.get(at).filter(|l| !l.is_empty() && **l != "----") {
                sql.push_str(line);
                sql.push('\n');
                at += 1;
            }
            if sql.is_empty() {
                return say("no SQL follows");
            }
        }
        let body = match body {
            Body::Query { types, .. } => {
                if lines.get(at) != Some(&"----") {
                    return say("no ---- after the query");
                }
                at += 1;
                let from = at;
                while lines.get(at).is_some_and(|l| !l.is_empty()) {
                    at += 1;
                }
                answer = from..at;
                let rows = lines[from..at].iter().map(|l| (*l).to_owned()).collect();
                Body::Query { types, rows }
            }
            other => other,
        };
        records.push(Record {
            line: start + 1,
            requires: std::mem::take(&mut requires),
            bind: std::mem::take(&mut bind),
            sql,
            body,
            answer,
        });
    }
    Ok(records)
}

/// `3.30` or `3.30.1` as SQLite numbers its versions.
fn number(version: &str) -> Option<i32> {
    let mut parts = version.split('.').map(|p| p.parse::<i32>().ok());
    let major = parts.next()??;
    let minor = parts.next()??;
    let patch = parts.next().unwrap_or(Some(0))?;
    Some(major * 1_000_000 + minor * 1_000 + patch)
}

/// What the parser and `replace` do with a small file.
pub fn records_are_read_and_re_recorded() {
    let text = "-- rule: x\nrequires 3.30\nbind 1\nquery I\nSELECT ?\n----\n2\n\nstatement error no\nSELECT 1\n\ninclude a.sql\n";
    let records = parse(text).expect("it parses");
    assert_eq!(records.len(), 3);
    assert_eq!((records[0].line, records[0].requires), (4, 3_030_000));
    assert_eq!(records[0].bind, "1");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    records[1].replace(&mut lines, &["(5) busy".to_owned()]);
    records[0].replace(&mut lines, &["1".to_owned(), "3".to_owned()]);
    assert_eq!(lines[6..8], ["1", "3"]);
    assert_eq!(lines[9], "statement error(5) busy");
    assert!(parse("query I\nSELECT 1\n").is_err());
    assert!(parse("quary I\nSELECT 1\n").is_err());
}
