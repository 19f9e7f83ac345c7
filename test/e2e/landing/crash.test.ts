import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makes } from '../site.ts';
import { FIX, Stage } from '../stage.ts';
import { git } from './said.ts';

test('a supervisor that is killed at any moment of a landing lands it once, and nothing is left', async () => {
  const gates = [
    { id: 'check', run: 'sh check.sh' },
    { id: 'slow', run: 'sleep 0.4', when: 'merge', guards: true },
  ];
  await using stage = await Stage.set([{ name: 'fix', front: { gates }, scenario: makes(FIX) }]);
  for (let n = 1; n <= 3; n++) {
    await stage.must('run', 'fix', '--wait');
    await stage.write({ 'other.txt': `${n}\n` });
    await git(stage, 'add', '--all');
    await git(stage, 'commit', '--quiet', `--message=other ${n}`);
    await stage.must('land', `fix-${n}`, '--yes', '--no-wait');
    for (let kill = 0; kill < 2; kill++) {
      await sleep(150 * n * (kill + 1));
      process.kill(await stage.supervisorPid(), 'SIGKILL');
    }
    await stage.until(`fix-${n}`, ({ state }) => state === 'landed');
    assert.equal(await git(stage, 'status', '--porcelain'), '', 'never half');
    await stage.write({ 'answer.txt': 'broken\n' });
    await git(stage, 'commit', '--quiet', '--all', `--message=broken ${n}`);
  }
  const ends = (await stage.events()).flatMap(({ event }) => (event.type === 'run-ended' ? [event.run] : []));
  assert.deepEqual(ends, ['fix-1', 'fix-2', 'fix-3']);
  const subjects = (await git(stage, 'log', '--format=%s', 'main')).split('\n');
  assert.equal(subjects.filter((subject) => subject.startsWith('loop(fix)')).length, 3, 'once each');
  assert.equal(await git(stage, 'for-each-ref', 'refs/loop/landing'), '');
});
