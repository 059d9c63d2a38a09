/** `node import-time.ts MODULE`: milliseconds from the start of the process to its first statement, and from there until MODULE is loaded; JSON. */
const began = performance.now();
const [module = ''] = process.argv.slice(2);
await import(module);
console.log(JSON.stringify({ started: began, imported: performance.now() - began }));
process.exit(0);
