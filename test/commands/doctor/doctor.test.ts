/** What the doctor finds: programs on a PATH of our own making, and a terminal described in words. */
import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { versionOf } from '../../../source/commands/doctor/programs.ts';
import { terminalFindings } from '../../../source/commands/doctor/terminal.ts';
import { findProgram } from '../../../source/supervisor/process/find-program.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'looptop-doctor-'));
  await mkdir(join(folder, 'bin'));
  await mkdir(join(folder, 'bin', 'folder'));
  await program('agent', 'echo "agent 2.1.7 (Claude Code)"');
  await program('hangs', 'exec sleep 30');
  await program('fails', 'echo 1.2.3; exit 1');
  await writeFile(join(folder, 'bin', 'text'), 'no program');
});
after(() => rm(folder, { recursive: true, force: true }));

async function program(name: string, script: string): Promise<void> {
  const file = join(folder, 'bin', name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

test('a program is found on the PATH when it can be executed, and not otherwise', () => {
  const path = `/nowhere:${join(folder, 'bin')}`;
  assert.equal(findProgram('agent', path), join(folder, 'bin', 'agent'));
  assert.equal(findProgram(join(folder, 'bin', 'agent'), ''), join(folder, 'bin', 'agent'));
  for (const none of ['text', 'folder', 'missing']) assert.equal(findProgram(none, path), null, none);
});

test('a version is what the program prints; one that fails or hangs has none', async () => {
  assert.equal(await versionOf(join(folder, 'bin', 'agent'), '--version'), '2.1.7');
  assert.equal(await versionOf(join(folder, 'bin', 'fails'), '--version'), null);
  assert.equal(await versionOf(join(folder, 'bin', 'hangs'), '--version', 300), null);
});

const states = (...given: Parameters<typeof terminalFindings>) =>
  Object.fromEntries(
    terminalFindings(...given).map(({ name, state, advice }) => [name, advice === null ? state : `${state}!`]),
  );

test('a good terminal has nothing to complain of, a poor one says what to set', () => {
  const good = { columns: 120, rows: 40, depth: 24, env: { TERM: 'xterm-256color', LANG: 'de_DE.UTF-8' } };
  assert.deepEqual(states(good), { terminal: 'ok', colour: 'ok', encoding: 'ok' });
  const poor = { columns: 120, rows: 40, depth: 1, env: { TERM: 'dumb', LANG: 'C' } };
  assert.deepEqual(states(poor), { terminal: 'poor!', colour: 'poor!', encoding: 'poor!' });
  assert.deepEqual(states({ ...good, columns: 20 }).terminal, 'poor!');
  assert.deepEqual(states({ ...good, columns: null, rows: null }), { terminal: 'missing!' });
  assert.deepEqual(states({ ...good, env: { ...good.env, LC_ALL: 'C' } }).encoding, 'poor!', 'LC_ALL wins over LANG');
});
