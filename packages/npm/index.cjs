'use strict'
const fs = require('fs')
const path = require('path')
const { optionalDependencies } = require('./package.json')

/** Whether this program runs on musl: its own file names its loader. `libc` is not kept everywhere. */
function isMusl () {
  if (process.platform !== 'linux') return false
  const head = Buffer.alloc(8192)
  const file = fs.openSync(process.execPath, 'r')
  try {
    fs.readSync(file, head, 0, head.length, 0)
  } finally {
    fs.closeSync(file)
  }
  return head.includes('/ld-musl-')
}

/** The library without its suffix: with one, SQLite hides why it could not be loaded. */
function getLoadablePath () {
  const platform = `${process.platform}-${process.arch}${isMusl() ? '-musl' : ''}`
  const name = `@jarvis-stats/${platform}`
  let folder
  try {
    folder = path.dirname(require.resolve(`${name}/package.json`))
  } catch {
    throw new Error(name in optionalDependencies
      ? `jarvis-stats: ${name} is not installed; install without --omit=optional, on this platform`
      : `jarvis-stats: no library for ${platform}, only for ` +
        Object.keys(optionalDependencies).map(one => one.split('/')[1]).join(', '))
  }
  // The system's loader cannot look into Electron's archive.
  folder = folder.replace(/app\.asar(?=[\\/])/, 'app.asar.unpacked')
  return path.join(folder, process.platform === 'win32' ? 'jarvis_stats' : 'libjarvis_stats')
}

/** Loads the functions into a connection of better-sqlite3, node:sqlite, bun:sqlite or libsql. */
function load (db) {
  db.loadExtension(getLoadablePath())
}

module.exports = { getLoadablePath, load }
