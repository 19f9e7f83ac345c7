/** The way of a price: from the operator's configuration through a running agent to what `spend` prints, across the death of the supervisor. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { FIX, Stage } from './stage.ts';

const usage = { input: 100_000, cacheRead: 1_000_000, cacheWrite: 0, output: 10_000 };

test('what a run costs by the operator’s prices is in the spend, under its loop, model, role and run, also after a new supervisor', async () => {
  await using stage = await Stage.set([
    {
      name: 'fix',
      front: { budget: { tokens: '10M', usd: 1000 } },
      scenario: { usage, passes: [[{ say: 'hm' }, FIX, { done: 'Done.' }]] },
    },
  ]);
  const folder = join(stage.env.XDG_CONFIG_HOME ?? '', 'looptop');
  await mkdir(folder, { recursive: true });
  const prices = { 'scripted-standard': { input: 3, output: 30, cacheRead: 0.5 } };
  await writeFile(join(folder, 'config.json'), JSON.stringify({ prices, daily: { tokens: '100M', usd: 1000 } }));
  assert.deepEqual(JSON.parse(await stage.must('spend', '--json')).rows, []);
  await stage.must('run', 'fix', '--wait');
  const [run] = await stage.ls();
  const read = async (by: string) => JSON.parse(await stage.must('spend', '--json', '--by', by, '--since', '1d'));
  const look = async () => {
    for (const [by, key] of [
      ['loop', 'fix'],
      ['model', 'scripted-standard'],
      ['role', 'maker'],
      ['run', 'fix-1'],
    ] as const) {
      const { rows, total, prices: known } = await read(by);
      assert.deepEqual([rows.length, rows[0][by], rows[0].provenance], [1, key, 'exact']);
      assert.ok(Math.abs(rows[0].usd - (run?.usd ?? 0)) < 1e-9, `${rows[0].usd} is not ${run?.usd}`);
      assert.equal(total.tokens.fresh, run?.tokens.fresh);
      assert.equal(known['scripted-standard'].by, 'operator');
      // 100k x $3 + 1M x $0.50 + 10k x $30 = $1.10 a response
      const responses = total.tokens.input / 100_000;
      assert.ok(responses >= 1 && Math.abs(total.usd - 1.1 * responses) < 1e-9, `${total.usd} for ${responses}`);
    }
  };
  await look();
  process.kill(await stage.supervisorPid(), 'SIGKILL');
  await look();
});
