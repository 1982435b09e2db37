// npm libsql. Give loadExtension the path alone: with a second argument it ends the process.
const { talk } = require('./conversation.cjs')
const Database = require('libsql')

function open() {
  const db = new Database('telemetry.db')
  db.loadExtension('./libjarvis_stats')
  return db
}

talk(open, (db, sql, values) => db.prepare(sql).all(...values))
