// What the JavaScript drivers share: reading the conversation and printing the transcript.
const fs = require('node:fs')

const kinds = { i: Number, f: Number, t: String, n: () => null }

// open() gives a database with close(); ask(db, sql, values) gives rows as objects, or a promise of them.
exports.talk = async (open, ask) => {
  let db = await open()
  for (const line of fs.readFileSync('conversation.txt', 'utf8').trimEnd().split('\n')) {
    if (line.startsWith('#')) continue
    const [label, sql, ...fields] = line.split('\t')
    console.log('== ' + label)
    try {
      if (label === 'reopen') {
        await db.close()
        db = await open()
        continue
      }
      const rows = await ask(db, sql, fields.map(field => kinds[field[0]](field.slice(2))))
      for (const row of rows) console.log(Object.values(row).map(value => value ?? 'NULL').join('|'))
    } catch (error) {
      console.log('error: ' + error.message)
    }
  }
  await db.close()
}
