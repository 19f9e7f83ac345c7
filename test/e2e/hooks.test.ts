/** The operator's own commands for what happens, with a real supervisor: what they are told, how often, and what becomes of one that hangs. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FIX, Stage } from './stage.ts';

const usage = { input: 100, cacheRead: 1000, cacheWrite: 200, output: 50 };
const asking = { usage, passes: [[{ ask: 'Delete v1? 1) keep `v1` 2) $(touch pwned)' }, FIX, { done: 'Done.' }]] };

/** Appends a line of what it got: the event's name, its arguments, and the facts on its stdin. */
const RECORD =
  'printf \'{"env":"%s","argc":%s,"facts":%s}\\n\' "$LOOPTOP_EVENT" $# "$(tr -d \'\\n\')" >>"$HEARD"; echo told';

interface Heard {
  readonly env: string;
  readonly argc: number;
  readonly facts: {
    readonly id: string;
    readonly event: string;
    readonly why: string;
    readonly answer: string;
    readonly repository: { readonly root: string };
    readonly run: { readonly id: string; readonly state: string; readonly usd: number | null };
  };
}

async function setStage(hooks: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  const stage = await Stage.set(
    [{ name: 'docs', scenario: asking }],
    {},
    { env, inside: ([program = '', ...rest]) => [program, ...rest] },
  );
  Object.assign(stage.env, { HEARD: join(stage.folder, 'heard') });
  await configure(stage, hooks);
  return stage;
}

async function configure(stage: Stage, hooks: Readonly<Record<string, string>>): Promise<void> {
  const folder = join(stage.env.XDG_CONFIG_HOME ?? '', 'looptop');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), JSON.stringify({ hooks }));
}

const heard = async (stage: Stage): Promise<Heard[]> =>
  (await readFile(join(stage.folder, 'heard'), 'utf8').catch(() => ''))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Heard);

async function until<T>(look: () => Promise<T>, good: (found: T) => boolean): Promise<T> {
  for (let tries = 0; tries < 300; tries++) {
    const found = await look();
    if (good(found)) return found;
    await sleep(100);
  }
  throw new Error(`never: ${JSON.stringify(await look())}`);
}

test('a question and its end in green each run their hook once, with the facts on stdin and nothing in argv', async () => {
  await using stage = await setStage({ 'needs-you': RECORD, green: RECORD, failed: RECORD });
  await stage.must('run', 'docs');
  await stage.until('docs-1', ({ state }) => state === 'waiting');
  const [asked] = await until(
    () => heard(stage),
    (all) => all.length === 1,
  );
  assert.deepEqual([asked?.env, asked?.argc, asked?.facts.event], ['needs-you', 0, 'needs-you']);
  assert.equal(asked?.facts.why, 'asks: Delete v1? 1) keep `v1` 2) $(touch pwned)');
  assert.equal(asked?.facts.answer, 'looptop note docs-1 TEXT');
  assert.deepEqual([asked?.facts.run.id, asked?.facts.run.state], ['docs-1', 'waiting']);
  assert.equal(asked?.facts.repository.root, stage.root);

  // By its number, as in the pane.
  await stage.must('note', 'docs-1', '1');
  await stage.until('docs-1', ({ state }) => state === 'review');
  const all = await until(
    () => heard(stage),
    (found) => found.length === 2,
  );
  assert.deepEqual(
    all.map(({ env, facts }) => [env, facts.run.state]),
    [
      ['needs-you', 'waiting'],
      ['green', 'review'],
    ],
  );
  const log = await readFile(join(stage.root, '.looptop', 'hooks', 'log'), 'utf8');
  assert.match(log, /needs-you docs-1: exit 0, \d+ ms\n {2}told\n.*green docs-1: exit 0/);
  assert.ok((await stage.events()).some(({ event }) => event.type === 'note-given' && event.text === '1) keep `v1`'));
});

test('a supervisor that dies while a hook runs makes the same call again, and only that one', async () => {
  const slow = `[ -e "$HEARD" ] || { ${RECORD}; sleep 60; }; ${RECORD}`;
  await using stage = await setStage({ 'needs-you': slow });
  await stage.must('run', 'docs');
  await until(
    () => heard(stage),
    (all) => all.length === 1,
  );
  process.kill(await stage.supervisorPid(), 'SIGKILL');
  await stage.must('ls');
  const all = await until(
    () => heard(stage),
    (found) => found.length === 2,
  );
  assert.equal(all[1]?.facts.id, all[0]?.facts.id);
  process.kill(await stage.supervisorPid(), 'SIGTERM');
  await stage.must('ls');
  await sleep(1000);
  assert.equal((await heard(stage)).length, 2);
});

test('a hook that hangs is ended with all it started, and one that fails says so; neither holds anything up', async () => {
  const hangs = 'sleep 300 & sleep 300';
  await using stage = await setStage(
    { 'needs-you': hangs, green: 'echo no such channel >&2; exit 3' },
    { LOOPTOP_HOOK_MS: '1500' },
  );
  await stage.must('run', 'docs');
  await stage.until('docs-1', ({ state }) => state === 'waiting');
  await stage.must('note', 'docs-1', 'keep it');
  await stage.until('docs-1', ({ state }) => state === 'review');
  const ended = await until(
    async () => (await stage.events()).flatMap(({ event }) => (event.type === 'hook-called' ? [event.failed] : [])),
    (found) => found.length === 2,
  );
  assert.deepEqual(ended, ['it did not end within 1s', 'exit 3']);
  assert.match(await readFile(join(stage.root, '.looptop', 'hooks', 'log'), 'utf8'), /exit 3.*\n {2}no such channel/);
  assert.match(await stage.log(), /hook green/);
});
