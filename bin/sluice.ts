#!/usr/bin/env node
// Loads on any Node.js that knows modules: an old one gets a message instead of a syntax error.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
  console.error(`[ERROR] NODE_VERSION: sluice needs Node.js 22.13 or newer, this is ${process.version}`);
  process.exit(1);
}
// node:sqlite is announced as experimental, and kafkajs asks for timeouts in the past: neither is of use to a user.
const UNTOLD = ['ExperimentalWarning', 'TimeoutNegativeWarning'];
process.removeAllListeners('warning').on('warning', (warning) => {
  if (!UNTOLD.includes(warning.name)) console.error(`${warning.name}: ${warning.message}`);
});
const { main } = await import('../lib/cli/main.ts');
await main();
