import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Discovery } from '../../source/loop/definition/definition.ts';
import { digest } from '../../source/loop/triage/item.ts';
import { createDiscoverer, type Discoverer } from '../../source/supervisor/discover.ts';
import { marked } from '../e2e/stage.ts';
import { DISCOVER } from '../loop/triage/fleet.ts';

interface Place extends AsyncDisposable {
  readonly root: string;
  readonly discoverer: Discoverer;
  look(run: string): ReturnType<Discoverer['discover']>;
}

async function place(): Promise<Place> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'looptop-discover-')));
  const discoverer = createDiscoverer(root, join(root, '.looptop'));
  return {
    root,
    discoverer,
    look: (run) => discoverer.discover('triage', { ...DISCOVER, run } satisfies Discovery),
    async [Symbol.asyncDispose]() {
      await discoverer.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

test('it runs in the main checkout, and reads objects from its output alone', async () => {
  await using at = await place();
  const looked = await at.look(
    `echo '{"id": 9}' >&2; pwd | sed 's/.*/{"id": "&", "loop": "'$LOOPTOP_LOOP'"}/'; echo; echo hello; echo '{"no": 1}'; printf '{"id": 2}'`,
  );
  assert.ok('found' in looked, JSON.stringify(looked));
  assert.equal(looked.found.unread, 2);
  assert.deepEqual(
    looked.found.items.map(({ item }) => item),
    [{ id: at.root, loop: 'triage' }, { id: 2 }],
  );
});

test('nothing printed is nothing found; only noise, a failure or no such command is told', async () => {
  await using at = await place();
  assert.deepEqual(await at.look('true'), { found: { items: [], unread: 0 } });
  assert.deepEqual(await at.look('echo one; echo two'), {
    failed: 'discover printed 2 lines and none of them is a JSON object with id',
  });
  assert.deepEqual(await at.look("echo '{\"id\": 1}'; echo 'rate limit' >&2; exit 3"), {
    failed: 'discover ended with exit code 3: rate limit',
  });
  const none = await at.look('no-such-program-here');
  assert.match('failed' in none ? none.failed : '', /exit code 127: .*not found/);
});

test('eight megabytes of it are read, and what it leaves running is ended', async () => {
  await using at = await place();
  const looked = await at.look(
    `setsid sleep 300 & "${process.execPath}" -e 'for (let id = 0; id < 100; id++) console.log(JSON.stringify({ id, pad: "x".repeat(100000) }))'`,
  );
  assert.ok('found' in looked, JSON.stringify(looked).slice(0, 200));
  assert.ok(looked.found.items.length > 80 && looked.found.items.length < 100, String(looked.found.items.length));
  assert.equal(looked.found.unread, 0);
  assert.deepEqual(await marked(digest(`discover ${at.root} triage`, 32)), []);
});

test('two at once are one, and closing ends what is under way', async () => {
  await using at = await place();
  const [one, two] = await Promise.all([
    at.look('echo "{\\"id\\": $$}"; sleep 0.3'),
    at.look('echo "{\\"id\\": $$}"; sleep 0.3'),
  ]);
  assert.deepEqual(one, two);
  const under = at.look('sleep 300');
  const ended = under.then(
    () => 'resolved',
    () => 'rejected',
  );
  await sleep(200);
  await at.discoverer.close();
  assert.equal(await ended, 'rejected');
  assert.deepEqual(await marked(digest(`discover ${at.root} triage`, 32)), []);
});
