/** The log of a run, told from real transcript files in a folder as the supervisor leaves them. */
import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { spoken } from '../../../source/commands/log/spoken.ts';
import { rawStory, story } from '../../../source/commands/log/story.ts';
import type { RunState } from '../../../source/loop/state.ts';
import { gate, pass, run } from '../../pane/fleet-fixture.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'looptop-log-'));
});
after(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, text: string): Promise<string> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, 'out'), text);
  return join(folder, name, 'out');
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

const finished = (passes: RunState['passes']) => run('fix', 1, { passes, agent: null });
const shellPass = (n: number, gates: RunState['passes'][number]['gates'] = []) =>
  pass(n, '', { engine: 'shell', model: 'standard', gates });

test('passes come in order, each with its agents as they ran and then its gates', async () => {
  await write('1-maker', 'first\n');
  await write('1-maker.2', 'again\n');
  await write('1-maker.10', 'and again\n');
  await write('2-maker', 'second\n');
  await mkdir(join(folder, '1-gate-unit'), { recursive: true });
  const red = gate('unit', 'red', { exit: 1, summary: 'expected 3, saw 2', tail: 'FAIL retry\n' });
  const lines = await all(story(folder)(finished([shellPass(1, [red]), shellPass(2, [gate('unit', 'green')])])));
  const order = ['first', 'again', 'and again', 'unit red exit 1', 'FAIL retry', 'second', 'unit green'];
  const found = order.map((words) => lines.findIndex((line) => line.includes(words)));
  assert.ok(!found.includes(-1), lines.join('\n'));
  assert.deepEqual(
    found,
    found.toSorted((a, b) => a - b),
    lines.join('\n'),
  );
});

test('told again, it tells what is new and nothing twice, and an unfinished line waits for its end', async () => {
  const file = await write('3-maker', 'one\ntw');
  const working = run('fix', 1, { passes: [shellPass(3)] });
  const { agent } = working;
  assert.ok(agent !== null);
  const now = { ...working, agent: { ...agent, id: '3-maker' as typeof agent.id, engine: 'shell' as const } };
  const tell = story(folder);
  const first = await all(tell(now));
  assert.match(first.join('\n'), /one/);
  assert.doesNotMatch(first.join('\n'), /tw/);
  await appendFile(file, 'o\n');
  const second = await all(tell(now));
  assert.equal(second.filter((line) => line.includes('two')).length, 1);
  assert.equal(second.filter((line) => line.includes('one')).length, 0);
  assert.deepEqual(await all(tell(now)), []);
});

test('raw is the bytes, whatever they are', async () => {
  const file = await write('4-maker', '');
  const bytes = Buffer.from([0x1b, 0x5d, 0xff, 0x00, 0x0a, 0xe2]);
  await writeFile(file, bytes);
  const chunks = await all(rawStory(folder)(finished([shellPass(4)])));
  assert.deepEqual(Buffer.concat(chunks), bytes);
});

test('nothing an agent says or does steers the terminal', () => {
  const evil = 'a\u001b]0;title\u0007b\u001b[2Jc\u009b31md\u202ee\rf';
  const events = [
    { type: 'thought', text: evil },
    { type: 'said', text: `${evil}\n${evil}` },
    { type: 'acted', id: '1', tool: evil, input: evil, hash: '' },
    { type: 'observed', id: '1', ok: false, output: evil, hash: '' },
    { type: 'asked', id: '1', question: evil },
    { type: 'retrying', reason: evil, inMs: 5 },
    { type: 'ended', outcome: 'failed', error: evil },
    { type: 'unknown', raw: evil },
  ] as const;
  for (const line of events.flatMap((event) => spoken(event))) {
    assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u202e]/, JSON.stringify(line));
  }
});

test('a long observation is cut, and says where the rest is', () => {
  const output = Array.from({ length: 100 }, (_, n) => `line ${n}`).join('\n');
  const lines = spoken({ type: 'observed', id: '1', ok: true, output, hash: '' });
  assert.equal(lines.length, 21);
  assert.match(lines.at(-1) ?? '', /80 more lines, see --raw/);
});
