/** Verbs that talk to a fleet, as a person or a script types them: the real program against a real socket. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunId } from '../../source/loop/units.ts';
import { fleet, loopState, NOW, nineRuns, run } from '../pane/fleet-fixture.ts';
import { type Bench, bench, type Supervised } from './workbench.ts';

let at: Bench;
let supervisor: Supervised | null = null;
before(async () => {
  at = await bench();
});
afterEach(async () => {
  await supervisor?.close();
  supervisor = null;
});
after(() => at[Symbol.asyncDispose]());

const serve = async (...given: Parameters<typeof fleet>): Promise<Supervised> => {
  supervisor = await at.supervise(fleet(...given));
  return supervisor;
};

test('ls --json is one array of all open runs, ls --all of the ended ones too', async () => {
  const runs = nineRuns();
  await serve(runs);
  const open = JSON.parse((await at.looptop('ls', '--json')).out);
  const all = JSON.parse((await at.looptop('--json', 'ls', '--all')).out);
  const ids = (list: { id: string }[]) => list.map(({ id }) => id).sort();
  assert.deepEqual(
    ids(open),
    runs
      .filter(({ status }) => status.tag === 'open')
      .map(({ id }) => id)
      .sort(),
  );
  assert.deepEqual(ids(all), runs.map(({ id }) => id).sort());
});

test('ls prints a line a run, what needs a person first, and nothing that steers a terminal', async () => {
  const hostile = { kind: 'waiting', ask: '1', question: 'may I \u001b]0;pwned\u0007 go?', since: NOW } as const;
  await serve([run('calm', 1), run('loud', 1, { status: { tag: 'open', phase: 'making', hold: hostile } })]);
  const { out, code } = await at.looptop('ls');
  assert.equal(code, 0);
  const [title, first, second] = out.split('\n');
  assert.match(title ?? '', /^RUN +STATE +PASS/);
  assert.match(first ?? '', /^loud-1 +◆ asks you .*may I {1,2}go\?/);
  assert.match(second ?? '', /^calm-1 /);
  assert.doesNotMatch(out, /\u001b|pwned/);
});

test('show prints one run, and an unknown one is a usage error that says where to look', async () => {
  await serve([run('ci-fix', 12)]);
  assert.match((await at.looptop('show', 'ci-fix-12')).out, /^run +ci-fix-12/);
  assert.equal(JSON.parse((await at.looptop('show', 'ci-fix-12', '--json')).out).id, 'ci-fix-12');
  const { code, err } = await at.looptop('show', 'ci-fix-13');
  assert.equal(code, 2);
  assert.match(err, /^looptop: .*ci-fix-13.*looptop ls[^\n]*\n$/);
});

test('control verbs take several runs or --all, and say who asked', async () => {
  const { commands } = await serve([run('a', 1), run('b', 1), run('c', 1, { status: frozen })]);
  assert.equal((await at.looptop('freeze', 'a-1', 'b-1')).code, 0);
  assert.equal((await at.looptop('resume', '--all')).code, 0);
  assert.deepEqual(
    commands.map(({ command }) => command),
    [
      { do: 'freeze', run: 'a-1' },
      { do: 'freeze', run: 'b-1' },
      { do: 'resume', run: 'a-1' },
      { do: 'resume', run: 'b-1' },
      { do: 'resume', run: 'c-1' },
    ],
  );
  assert.match(commands[0]?.by ?? '', /^cli:./);
});

test('kill returns when the death of every run is confirmed, not before', async () => {
  const { commands, tell } = await serve([run('a', 1), run('b', 1)]);
  const kill = at.start(['kill', '--yes', '--all']);
  await kill.says('b-1: kill sent');
  assert.deepEqual(
    commands.map(({ command }) => command),
    [
      { do: 'kill', run: 'a-1' },
      { do: 'kill', run: 'b-1' },
    ],
  );
  const dead = (id: string) =>
    ({ type: 'kill-confirmed', run: id as RunId, processes: 2, survivors: 0, ms: 9 }) as const;
  tell(dead('a-1'));
  assert.equal(await Promise.race([kill.result.then(() => 'returned'), sleep(500, 'waits')]), 'waits');
  tell(dead('b-1'));
  const { code, out } = await kill.result;
  assert.equal(code, 0);
  assert.match(out, /confirmed: nothing that was started is alive\n$/);
});

const frozen = { tag: 'open', phase: 'making', hold: { kind: 'frozen', by: 'me', since: NOW } } as const;

test('one refusal does not stop the others, and its code is the exit code', async () => {
  const { commands } = await serve([run('a', 1, { status: frozen }), run('b', 1)]);
  const { code, err, out } = await at.looptop('freeze', 'a-1', 'b-1');
  assert.equal(code, 1);
  assert.match(err, /^looptop: a-1 is frozen already\.\n$/);
  assert.match(out, /b-1/);
  assert.equal(commands.length, 2);
});

test('stop, kill and down ask, and refuse where nobody can be asked', async () => {
  const { commands } = await serve([run('a', 1)]);
  for (const line of [['kill', '--all'], ['down']]) {
    const { code, err } = await at.looptop(...line);
    assert.equal(code, 2, line.join(' '));
    assert.match(err, /^looptop: [^\n]*say --yes\n$/);
  }
  assert.deepEqual(commands, []);
});

test('note, escalate and budget send what was typed', async () => {
  const { commands } = await serve([run('a', 1)]);
  await at.looptop('note', 'a-1', 'use', 'fake timers', '--json');
  await at.looptop('--to', 'strong', 'escalate', 'a-1', '--note', 'the clock');
  await at.looptop('budget', 'a-1', '--tokens', '+200k', '--usd=+2');
  assert.deepEqual(
    commands.map(({ command }) => command),
    [
      { do: 'note', run: 'a-1', text: 'use fake timers' },
      { do: 'escalate', run: 'a-1', to: 'strong', note: 'the clock' },
      { do: 'budget', run: 'a-1', tokens: '+200k', usd: '+2' },
    ],
  );
});

test('run says which run it made; one of a loop that is not trusted ends with 7', async () => {
  const loops = { 'ci-fix': loopState('ci-fix'), wild: loopState('wild', { trusted: false }) };
  const { commands } = await serve([], { loops });
  const made = await at.looptop('run', 'ci-fix', '--item', '{"file":"a.ts"}', '--set', 'model=opus', '--json');
  assert.equal(JSON.parse(made.out).id, 'ci-fix-1');
  assert.deepEqual(commands[0]?.command, {
    do: 'run',
    loop: 'ci-fix',
    item: { file: 'a.ts' },
    set: { model: 'opus' },
  });
  const wild = await at.looptop('run', 'wild');
  assert.equal(wild.code, 7);
  assert.match(wild.err, /looptop trust/);
});

test('run --wait tells what happens and ends with the code of how the run came out', async () => {
  const { tell, state } = await serve([], { loops: { 'ci-fix': loopState('ci-fix') } });
  assert.deepEqual(state.runs, {});
  const id = 'ci-fix-1' as RunId;
  const going = at.start(['run', 'ci-fix', '--wait']);
  await going.says('ci-fix-1');
  tell({ type: 'paused', run: id, why: 'stuck', detail: 'the same test failed 3 times' });
  const { code, err } = await going.result;
  assert.equal(code, 5);
  assert.match(err, /^looptop: ci-fix-1 is stuck: the same test failed 3 times[^\n]*\n$/);
});

test('run --wait --json prints the events of its run alone, one object a line, its birth included', async () => {
  const { tell } = await serve([run('other', 1)], { loops: { 'ci-fix': loopState('ci-fix') } });
  const going = at.start(['run', 'ci-fix', '--wait', '--json']);
  await going.says('run-queued');
  tell({ type: 'freeze-asked', run: 'other-1' as RunId, by: 'me' });
  tell({ type: 'run-ended', run: 'ci-fix-1' as RunId, end: { kind: 'exhausted', detail: '8 passes' } });
  const { code, out } = await going.result;
  assert.equal(code, 3);
  const events = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    events.map(({ event }) => event.type),
    ['run-queued', 'run-ended'],
  );
  assert.equal(new Date(events[0].at).toISOString(), events[0].at);
});

test('Ctrl-C leaves run --wait with 130 and says that the run goes on', async () => {
  await serve([], { loops: { 'ci-fix': loopState('ci-fix') } });
  const going = at.start(['run', 'ci-fix', '--wait']);
  await going.says('ci-fix-1');
  going.kill('SIGINT');
  const { code, err } = await going.result;
  assert.equal(code, 130);
  assert.match(err, /^looptop: ci-fix-1 goes on[^\n]*\n$/);
});

test('run --wait says so when the supervisor goes', async () => {
  const { close } = await serve([], { loops: { 'ci-fix': loopState('ci-fix') } });
  const going = at.start(['run', 'ci-fix', '--wait']);
  await going.says('ci-fix-1');
  await close();
  const { code, err } = await going.result;
  assert.equal(code, 1);
  assert.match(err, /supervisor has gone/);
});

test('status counts who needs you, who works and what today cost', async () => {
  await serve(nineRuns());
  const { out } = await at.looptop('status');
  assert.match(out, /^looptop( [◆●‖✓]\d+)+ \$\d+\.\d\d\/\$25\n$/);
});

test('down ends the supervisor and waits until it is gone', async () => {
  await serve([]);
  const { code, out } = await at.looptop('down', '--yes');
  assert.equal(code, 0);
  assert.equal(out, 'The supervisor goes down.\n');
  assert.equal((await at.looptop('status')).out, 'looptop off\n');
});

test('looking around where nothing has run starts nothing and leaves no trace', async () => {
  assert.equal((await at.looptop('ls', '--json')).out, '[]\n');
  assert.equal((await at.looptop('status')).out, 'looptop off\n');
  assert.equal((await at.looptop('freeze', '--all')).code, 0);
  assert.equal(existsSync(join(at.repository, '.looptop')), false);
});

test('outside a git repository every look is a usage error', async () => {
  const outside = join(at.repository, '..', 'empty');
  for (const verb of ['ls', 'up']) {
    const { code, err, out } = await at.start([verb], outside).result;
    assert.equal(code, 2, verb);
    assert.equal(out, '');
    assert.match(err, /^looptop: [^\n]*not in a git repository[^\n]*\n$/);
  }
});

test('a mistyped verb is one line with the nearest', async () => {
  const { code, err } = await at.looptop('frezze', '--all');
  assert.equal(code, 2);
  assert.match(err, /^looptop: unknown command 'frezze' \(Did you mean freeze\?\)[^\n]*\n$/);
});
