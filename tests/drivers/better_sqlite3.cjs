// npm better-sqlite3.
const { talk } = require('./conversation.cjs')
const Database = require('better-sqlite3')

function open() {
  const db = new Database('telemetry.db')
  db.loadExtension('./libjarvis_stats')
  return db
}

talk(open, (db, sql, values) => db.prepare(sql).all(...values))
