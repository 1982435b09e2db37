// node:sqlite of node 22 or newer, and of deno (deno run --allow-read --allow-write --allow-ffi).
const { talk } = require('./conversation.cjs')
const { DatabaseSync } = require('node:sqlite')

function open() {
  const db = new DatabaseSync('telemetry.db', { allowExtension: true })
  db.loadExtension('./libjarvis_stats')
  return db
}

talk(open, (db, sql, values) => db.prepare(sql).all(...values))
