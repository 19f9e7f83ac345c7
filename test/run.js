// Proves the project: types, lint and format, then every test, on the Node that npm put first on the PATH.
// `node test/run.js [agents] [WORD ...]`: with words, only the test files whose path holds one of them (and no types or lint);
// `agents` runs the real agent CLIs against the mock provider, which needs a network namespace and downloads.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { cpus } from 'node:os';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const words = process.argv.slice(2);
const agents = words[0] === 'agents';
if (agents) words.shift();

const failures = [];
let passed = 0;
let skipped = 0;

if (words.length === 0 && !agents) {
  for (const step of ['types', 'lint']) {
    const { status } = spawnSync('npm', ['run', '--silent', step], { stdio: 'inherit' });
    if (status === 0) passed++;
    else failures.push(`npm run ${step}`);
  }
}

const all = globSync('test/**/*.test.{ts,tsx}').sort();
const files = all
  .filter((file) => file.startsWith('test/agents-real/') === agents)
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)));

/** Runs test files, prints what they say, and resolves with what became of their tests. */
function prove(files, concurrency) {
  const seen = { passed: 0, skipped: 0, failures: [] };
  const isFile = (event) => event.nesting === 0 && files.some((file) => event.name.endsWith(file));
  const stream = run({
    files,
    concurrency,
    // An install is 364 MB.
    timeout: agents ? 1_200_000 : 180_000,
    execArgv: ['--import', 'tsx'],
    isolation: 'process',
  });
  // A file counts only when it failed as a whole (a crash, a timeout): otherwise its tests do.
  stream.on('test:pass', (event) => {
    if (event.details.type === 'suite' || isFile(event)) return;
    if (event.skip === undefined) seen.passed++;
    else seen.skipped++;
  });
  stream.on('test:fail', (event) => {
    if (event.details.type === 'suite') return;
    if (isFile(event) && event.details.error?.failureType === 'subtestsFailed') return;
    seen.failures.push({ file: event.file ?? '', name: event.name });
  });
  stream.compose(new spec()).pipe(process.stdout, { end: false });
  return new Promise((resolve) => {
    stream.on('end', () => setImmediate(() => resolve(seen)));
  });
}

// One real CLI after the other: two files would install it twice, and its start alone takes a core for a second.
const first = await prove(files, agents ? 1 : Math.max(1, cpus().length));
passed += first.passed;
skipped += first.skipped;
const sentence = ({ file, name }) => `${file}: ${name}`;
const again = [...new Set(first.failures.map(({ file }) => file).filter((file) => file !== ''))];
if (files.length === 0) failures.push('no test file was found');
else if (again.length === 0 || agents || words.length > 0) failures.push(...first.failures.map(sentence));
else {
  // What measures time may fail on a machine that is busy with its neighbours. Alone it must hold, and it is named.
  console.log(`once more, one file at a time: ${again.join(' ')}`);
  const second = await prove(again, 1);
  const still = new Set(second.failures.map(sentence));
  for (const failure of first.failures.map(sentence)) {
    if (still.has(failure)) continue;
    passed++;
    console.log(`passed only when run alone: ${failure}`);
  }
  failures.push(...still);
}
for (const failure of failures) console.log(`failed: ${failure}`);
console.log(`${passed} passed, ${failures.length} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exitCode = failures.length === 0 ? 0 : 1;
