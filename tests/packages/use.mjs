// The installed npm package as a module.
import assert from 'assert'
import { createRequire } from 'module'
import { getLoadablePath, load } from 'jarvis-stats'

const common = createRequire(import.meta.url)('jarvis-stats')
assert.strictEqual(getLoadablePath, common.getLoadablePath)
assert.strictEqual(load, common.load)
console.log('npm: CommonJS and ESM')
