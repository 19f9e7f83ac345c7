import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Confluence } from '../../source/supervisor/confluence.ts';

async function* counting(name: string, count: number, ms = 0): AsyncGenerator<string, void, void> {
  for (let n = 0; n < count; n++) {
    if (ms > 0) await sleep(ms);
    yield `${name}${n}`;
  }
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of source) values.push(value);
  return values;
}

test('nothing is lost, and each source keeps its order', async () => {
  const many = new Confluence<string>();
  for (const name of ['a', 'b', 'c']) many.add(counting(name, 50));
  const values = await all(many);
  assert.equal(values.length, 150);
  for (const name of ['a', 'b', 'c']) {
    const own = values.filter((value) => value.startsWith(name));
    assert.deepEqual(own, await all(counting(name, 50)));
  }
});

test('a source may join while another is read', async () => {
  const many = new Confluence<string>();
  many.add(
    (async function* () {
      yield 'first';
      many.add(counting('late', 2, 5));
    })(),
  );
  assert.deepEqual(await all(many), ['first', 'late0', 'late1']);
});

test('who is faster than the reader waits', async () => {
  const many = new Confluence<number>();
  let made = 0;
  many.add(
    (async function* () {
      for (; made < 100; made++) yield made;
    })(),
  );
  for await (const value of many) {
    await sleep(1);
    assert.ok(made - value <= 1);
    if (value === 10) break;
  }
  await sleep(5);
  assert.ok(made <= 12, 'left alone, it makes no more');
});

test('a source that fails fails the whole, after what came before', async () => {
  const many = new Confluence<string>();
  many.add(
    (async function* () {
      yield 'before';
      throw new Error('broken');
    })(),
  );
  const values: string[] = [];
  await assert.rejects(async () => {
    for await (const value of many) values.push(value);
  }, /broken/);
  assert.deepEqual(values, ['before']);
});
