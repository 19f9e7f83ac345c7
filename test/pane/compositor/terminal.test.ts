import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { build } from 'esbuild';
import { until } from './screen.ts';

let folder = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'looptop-terminal-'));
  await build({
    entryPoints: [join(import.meta.dirname, 'borrower.tsx')],
    outfile: join(folder, 'borrower.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    alias: { 'react-devtools-core': join(import.meta.dirname, '../../../source/pane/no-devtools.js') },
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
});

after(() => rm(folder, { recursive: true, force: true }));

const GIVEN_BACK = ['?1049l', '?25h', '?2004l', '?1000l'].map((mode) => `\x1b[${mode}`);
let count = 0;

/** Runs `after` the borrower in the same shell, on a terminal of its own (util-linux's script holds the other side of it). */
async function borrow(then = 'echo "EXIT=$?"; stty -a', run = '"$NODE" "$BORROWER"', size = 'cols 60 rows 12') {
  const report = join(folder, `report-${++count}`);
  await writeFile(report, '');
  const script: ChildProcessWithoutNullStreams = spawn(
    'script',
    ['-qfec', `trap : INT; stty ${size}; ${run}; ${then}`, '/dev/null'],
    {
      env: {
        ...process.env,
        SHELL: '/bin/sh',
        TERM: 'xterm-256color',
        NODE: process.execPath,
        BORROWER: join(folder, 'borrower.mjs'),
        REPORT: report,
        CI: 'false',
      },
    },
  );
  let out = '';
  let ended = false;
  script.stdout.on('data', (chunk) => {
    out += chunk;
  });
  script.on('exit', () => {
    ended = true;
  });
  const events = () => readFileSync(report, 'utf8').split('\n');
  const shell = {
    script,
    out: () => out,
    events,
    pid: () =>
      Number(
        events()
          .find((line) => line.startsWith('pid '))
          ?.slice(4),
      ),
    reports: (line: string | RegExp) =>
      until(
        () => events().some((event) => event.match(line)),
        () => [events().slice(-5), out.slice(-400)],
        15_000,
      ),
    shows: (text: string | RegExp) =>
      until(
        () => out.match(text) !== null,
        () => out.slice(-600),
        15_000,
      ),
    type: (keys: string) => script.stdin.write(keys),
    over: () =>
      until(
        () => ended,
        () => out.slice(-600),
        15_000,
      ),
    async [Symbol.asyncDispose]() {
      if (isAlive(shell.pid())) process.kill(shell.pid(), 'SIGKILL');
      script.kill('SIGKILL');
      script.stdin.destroy();
      script.stdout.destroy();
    },
  };
  return shell;
}

function isAlive(pid: number): boolean {
  if (!pid) return false;
  try {
    process.kill(pid, 0);
    // A zombie, whose parent has not asked yet, is as dead as can be.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** The modes were given back after everything else that the program wrote, and the line discipline is the shell's again. */
function assertGivenBack(out: string, exit: number): void {
  const taken = out.lastIndexOf('\x1b[?1049h');
  const given = out.indexOf('\x1b[?1049l', taken);
  assert.ok(taken >= 0 && given > taken, JSON.stringify(out.slice(-600)));
  for (const mode of GIVEN_BACK) assert.ok(out.includes(mode, taken), JSON.stringify(mode));
  assert.doesNotMatch(out.slice(given + 8), /\x1b\[\d*;?\d*H|\x1b\[\?2026h/, 'a frame came after');
  assert.match(out.slice(given), new RegExp(`EXIT=${exit}\\b`));
  assert.match(out.slice(given), /[^-]icanon/);
  assert.match(out.slice(given), /[^-]echo\b/);
}

describe('the terminal is given back', { concurrency: 2, timeout: 60_000 }, () => {
  for (const [way, key, exit, says] of [
    ['when the tree is taken down', 'q', 0, ''],
    ['at process.exit', 'x', 3, ''],
    ['when an exception is thrown, which is told on the normal screen', 't', 1, 'Error: thrown'],
    ['when a rejection is not handled, which is told too', 'r', 1, 'Error: rejected'],
  ] as const) {
    test(way, async () => {
      await using shell = await borrow();
      await shell.shows(/READY/);
      shell.type(key);
      await shell.over();
      assertGivenBack(shell.out(), exit);
      if (says) assert.match(shell.out().slice(shell.out().lastIndexOf('\x1b[?1049l')), new RegExp(says));
    });
  }

  for (const [signal, exit] of [
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ] as const) {
    test(`at ${signal}, of which the process then dies`, async () => {
      await using shell = await borrow();
      await shell.shows(/READY/);
      process.kill(shell.pid(), signal);
      await shell.over();
      assertGivenBack(shell.out(), exit);
    });
  }

  test('while the job is stopped with ctrl-z, and taken again with fg', async () => {
    await using shell = await borrow(
      'echo "STOPPED=$?"; stty -a; fg; echo "EXIT=$?"; stty -a',
      'set -m; "$NODE" "$BORROWER"',
    );
    await shell.shows(/READY/);
    shell.type('\x1a');
    await shell.shows(/STOPPED=148/);
    await shell.shows(/READY[\s\S]*STOPPED=148[\s\S]*[^-]icanon[\s\S]*\x1b\[\?1049h[\s\S]*READY/);
    shell.type('j');
    await shell.reports('key j');
    shell.type('q');
    await shell.over();
    assertGivenBack(shell.out(), 0);
  });

  test('and taken again at once when there is no shell that could continue a stopped job', async () => {
    await using shell = await borrow();
    await shell.shows(/READY/);
    shell.type('\x1a');
    await shell.shows(/READY[\s\S]*\x1b\[\?1049l[\s\S]*\x1b\[\?1049h[\s\S]*READY/);
    shell.type('q');
    await shell.over();
    assertGivenBack(shell.out(), 0);
  });

  test('to a child while suspended, which reads every key, and taken again when the child is done', async () => {
    await using shell = await borrow();
    await shell.shows(/READY/);
    shell.type('s');
    await shell.shows(/\x1b\[\?1049l[\s\S]*CHILD/);
    // Reaches the pane too, being in the same job, and the child handles it: the pane must not die of it.
    shell.type('\x03');
    await shell.shows(/\^C/);
    shell.type('jqx hello\n');
    await shell.reports('child read jqx hello');
    await shell.reports('resumed');
    await shell.shows(/CHILD[\s\S]*\x1b\[\?1049h[\s\S]*READY/);
    shell.type('k');
    await shell.reports('key k');
    assert.ok(!shell.events().includes('key j'), 'a key of the child reached the pane');
    shell.type('q');
    await shell.over();
    assertGivenBack(shell.out(), 0);
  });
});

describe('a terminal that does not behave', { concurrency: 2, timeout: 60_000 }, () => {
  test('that has gone ends the process within a second or so', async () => {
    await using shell = await borrow();
    await shell.shows(/READY/);
    const pid = shell.pid();
    shell.script.kill('SIGKILL');
    const started = performance.now();
    await until(() => !isAlive(pid));
    assert.ok(performance.now() - started < 2500);
  });

  test('that has gone, and does not say so by SIGHUP, ends the process all the same', async () => {
    await using shell = await borrow('true', 'setsid -w "$NODE" "$BORROWER"');
    await shell.shows(/READY/);
    const pid = shell.pid();
    shell.script.kill('SIGKILL');
    await shell.reports(/^gone /);
    const started = performance.now();
    await until(() => !isAlive(pid));
    assert.ok(performance.now() - started < 2500);
  });

  test('that stops reading neither stops the event loop nor keeps the process from ending', async () => {
    await using shell = await borrow('true', '"$NODE" "$BORROWER"', 'cols 200 rows 50');
    await shell.shows(/READY/);
    shell.script.stdout.pause();
    shell.type('f');
    await shell.reports(/dropped [1-9]\d/);
    const gaps = shell.events().flatMap((line) => line.match(/^gap (\d+)/)?.[1] ?? []);
    // With process.stdout.write it is as long as the stall; here it is what a busy machine takes away.
    assert.ok(Math.max(...gaps.map(Number)) < 800, `the event loop was away for ${gaps.at(-1)} ms`);
    const pid = shell.pid();
    process.kill(pid, 'SIGTERM');
    await until(() => !isAlive(pid));
  });
});
