import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LinesSpec, runLines } from '../../../source/supervisor/process/lines.ts';
import { type Arena, arena, env, strays, until } from './arena.ts';

async function lines(
  place: Arena,
  command: string,
  { line, signal = new AbortController().signal }: Partial<Pick<LinesSpec, 'line' | 'signal'>> = {},
) {
  const said: string[] = [];
  const keep = async (text: string) => void said.push(text);
  const end = await runLines({ command, cwd: place.root, env, mark: place.mark, line: line ?? keep, signal });
  return { said, ...end };
}

test('whole lines, one after the other, and how it ended', async (t) => {
  const place = arena(t);
  const ended = await lines(
    place,
    `printf 'one\\r\\n\\n  \\ntwo ü'; sleep 0.1; printf ' and more\\nlast'; echo oh no >&2; exit 3`,
  );
  assert.deepEqual(ended, { said: ['one', 'two ü and more', 'last'], exit: 3, signal: null, lastError: 'oh no' });
  const killed = await lines(place, 'kill -9 $$');
  assert.deepEqual([killed.exit, killed.signal], [null, 'SIGKILL']);
});

test('a line without an end is cut, and costs no memory', async (t) => {
  const { said } = await lines(arena(t), `head -c 3000000 /dev/zero | tr '\\0' x; echo; echo next`);
  assert.deepEqual(
    said.map((line) => line.length),
    [8192, 4],
  );
  assert.equal(said[1], 'next');
});

test('a command that prints faster than its lines are taken has to wait', async (t) => {
  const place = arena(t);
  const over = new AbortController();
  const gate = Promise.withResolvers<void>();
  let count = 0;
  const done = lines(place, `seq 1 1000000; touch printed-${place.tag}; sleep 300.${place.tag}`, {
    signal: over.signal,
    line: async () => {
      if (++count === 1) await gate.promise;
    },
  });
  await until('the first line', () => count === 1);
  await sleep(300);
  assert.equal(count, 1);
  assert.deepEqual(
    strays(`sleep 300.${place.tag}`).length,
    1,
    'only the shell, with the command in its line: it still prints',
  );
  over.abort();
  gate.resolve();
  await done;
  assert.deepEqual(strays(place.tag), []);
});

test('aborted, it and everything it started are dead when it resolves', async (t) => {
  const place = arena(t);
  const over = new AbortController();
  const began: string[] = [];
  const done = lines(
    place,
    `setsid sleep 301.${place.tag} & (setsid sleep 302.${place.tag} &); trap '' TERM; echo on; sleep 303.${place.tag}`,
    {
      signal: over.signal,
      line: async (text) => void began.push(text),
    },
  );
  await until('it says so', () => began.length === 1 && strays(place.tag).length >= 3);
  over.abort();
  await done;
  assert.deepEqual(strays(place.tag), []);
});

test('what an earlier supervisor left of it is ended first', async (t) => {
  const place = arena(t);
  await place.start(['sleep', `304.${place.tag}`]);
  assert.equal(strays(place.tag).length > 0, true);
  const { said } = await lines(place, 'echo alone');
  assert.deepEqual(said, ['alone']);
  await until('the old one is gone', () => strays(`304.${place.tag}`).length === 0);
});

test('one that closes its output and stays is ended, for nothing can be heard of it', async (t) => {
  const place = arena(t);
  const { said, signal } = await lines(place, `echo last; exec >&-; sleep 305.${place.tag}`);
  assert.deepEqual([said, signal], [['last'], 'SIGKILL']);
  assert.deepEqual(strays(place.tag), []);
});
