/** The scripted agent as a real process, through the engine that starts it and the reader that reads it. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { scripted } from '../../../source/agents/scripted/scripted.ts';
import type { AgentEvent } from '../../../source/loop/agent-event.ts';
import { AgentError } from '../../../source/loop/errors.ts';
import { fresh, NO_TOKENS } from '../../../source/loop/tokens.ts';
import { type Driven, type DriveOptions, drive } from '../drive.ts';
import { billOf } from '../recordings.ts';
import { agent, spec } from '../specs.ts';

interface Play extends Partial<DriveOptions> {
  readonly model?: string;
  readonly prompt?: string;
  readonly resume?: string;
}

/** Plays a scenario given as an object, in a folder of its own. */
async function play(
  scenario: unknown,
  options: Play = {},
): Promise<Driven & { readonly file: (name: string) => string }> {
  const folder = mkdtempSync(join(tmpdir(), 'looptop-scripted-'));
  try {
    writeFileSync(join(folder, 'scenario.json'), JSON.stringify(scenario));
    const { model = 'scripted-standard', prompt = 'Go.', resume = null } = options;
    const start = spec({
      agent: agent({ engine: 'scripted', scenario: 'scenario.json' }),
      ...{ model, prompt, resume, repository: folder, command: ['scripted'] },
    });
    const driven = await drive(scripted.start(start), scripted.reader(), { cwd: folder, ...options });
    const files = new Map<string, string>();
    for (const name of ['a.txt']) {
      try {
        files.set(name, readFileSync(join(folder, name), 'utf8'));
      } catch {
        // It was not written.
      }
    }
    return { ...driven, file: (name) => files.get(name) ?? '' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const saidIn = (events: readonly AgentEvent[]) =>
  events.flatMap((event) => (event.type === 'said' ? [event.text] : []));
const endOf = (events: readonly AgentEvent[]) => events.findLast((event) => event.type === 'ended');

test('it thinks, speaks, runs, writes and edits, and every step is an event', async () => {
  const { events, code, file } = await play({
    passes: [
      [
        { think: 'first look' },
        { say: 'hello' },
        { shell: 'echo out; exit 3' },
        { write: { file: 'a.txt', text: 'one two' } },
        { edit: { file: 'a.txt', find: 'two', replace: '$& three' } },
        { edit: { file: 'a.txt', find: 'nowhere', replace: 'x' } },
        { read: 'a.txt' },
        { write: { file: '../outside.txt', text: 'x' } },
        { done: 'finished' },
      ],
    ],
  });
  assert.equal(code, 0);
  assert.equal(file('a.txt'), 'one $& three');
  assert.deepEqual(saidIn(events), ['hello', 'finished']);
  assert.deepEqual(
    events.flatMap((event) => (event.type === 'observed' ? [[event.ok, event.output.split('\n')[0]]] : [])),
    [
      [false, 'Exit code 3'],
      [true, 'The file a.txt has been updated.'],
      [true, 'The file a.txt has been updated.'],
      [false, 'not found in a.txt'],
      [true, 'one $& three'],
      [false, '../outside.txt is outside the worktree'],
    ],
  );
  assert.deepEqual(endOf(events), { type: 'ended', outcome: 'done' });
  assert.ok(events.every((event) => event.type !== 'unknown'));
});

test('its bill is what the scenario says, to the token, and seen before the result', async () => {
  const usage = { input: 10, cacheRead: 2000, cacheWrite: 30, output: 40 };
  const { events } = await play({
    usage,
    passes: [[{ say: 'a' }, { shell: 'true' }, { spend: { output: 7 } }, { done: 'b' }]],
  });
  const bill = billOf(events);
  assert.deepEqual(bill, {
    'scripted-standard': { ...NO_TOKENS, input: 20, cacheRead: 4000, cacheWrite: 60, output: 87 },
  });
  assert.ok(!events.some((event) => event.type === 'usage' && event.key.startsWith('result-')));
});

test('tokens are spent at the rate asked for', async () => {
  const seen: number[] = [];
  let spent = 0;
  const { events } = await play(
    { passes: [[{ spend: { input: 4001, output: 999, cacheRead: 77, perSecond: 10_000 } }]] },
    {
      on(event, { ms }) {
        if (event.type !== 'usage' || !event.final) return;
        spent += fresh(event.tokens);
        seen.push(ms);
      },
    },
  );
  const [bill] = Object.values(billOf(events));
  assert.deepEqual(bill, { ...NO_TOKENS, input: 4001, output: 999, cacheRead: 77 });
  assert.equal(spent, 5000);
  assert.equal(seen.length, 5);
  const took = (seen.at(-1) ?? 0) - (seen[0] ?? 0);
  assert.ok(took > 300, `${took} ms`);
});

test('steps depend on the model, the prompt, a rule, the pass and on being resumed', async () => {
  const scenario = {
    passes: [
      [
        { when: { model: 'strong' }, say: 'strong' },
        { unless: { model: 'strong' }, say: 'weak' },
        { when: { rule: 'r001' }, say: 'ruled' },
        { when: { prompt: 'FLAKY' }, steps: [{ say: 'prompted' }, { done: 'early' }] },
        { when: { resumed: true }, say: 'resumed' },
      ],
      [{ say: 'later' }],
    ],
  };
  const [weak, strong, ruled, later] = await Promise.all([
    play(scenario),
    play(scenario, { model: 'scripted-strong', resume: 'abc' }),
    play(scenario, { prompt: 'Rules:\n- r001 never do it\nThe test is flaky.' }),
    play(scenario, { env: { LOOPTOP_PASS: '7' }, prompt: 'r0011' }),
  ]);
  assert.deepEqual(saidIn(weak.events), ['weak']);
  assert.deepEqual(saidIn(strong.events), ['strong', 'resumed']);
  assert.deepEqual(saidIn(ruled.events), ['weak', 'ruled', 'prompted', 'early']);
  assert.deepEqual(saidIn(later.events), ['later']);
  assert.deepEqual(strong.events[0], { type: 'started', session: 'abc', model: 'scripted-strong' });
});

test('guidance in mid-turn is heard between two steps and changes what follows', async () => {
  const { events } = await play(
    {
      passes: [
        [
          { say: 'working' },
          { shell: 'until [ -e go ]; do sleep 0.05; done' },
          { when: { heard: 'plum' }, say: 'plum it is' },
        ],
      ],
    },
    {
      on(event, driver) {
        if (event.type !== 'acted') return;
        driver.write(scripted.tell('Use the plum.', null));
        writeFileSync(join(driver.cwd, 'go'), '');
      },
    },
  );
  assert.deepEqual(
    events.filter((event) => event.type === 'heard'),
    [{ type: 'heard', text: 'Use the plum.' }],
  );
  assert.deepEqual(saidIn(events), ['working', 'plum it is']);
});

test('it asks and waits for the answer, for words and for leave', async () => {
  const answers = ['postgres', 'yes', 'no, never'];
  const { events, file } = await play(
    {
      passes: [
        [
          { ask: 'Which database?' },
          { when: { answer: 'postgres' }, say: 'postgres then' },
          { ask: { tool: 'Bash', input: { command: 'echo allowed > a.txt' } } },
          { ask: { tool: 'Bash', input: { command: 'echo never > a.txt' } } },
          { when: { answer: 'never' }, say: 'as you say' },
        ],
      ],
    },
    {
      on(event, driver) {
        if (event.type === 'asked') driver.write(scripted.tell(answers.shift() ?? '', event.id));
      },
    },
  );
  assert.deepEqual(
    events.flatMap((event) => (event.type === 'asked' ? [event.question] : [])),
    ['Which database?', 'Bash: echo allowed > a.txt?', 'Bash: echo never > a.txt?'],
  );
  assert.equal(events.filter((event) => event.type === 'answered').length, 3);
  assert.deepEqual(saidIn(events), ['postgres then', 'as you say']);
  assert.equal(file('a.txt'), 'allowed\n');
});

test('an interrupt ends the turn and its tool, and the process ends with its input', async () => {
  const { events, code } = await play(
    { passes: [[{ shell: 'sleep 60' }, { say: 'never' }]] },
    {
      on(event, driver) {
        if (event.type === 'acted') driver.write(scripted.interrupt());
      },
    },
  );
  assert.deepEqual(endOf(events), { type: 'ended', outcome: 'interrupted' });
  assert.deepEqual(saidIn(events), []);
  assert.equal(code, 0);
});

for (const [signal, code] of [
  ['SIGINT', 0],
  ['SIGTERM', 143],
  ['SIGKILL', 137],
] as const) {
  test(`${signal} ends it with exit code ${code}, as it ends claude`, async () => {
    const driven = await play(
      { passes: [[{ say: 'here' }, { stall: 60 }]] },
      {
        on(event, driver) {
          if (event.type === 'said') driver.kill(signal);
        },
      },
    );
    assert.equal(driven.code, code);
    assert.equal(endOf(driven.events)?.outcome, signal === 'SIGKILL' ? 'failed' : 'interrupted');
  });
}

test('a deaf one outlives everything but SIGKILL', async () => {
  const { code, events } = await play(
    { deaf: true, passes: [[{ say: 'here' }, { sleep: 0.5 }, { say: 'still here' }, { stall: 60 }]] },
    {
      on(event, driver) {
        if (event.type !== 'said') return;
        driver.write(scripted.interrupt());
        driver.kill('SIGINT');
        driver.kill(event.text === 'here' ? 'SIGTERM' : 'SIGKILL');
      },
    },
  );
  assert.equal(code, 137);
  assert.deepEqual(saidIn(events), ['here', 'still here']);
});

test('it fails as an API does and crashes as programs do', async () => {
  const [failed, crashed, left] = await Promise.all([
    play({ passes: [[{ fail: 'API Error: 529 Overloaded' }]] }),
    play({ passes: [[{ say: 'a' }, { crash: 'SIGKILL' }]] }),
    play({ passes: [[{ crash: 9 }]] }),
  ]);
  assert.deepEqual(endOf(failed.events), { type: 'ended', outcome: 'api-error', error: 'API Error: 529 Overloaded' });
  assert.equal(failed.code, 1);
  assert.equal(crashed.code, 137);
  assert.equal(left.code, 9);
});

test('lines come at their rate and repeats repeat', async () => {
  const { events } = await play({
    passes: [
      [
        { repeat: { times: 3, steps: [{ shell: 'echo same' }] } },
        { lines: { perSecond: 500, seconds: 0.2, text: 'x' } },
      ],
    ],
  });
  assert.equal(saidIn(events).length, 100);
  const hashes = events.flatMap((event) => (event.type === 'acted' ? [event.hash] : []));
  assert.equal(hashes.length, 3);
  assert.equal(new Set(hashes).size, 1);
});

test('a note after the turn starts another one', async () => {
  let told = false;
  const { events } = await play(
    { passes: [[{ say: 'first' }]], noted: [{ when: { heard: 'more' }, say: 'more it is' }] },
    {
      on(event, driver) {
        if (event.type !== 'said' || told) return;
        told = true;
        driver.write(scripted.tell('more', null));
      },
    },
  );
  assert.deepEqual(saidIn(events), ['first', 'more it is']);
  assert.equal(events.filter((event) => event.type === 'ended').length, 2);
  // Its second bill is of the second turn only, so nothing is left to charge beside the responses.
  assert.ok(!events.some((event) => event.type === 'usage' && event.key.startsWith('result-')));
});

test('a scenario that cannot be played says what and where, and nothing runs', async () => {
  const { code, stderr, events } = await play({
    passes: [[{ sya: 'typo' }, { say: 1 }, { say: 'a', think: 'b' }, { when: { modell: 'x' }, say: 'c' }]],
    pace: 1,
  });
  assert.equal(code, 2);
  assert.match(stderr, /no verb "sya"; there are think, say/);
  assert.match(stderr, /expected string, received number\s+→ at passes\[0\]\[1\]\.say/);
  assert.match(stderr, /exactly one verb.*2/);
  assert.match(stderr, /modell/);
  assert.match(stderr, /pace/);
  assert.equal(endOf(events)?.outcome, 'failed');
});

test('a loop without a scenario is refused', () => {
  assert.throws(() => scripted.start(spec({ agent: agent({ engine: 'scripted' }) })), AgentError);
});
