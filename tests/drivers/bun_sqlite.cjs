// bun:sqlite.
const { talk } = require('./conversation.cjs')
const { Database } = require('bun:sqlite')

function open() {
  const db = new Database('telemetry.db')
  db.loadExtension('./libjarvis_stats')
  return db
}

talk(open, (db, sql, values) => db.query(sql).all(...values))
