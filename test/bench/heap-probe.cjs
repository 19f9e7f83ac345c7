// Loaded into a measured process with --require: at SIGUSR2 it collects all garbage and writes the MiB that are left to LOOPTOP_HEAP/PID.
// Resident memory alone cannot tell a leak from a collection that V8 has put off.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

if (process.env.LOOPTOP_HEAP) {
  process.on('SIGUSR2', () => {
    globalThis.gc();
    const { heapUsed, external } = process.memoryUsage();
    writeFileSync(join(process.env.LOOPTOP_HEAP, String(process.pid)), String((heapUsed + external) / 1024 / 1024));
  });
}
