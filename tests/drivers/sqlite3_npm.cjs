// npm sqlite3: everything answers through callbacks, made promises here.
const { promisify } = require('node:util')
const { talk } = require('./conversation.cjs')
const { Database } = require('sqlite3')

async function open() {
  const db = new Database('telemetry.db')
  await promisify(db.loadExtension).call(db, './libjarvis_stats')
  return { all: promisify(db.all).bind(db), close: promisify(db.close).bind(db) }
}

talk(open, (db, sql, values) => db.all(sql, values))
