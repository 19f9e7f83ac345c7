import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { untilExit } from '../../../source/supervisor/process/adopt.ts';
import { freeze, thaw } from '../../../source/supervisor/process/freeze.ts';
import { killTree } from '../../../source/supervisor/process/kill.ts';
import { arena, contain, containments, fixture, strays, until } from './arena.ts';

const never = new AbortController().signal;

for (const containment of containments) {
  test(`a frozen tree stands still, tools in sessions of their own included, and goes on when thawed (${containment})`, async (t) => {
    const missing = contain(containment);
    if (missing) return t.skip(missing);
    const { mark, root, start } = arena(t);
    const size = (file: string) => statSync(join(root, file), { throwIfNoEntry: false })?.size ?? 0;
    const ticks = () => size('ticks');
    const cpu = () => cpuTicks(Number(readFileSync(join(root, 'burner'), 'utf8')));

    const launched = await start([fixture('ticker.sh')]);
    assert.equal(launched.containment, containment);
    await until('both tools run', () => ticks() > 0 && size('burner') > 1 && cpu() > 0);

    const frozen = await freeze(mark, launched);
    assert.equal(frozen.running, 0);
    assert.ok(frozen.processes >= 3, `${frozen.processes} processes`);
    const before = [ticks(), cpu()];
    await sleep(200);
    assert.deepEqual([ticks(), cpu()], before);
    assert.deepEqual(await freeze(mark, null), frozen, 'a second time is no harm, the mark is enough');

    await thaw(mark, launched);
    await until('both go on', () => ticks() > (before[0] ?? 0) && cpu() > (before[1] ?? 0));
  });

  test(`what forks while it is frozen is frozen (${containment})`, async (t) => {
    const missing = contain(containment);
    if (missing) return t.skip(missing);
    const { mark, out, start, tag } = arena(t);
    const launched = await start([fixture('forker.sh'), '500', tag]);
    await until('it forks', () => out().includes('READY'));
    const frozen = await freeze(mark, launched);
    const before = strays(tag);
    assert.equal(frozen.running, 0);
    await sleep(150);
    assert.deepEqual(strays(tag), before);
    assert.ok(before.length < 500);
  });

  test(`what is frozen can be killed, and can be asked to leave (${containment})`, async (t) => {
    const missing = contain(containment);
    if (missing) return t.skip(missing);
    const { dir, mark, out, start } = arena(t);
    const stubborn = await start(['sh', '-c', 'trap "" TERM; sleep 60 & echo ready; wait'], { agent: 'stubborn' });
    await until('it has started its tool', () => out('stubborn') === 'ready\n');
    await freeze(mark, stubborn);
    const killed = await killTree(mark, stubborn, { politeMs: 0 });
    // A helper of the shim that still shows its environment may be counted with them.
    assert.ok(killed.processes >= 2 && killed.survivors === 0, JSON.stringify(killed));
    assert.equal((await untilExit(dir('stubborn'), stubborn, never)).signal, 'SIGKILL');

    const script = 'trap "echo bye; exit 5" INT; echo ready; while :; do sleep 0.02; done';
    const polite = await start(['sh', '-c', script], { agent: 'polite' });
    await until('it listens', () => out('polite') === 'ready\n');
    await freeze(mark, polite);
    assert.equal((await killTree(mark, polite, { politeMs: 3000, interrupt: 'SIGINT' })).survivors, 0);
    assert.deepEqual(await untilExit(dir('polite'), polite, never), { code: 5, signal: null });
    assert.equal(out('polite'), 'ready\nbye\n');
  });
}

test('freezing and thawing what is not there is no error', async (t) => {
  const { mark } = arena(t);
  assert.deepEqual(await freeze(mark, null), { processes: 0, running: 0 });
  assert.deepEqual(await thaw(mark, null), { processes: 0 });
});

/** User and system time of a process, in clock ticks: fields 14 and 15 of proc(5). */
function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
