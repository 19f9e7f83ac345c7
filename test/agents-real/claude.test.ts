/** The real claude, driven by our engine against a provider that keeps a ledger: the meter must equal it to the token. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { claude } from '../../source/agents/claude.ts';
import type { StartSpec } from '../../source/agents/engine.ts';
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import { add, NO_TOKENS, type Tokens } from '../../source/loop/tokens.ts';
import { type Driven, type Driver, drive } from '../agents/drive.ts';
import { billOf } from '../agents/recordings.ts';
import { agent, spec } from '../agents/specs.ts';
import { installClaude, noNamespace, openSandbox, type Sandbox } from './sandbox.ts';

const SONNET = 'claude-sonnet-5-5';
const SCENARIOS = {
  'slow-tool-twice': [
    { text: 'Step A.', call: [{ shell: 'sleep 1; echo A' }] },
    { text: 'Step B.', call: [{ shell: 'echo B' }] },
    { text: 'Both done.' },
  ],
  'tool-then-stream': [
    { text: 'One tool first.', call: [{ shell: 'echo one' }] },
    { text: 'word '.repeat(100), chunk: 10, chunkMs: 200 },
  ],
  wake: [
    { text: 'Starting.', call: [{ shell: 'sleep 1; echo woken', background: true }] },
    { text: 'Started.' },
    { text: 'It finished.' },
  ],
  question: [
    {
      text: 'I have a question.',
      call: [
        {
          tool: 'AskUserQuestion',
          args: {
            questions: [
              {
                question: 'Which database?',
                header: 'Database',
                multiSelect: false,
                options: [
                  { label: 'postgres', description: 'a' },
                  { label: 'sqlite', description: 'b' },
                ],
              },
            ],
          },
        },
      ],
    },
    { text: 'Thank you.' },
  ],
};

const why = await noNamespace();

describe('claude', { skip: why ?? false }, () => {
  let sandbox: Sandbox;
  let program: string;
  before(
    async () => {
      program = await installClaude();
      sandbox = await openSandbox(SCENARIOS);
    },
    { timeout: 600_000 },
  );
  after(() => sandbox?.[Symbol.asyncDispose]());

  /** Runs one process on an account of its own; the prompt names the mock's scenario. */
  async function run(
    scenario: string,
    account: string,
    change: Partial<StartSpec> = {},
    on: (event: AgentEvent, driver: Driver) => void = () => undefined,
  ): Promise<Driven> {
    const start = spec({
      session: randomUUID(),
      prompt: `Do it. [[mock:${scenario}]]`,
      worktree: sandbox.repository,
      command: [program],
      ...change,
    });
    const launch = claude.start(start);
    const options = { cwd: sandbox.repository, env: sandbox.environment(account), limitMs: 40_000, on };
    return drive({ ...launch, argv: sandbox.inside(launch.argv) }, claude.reader(), options);
  }

  /** The meter of all these processes equals the account's ledger; `cut` is what responses that never ended cost on top. */
  async function assertLedger(account: string, runs: readonly Driven[], cut: Tokens = NO_TOKENS) {
    const { models } = await sandbox.ledger(account);
    assert.notDeepEqual(models, {}, 'nothing was billed');
    const expected: Record<string, Tokens> = {};
    for (const [model, { input, cacheRead, cacheWrite, output }] of Object.entries(models)) {
      // Claude does not say how much of the output was reasoning.
      expected[model] = add({ input, cacheRead, cacheWrite, output, reasoning: 0 }, cut);
    }
    const bill: Record<string, Tokens> = {};
    for (const { events } of runs) {
      for (const [model, tokens] of Object.entries(billOf(events))) bill[model] = add(bill[model] ?? NO_TOKENS, tokens);
    }
    assert.deepEqual(bill, expected);
  }

  const of = <T extends AgentEvent['type']>({ events }: Driven, type: T) =>
    events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);
  const outcomes = (driven: Driven) => of(driven, 'ended').map(({ outcome }) => outcome);

  test('runs a tool, says done, and ends when its input does', async () => {
    const driven = await run('tool-ok', 'success');
    assert.deepEqual(outcomes(driven), ['done'], driven.stderr);
    assert.equal(driven.code, 0);
    assert.equal(readFileSync(join(sandbox.repository, 'out.txt'), 'utf8'), 'hi\n');
    assert.equal(of(driven, 'started')[0]?.model, SONNET);
    assert.deepEqual(of(driven, 'unknown'), []);
    await assertLedger('success', [driven]);
  });

  test('resumes, with the same model and with another, and the meters of all processes add up', async () => {
    const session = randomUUID();
    const first = await run('remember', 'resume', { session });
    const second = await run('second', 'resume', { resume: session });
    const third = await run('second', 'resume', { resume: session, model: 'opus' });
    assert.deepEqual([first, second, third].map(outcomes), [['done'], ['done'], ['done']]);
    assert.deepEqual(
      [first, second, third].map((driven) => of(driven, 'started')[0]),
      [SONNET, SONNET, 'claude-opus-5-5'].map((model) => ({ type: 'started', session, model })),
    );
    await assertLedger('resume', [first, second, third]);
  });

  test('hears guidance in mid-turn, once', async () => {
    let told = false;
    const driven = await run('slow-tool-twice', 'guidance', {}, (event, driver) => {
      if (event.type !== 'acted' || told) return;
      told = true;
      driver.write(claude.tell('Mind the gap.', null));
    });
    assert.deepEqual(of(driven, 'heard'), [{ type: 'heard', text: 'Mind the gap.' }]);
    const order = driven.events.map(({ type }) => type);
    assert.ok(order.indexOf('heard') > order.indexOf('observed'));
    assert.deepEqual(outcomes(driven), ['done']);
    await assertLedger('guidance', [driven]);
  });

  test('stops politely on an interrupt', async () => {
    const driven = await run('slow-tool-90s', 'interrupt', {}, (event, driver) => {
      if (event.type === 'acted') setTimeout(() => driver.write(claude.interrupt()), 300);
    });
    assert.deepEqual(outcomes(driven), ['interrupted']);
    await assertLedger('interrupt', [driven]);
  });

  test('killed in mid-stream, it keeps what it spent, the cut response’s input included', async () => {
    const driven = await run('tool-then-stream', 'kill', {}, (event, driver) => {
      const second = event.type === 'usage' && event.tokens.input === 1001;
      if (second) setTimeout(() => driver.kill('SIGKILL'), 500);
    });
    assert.equal(driven.code, 137);
    assert.deepEqual(outcomes(driven), ['failed']);
    assert.equal((await sandbox.ledger('kill')).aborted, 1);
    const cut = { input: 1001, cacheRead: 20_100, cacheWrite: 310, output: 1, reasoning: 0 };
    await assertLedger('kill', [driven], cut);
  });

  test('wakes up for a background task before its input is closed', async () => {
    const driven = await run('wake', 'background');
    assert.deepEqual(outcomes(driven), ['done', 'done']);
    assert.equal(driven.code, 0);
    await assertLedger('background', [driven]);
  });

  test('counts its sub-agents', async () => {
    const driven = await run('subagent', 'subagent');
    assert.deepEqual(outcomes(driven), ['done']);
    await assertLedger('subagent', [driven]);
  });

  for (const [answer, runs] of [
    ['yes', true],
    ['use printf instead', false],
  ] as const) {
    test(`asks for leave and takes "${answer}"`, async () => {
      const file = join(sandbox.repository, 'out.txt');
      rmSync(file, { force: true });
      const change = { agent: agent({ permission: 'ask' }) };
      const driven = await run('tool-ok', `ask-${runs}`, change, (event, driver) => {
        if (event.type === 'asked') driver.write(claude.tell(answer, event.id));
      });
      const [asked] = of(driven, 'asked');
      assert.equal(asked?.question, 'Bash: echo hi > out.txt?');
      assert.deepEqual(of(driven, 'answered'), [{ type: 'answered', id: asked?.id }]);
      assert.equal(existsSync(file), runs);
      assert.equal(of(driven, 'observed')[0]?.output, runs ? '(Bash completed with no output)' : answer);
      await assertLedger(`ask-${runs}`, [driven]);
    });
  }

  test('asks a question of its own and reads the answer', async () => {
    const driven = await run('question', 'question', {}, (event, driver) => {
      if (event.type === 'asked') driver.write(claude.tell('postgres', event.id));
    });
    assert.equal(of(driven, 'asked')[0]?.question, 'Which database? (postgres / sqlite)');
    assert.equal(of(driven, 'observed')[0]?.output, 'The user answers: postgres');
    assert.deepEqual(outcomes(driven), ['done']);
    await assertLedger('question', [driven]);
  });

  test('ends at its cap of turns and at its cap of money', async () => {
    const turns = await run('many-turns', 'turns', { agent: agent({ turns: 2 }) });
    assert.deepEqual(outcomes(turns), ['max-turns']);
    await assertLedger('turns', [turns]);
    const money = await run('many-turns', 'money', { usdLeft: 0.008 });
    assert.deepEqual(outcomes(money), ['over-budget']);
    await assertLedger('money', [money]);
  });

  test('an unknown session to resume fails in words', async () => {
    const driven = await run('hello', 'unknown', { resume: randomUUID() });
    assert.deepEqual(outcomes(driven), ['failed']);
    assert.match(of(driven, 'ended')[0]?.error ?? '', /No conversation found/);
  });

  test('takes every option that a loop file can ask for', async () => {
    for (const permission of ['plan', 'ask', 'acceptEdits', 'bypassPermissions'] as const) {
      const tools = { allow: ['Bash(git log *)', 'Edit'], deny: ['WebFetch'] };
      const driven = await run('hello', 'options', { agent: agent({ permission, tools, effort: 'high', turns: 9 }) });
      assert.deepEqual(outcomes(driven), ['done'], `${permission}: ${driven.stderr}`);
    }
  });
});
