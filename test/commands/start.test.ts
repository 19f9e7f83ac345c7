/** Verbs that start the real supervisor: from nothing, twice at once, after its death, and when it cannot start. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { supervisorEnvironment } from '../../source/commands/start-supervisor.ts';
import { type Bench, bench } from './workbench.ts';

const LOOP = `---
name: green
on: manual
goal: The file colour says green.
agents:
  maker: { engine: shell, run: "echo painting; echo green > colour" }
gates: [grep green colour]
---
Paint it.
`;

let at: Bench;
before(async () => {
  at = await bench();
  await mkdir(join(at.repository, 'loops'));
  await writeFile(join(at.repository, 'loops', 'green.md'), LOOP);
  await writeFile(join(at.repository, 'colour'), 'red\n');
  const git = (...args: string[]) => execFileSync('git', ['-C', at.repository, ...args], { env: at.env });
  git('add', '.');
  git('-c', 'user.name=t', '-c', 'user.email=t@localhost', 'commit', '-qm', 'red');
});
after(async () => {
  await at.looptop('down', '--now', '--yes');
  await at[Symbol.asyncDispose]();
});

const pid = async () => JSON.parse((await at.looptop('up', '--json')).out).pid as number;

test('two verbs at once start one supervisor, in the background, and both reach it', { timeout: 60_000 }, async () => {
  const [one, two] = await Promise.all([pid(), pid()]);
  assert.equal(one, two);
  assert.equal(await pid(), one);
  assert.equal(await readFile(join(at.repository, '.looptop', '.gitignore'), 'utf8'), '*\n');
  assert.equal(execFileSync('git', ['-C', at.repository, 'status', '--porcelain']).toString(), '');
});

test('a loop is trusted, run to green, and can be read in every way', { timeout: 60_000 }, async () => {
  const refused = await at.looptop('run', 'green', '--wait');
  assert.equal(refused.code, 7);
  const silent = await at.looptop('trust');
  assert.equal(silent.code, 7);
  assert.match(silent.out, /gate .*: grep green colour/);
  assert.equal((await at.looptop('trust', '--yes')).code, 0);
  const { code, out } = await at.looptop('run', 'green', '--wait');
  assert.equal(code, 0);
  assert.match(out, /green-1 is green/);
  assert.match((await at.looptop('log', 'green-1')).out, /painting[\s\S]*green/);
  assert.match((await at.looptop('diff', 'green-1')).out, /^\+green$/m);
  const events = (await at.looptop('log', 'green-1', '--json')).out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(events[0].event.type, 'run-queued');
  assert.equal(JSON.parse((await at.looptop('ls', '--json')).out)[0].state, 'review');
});

test('after a supervisor was killed, the next look starts another', { timeout: 60_000 }, async () => {
  const first = await pid();
  process.kill(first, 'SIGKILL');
  for (let tries = 0; tries < 100 && isAlive(first); tries++) await sleep(20);
  const { code, out } = await at.looptop('ls', '--json');
  assert.equal(code, 0);
  assert.equal(JSON.parse(out)[0].id, 'green-1');
  assert.notEqual(await pid(), first);
});

test('a supervisor that cannot start says why in one line', { timeout: 60_000 }, async () => {
  assert.equal((await at.looptop('down', '--yes')).code, 0);
  const configuration = join(at.env.XDG_CONFIG_HOME ?? '', 'looptop', 'config.json');
  await writeFile(configuration, '{"maxAgents": "many", "daily": 3}');
  try {
    const { code, err } = await at.looptop('up');
    // As if the supervisor had been started by hand: its words and its exit code.
    assert.equal(code, 2);
    assert.match(err, /^looptop: [^\n]*config\.json: maxAgents: [^\n]*\n$/);
  } finally {
    await rm(configuration);
  }
});

test("the mark of an agent's run does not pass to a supervisor that the agent starts", () => {
  const env = { PATH: '/bin', LOOPTOP_RUN: 'ab', LOOPTOP_RUN_ID: 'a-1', LOOPTOP_CONTAINMENT: 'marked' };
  assert.deepEqual(supervisorEnvironment(env), { PATH: '/bin', LOOPTOP_CONTAINMENT: 'marked' });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
