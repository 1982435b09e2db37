// A person at Datasette's pages: browser.cjs ADDRESS FOLDER-FOR-SCREENSHOTS
const assert = require('node:assert/strict')
const { chromium } = require('playwright-core')

const [address, folder] = process.argv.slice(2)
const cells = table => table.locator('tbody tr').evaluateAll(rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim())))
const head = table => table.locator('thead th').evaluateAll(cells => cells.map(cell => cell.innerText.trim()))

const tests = {
  async 'the database page lists the saved questions'(page) {
    await page.goto(address)
    await Promise.all([page.waitForEvent('load'), page.getByRole('link', { name: 'office calls.2026' }).click()])
    await page.screenshot({ path: `${folder}/1-database.png`, fullPage: true })
    for (const name of ['Overview', 'By model', 'By engine', 'By batch', 'Slowest hours']) {
      assert.equal(await page.getByRole('link', { name, exact: true }).count(), 1, name)
    }
  },

  async 'by model, from a date on, typed into the form'(page) {
    await open(page, 'By model')
    assert.match(await page.locator('body').innerText(), /Both ends belong to the range/)
    assert.equal((await cells(page.locator('table.rows-and-columns'))).length, 3, 'empty fields mean no bound')
    await page.getByLabel('since').fill('2026-01-03')
    await page.getByLabel('until').fill('1767402000')
    await run(page)
    const table = page.locator('table.rows-and-columns')
    assert.deepEqual((await head(table)).slice(0, 4), ['model', 'calls', 'tokens_in', 'tokens_out'])
    assert.deepEqual((await cells(table)).map(row => row.slice(0, 4)), [
      ['Qwen3-8B', '1', '12', '4'],
      ['llama3.2:3b', '1', '10', '6']
    ])
    await page.screenshot({ path: `${folder}/2-by-model.png`, fullPage: true })
  },

  async 'a wrong date says so on the page'(page) {
    await page.getByLabel('since').fill('yesterdayish')
    await run(page)
    const text = await page.locator('body').innerText()
    assert.match(text, /model_stats: argument 1 \(since\): expected Unix seconds or a time value \('2026-11-01', '-7 days'\), got 'yesterdayish'/)
    await page.screenshot({ path: `${folder}/3-error.png`, fullPage: true })
  },

  async 'overview'(page) {
    await open(page, 'Overview')
    const table = page.locator('table.rows-and-columns')
    assert.deepEqual(await head(table), ['calls', 'tokens', 'cost_usd', 'busy_hours', 'energy_wh', 'tokens_per_second',
      'joules_per_token', 'itl_ms', 'gpu_percent'])
    assert.deepEqual((await cells(table)).map(row => row.slice(0, 5)), [['8', '128', '0.875', '0.0042', '0.0057']])
    await page.screenshot({ path: `${folder}/4-overview.png`, fullPage: true })
  },

  async 'by engine'(page) {
    await open(page, 'By engine')
    assert.deepEqual((await cells(page.locator('table.rows-and-columns'))).map(row => row.slice(0, 3)), [['ollama', '4', '64'], ['vllm', '4', '64']])
  },

  async 'by batch, without warm-up calls'(page) {
    await open(page, 'By batch')
    await page.getByLabel('exclude_warmup').fill('1')
    await run(page)
    assert.deepEqual(await cells(page.locator('table.rows-and-columns')), [['b-2', '4', '64', '13.63', '0.2129'], ['b-1', '1', '16', '2.5', '0.1563']])
    await page.screenshot({ path: `${folder}/5-by-batch.png`, fullPage: true })
  },

  async 'slowest hours, and its bounds are those of the other questions'(page) {
    await open(page, 'Slowest hours')
    const table = page.locator('table.rows-and-columns')
    const all = await cells(table)
    assert.equal(all.length, 8)
    assert.deepEqual(all[0], ['2026-01-03 00:00', '1', '12.5', '3.25', '3.25', '16.5', '0.8542'])
    for (const [since, until, hours] of [['2026-01-03', '', 3], ['1767398400', '1767398400', 1], ['', '2026-01-02', 4], ['-7 days', '', 0]]) {
      await page.getByLabel('since').fill(since)
      await page.getByLabel('until').fill(until)
      await run(page)
      assert.equal((await cells(table)).length, hours, `${since} .. ${until}`)
    }
    await page.getByLabel('since').fill('')
    await page.getByLabel('min_calls').fill('2')
    await run(page)
    assert.equal((await cells(table)).length, 0, 'no hour has two calls')
    await page.getByLabel('until').fill('soon')
    await run(page)
    assert.match(await page.locator('body').innerText(), /argument 2 \(until\): expected Unix seconds or a time value \('2026-11-01', '-7 days'\), got 'soon'/)
    await open(page, 'Slowest hours')
    await page.screenshot({ path: `${folder}/6-slowest-hours.png`, fullPage: true })
  }
}

// Presses the form's button and waits for the page that answers.
async function run(page) {
  await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Run SQL' }).click()])
}

async function open(page, name) {
  await page.goto(address)
  await Promise.all([page.waitForEvent('load'), page.getByRole('link', { name: 'office calls.2026' }).click()])
  await Promise.all([page.waitForEvent('load'), page.getByRole('link', { name, exact: true }).click()])
}

async function main() {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
  })
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  page.setDefaultTimeout(15000)
  let passed = 0
  let failed = 0
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test(page)
      console.log(`ok      ${name}`)
      passed++
    } catch (error) {
      console.log(`FAILED  ${name}\n${error.message}`)
      await page.screenshot({ path: `${folder}/failed-${failed}.png`, fullPage: true })
      failed++
    }
  }
  await browser.close()
  console.log(`${passed} passed, ${failed} failed, 0 skipped`)
  process.exitCode = failed ? 1 : 0
}

main()
