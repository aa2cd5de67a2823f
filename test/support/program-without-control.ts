// The program with a control process that ends while it loads.

if (process.env['EVENKEEL_PROCESS'] === 'control') process.exit(7)
const { main } = await import('../../src/main.ts')
await main()
