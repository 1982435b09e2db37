// use.cjs HOST FILE: the installed npm package in one host, CommonJS.
const assert = require('assert')
const { getLoadablePath, load } = require('jarvis-stats')
const { version } = require('jarvis-stats/package.json')
const [host, file] = process.argv.slice(2)

assert(!/\.(so|dylib|dll)$/.test(getLoadablePath()))
const hosts = {
  'better-sqlite3': Host => new Host(file, { readonly: true }),
  libsql: Host => new Host(file, { readonly: true }),
  'node:sqlite': ({ DatabaseSync }) => new DatabaseSync(file, { allowExtension: true, readOnly: true }),
  'bun:sqlite': ({ Database }) => new Database(file, { readonly: true })
}
const db = hosts[host](require(host))
load(db)
const row = db.prepare(
  'SELECT jarvis_stats_version() AS version, total_calls AS calls, (SELECT count(*) FROM telemetry) AS counted ' +
  'FROM aggregated_stats()').get()
assert.strictEqual(row.version, 'v' + version)
assert.strictEqual(row.calls, row.counted)
console.log(`${host}: ${row.calls} calls, ${row.version}`)
