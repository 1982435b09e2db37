// A person at Datasette's pages: browser.cjs ADDRESS FOLDER-FOR-SCREENSHOTS
const assert = require('node:assert/strict')
const { chromium } = require('playwright-core')

const [address, folder] = process.argv.slice(2)
const cells = table => table.locator('tbody tr').evaluateAll(rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim())))
const head = table => table.locator('thead th').evaluateAll(cells => cells.map(cell => cell.innerText.trim()))

const tests = {
  async 'the database page lists the saved questions'(page) {
    await page.goto(address)
    await Promise.all([page.waitForEvent('load'), page.getByRole('link', { name: 'office-calls-2026' }).click()])
    await page.screenshot({ path: `${folder}/1-database.png`, fullPage: true })
    for (const name of ['Dashboard', 'Overview', 'By model', 'Latency', 'By engine', 'By batch', 'Slowest hours']) {
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
    assert.deepEqual(await head(table), ['calls', 'tokens', 'cost_usd', 'hours_of_calls', 'energy_wh', 'tokens_per_second',
      'itl_ms', 'gpu_percent'])
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
  },

  async 'latency: a percentile that so few calls cannot bound is an empty cell'(page) {
    await open(page, 'Latency')
    const rows = await cells(page.locator('table.rows-and-columns'))
    const e2el = rows.find(row => row[1] === 'e2el')
    assert.match(e2el[6], /^[0-9.]+$/)
    assert.equal(e2el[8], '')
  },

  async 'times of the table are dates'(page) {
    await page.goto(`${address}/demo/telemetry?_size=3&timestamp__lt=4e9`)
    for (const row of await cells(page.locator('table.rows-and-columns'))) {
      assert.match(row[1], /^2026-10-\d\d \d\d:\d\d:\d\d\.\d{3}$/)
    }
  },

  async 'the dashboard of the example'(page) {
    await dashboard(page, 'demo', '')
    const [{ calls, tokens }] = await ask(page, `SELECT printf('%,d', count(*)) AS calls, printf('%,d', sum(completion_tokens)) AS tokens
      FROM telemetry WHERE engine <> 'instrumented' AND timestamp BETWEEN 1672531200 AND 4102444800`)
    assert.equal(await metric(page, 'calls-total'), calls)
    assert.equal(await metric(page, 'tokens-total'), tokens)
    const models = await page.locator('#chart-ttft svg.marks .mark-symbol.role-mark path').count()
    assert.ok(models > 20, `points of percentiles: ${models}`)
    assert.match(await page.locator('#chart-calls-by-day svg.marks').textContent(), /06 Oct/)
    const table = await cells(page.locator('#chart-models table'))
    assert.equal(table.length, 12)
    assert.equal(table[0][0], 'meta-llama/Llama-3.1-8B-Instruct')
    assert.equal(table[0][3], '', 'no cost was recorded')
    const [{ p50, p95 }] = await ask(page, `SELECT printf('%.3f', p50) AS p50, printf('%.3f', p95) AS p95 FROM latency_stats()
      WHERE metric = 'ttft' AND key = 'meta-llama/Llama-3.1-8B-Instruct'`)
    assert.deepEqual(table[0].slice(4, 6), [p50, p95])
    const [{ token }] = await ask(page, `SELECT round(j_per_output_token, 3) AS token FROM energy_stats()
      WHERE key = 'deepseek-ai/DeepSeek-V3.1' AND joules > 0`)
    const bars = await page.locator('#chart-energy svg.marks [aria-label*=DeepSeek]').evaluateAll(all => all.map(one => one.getAttribute('aria-label')))
    assert.ok(bars.some(bar => bar.startsWith(`J per output token: ${token};`)), `${token} in ${bars}`)
    await page.screenshot({ path: `${folder}/7-dashboard.png`, fullPage: true })
  },

  async 'what the doctor finds, and the calls that it means'(page) {
    await dashboard(page, 'demo', '')
    const found = await cells(page.locator('#chart-doctor table'))
    const told = await ask(page, "SELECT trap, printf('%,d', calls) AS calls FROM telemetry_doctor()")
    assert.deepEqual(found.map(row => row.slice(1, 3)), told.map(row => [row.trap, row.calls]))
    for (const trap of ['energy_impossible', 'text_in_number']) {
      const row = page.locator('#chart-doctor tbody tr', { hasText: trap })
      const calls = await row.locator('td').nth(2).innerText()
      const link = await row.locator('a').getAttribute('href')
      const json = new URL(link.replace('?', '.json?_shape=array&'), page.url()).href
      assert.equal((await (await page.request.get(json)).json()).length, Number(calls), trap)
    }
  },

  async 'the dashboard by its filters'(page) {
    await dashboard(page, 'demo', '')
    await page.locator('#since').fill('2026-10-20')
    await page.locator('#until').fill('2026-10-21')
    await page.locator('#engine').selectOption('cloud')
    await page.locator('#model').selectOption('gpt-4o-mini')
    await page.locator('#agent').selectOption('researcher')
    await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Apply' }).click()])
    await drawn(page)
    const [{ calls, last }] = await ask(page, `SELECT count(*) AS calls, max(date(timestamp, 'unixepoch')) AS last FROM telemetry
      WHERE engine = 'cloud' AND model_id = 'gpt-4o-mini' AND agent = 'researcher'
      AND date(timestamp, 'unixepoch') BETWEEN '2026-10-20' AND '2026-10-21'`)
    assert.ok(calls > 0)
    assert.equal(await metric(page, 'calls-total'), String(calls))
    assert.deepEqual((await cells(page.locator('#chart-models table'))).map(row => [row[0], row[8]]), [['gpt-4o-mini', last]])
    assert.equal(await metric(page, 'energy-total'), '', 'a call to the cloud has no energy')
    await page.screenshot({ path: `${folder}/8-dashboard-filtered.png`, fullPage: true })
  },

  async 'the dashboard of a range without calls'(page) {
    await dashboard(page, 'demo', '?since=2030-01-01')
    assert.equal(await metric(page, 'calls-total'), '0')
    assert.deepEqual((await cells(page.locator('#chart-models table'))).map(row => row[0]), ['no calls'])
    await page.screenshot({ path: `${folder}/9-dashboard-empty.png`, fullPage: true })
  },

  async 'names that are HTML stay names, and what was not measured is empty'(page) {
    await dashboard(page, 'odd', '')
    const [row] = await cells(page.locator('#chart-models table'))
    assert.equal(row[0], '<img src=x onerror=alert(1)>&amp;')
    assert.deepEqual(row.slice(2, 8), ['', '', '', '', '', ''])
    assert.equal(await metric(page, 'cost-total'), '')
    await page.screenshot({ path: `${folder}/10-dashboard-odd.png`, fullPage: true })
  },

  async 'a name with a space and a dot has its dashboard'(page) {
    await page.goto(address)
    await Promise.all([page.waitForEvent('load'), page.getByRole('link', { name: 'office-calls-2026' }).click()])
    await Promise.all([page.waitForEvent('load'), page.getByRole('link', { name: 'Dashboard', exact: true }).click()])
    await drawn(page)
    assert.equal(await metric(page, 'calls-total'), '8')
  }
}

const charts = ['calls-by-day', 'tokens-by-day', 'cost-by-day', 'energy', 'ttft', 'tpot']

async function dashboard(page, database, query) {
  await page.goto(`${address}/-/dashboards/${database}${query}`)
  await drawn(page)
}

// All charts are there, without an error of their scripts, and nothing is wider than the window.
async function drawn(page) {
  await page.waitForLoadState('networkidle')
  for (const chart of charts) await page.locator(`#chart-${chart} svg.marks`).waitFor()
  for (const table of ['models', 'doctor']) await page.locator(`#chart-${table} table`).waitFor()
  assert.deepEqual(page.errors.splice(0), [])
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), page.viewportSize().width)
}

const metric = async (page, name) => (await page.locator(`#chart-${name} p`).innerText()).trim()

const ask = async (page, sql) =>
  (await page.request.get(`${address}/demo.json?_shape=array&sql=${encodeURIComponent(sql)}`)).json()

// Presses the form's button and waits for the page that answers.
async function run(page) {
  await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Run SQL' }).click()])
}

async function open(page, name) {
  await page.goto(address)
  await Promise.all([page.waitForEvent('load'), page.getByRole('link', { name: 'office-calls-2026' }).click()])
  await Promise.all([page.waitForEvent('load'), page.getByRole('link', { name, exact: true }).click()])
}

async function main() {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
  })
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 } })
  page.setDefaultTimeout(15000)
  page.errors = []
  page.on('pageerror', error => page.errors.push(error.message))
  page.on('dialog', dialog => { page.errors.push(`dialog: ${dialog.message()}`); dialog.dismiss() })
  page.on('console', message => { if (message.type() === 'error') page.errors.push(message.text()) })
  let passed = 0
  let failed = 0
  for (const [name, test] of Object.entries(tests)) {
    page.errors.length = 0
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
