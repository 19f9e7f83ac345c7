/** The real grok, driven by our engine against a provider that keeps a ledger: the meter equals it to the token, or says what it lacks. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { StartSpec } from '../../source/agents/engine.ts';
import { grok } from '../../source/agents/grok.ts';
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import { add, NO_TOKENS, type Tokens } from '../../source/loop/tokens.ts';
import { type Driven, type Driver, drive } from '../agents/drive.ts';
import { billOf } from '../agents/recordings.ts';
import { agent, spec } from '../agents/specs.ts';
import { Stage } from '../e2e/stage.ts';
import { assertHides, billed, metered, of, outcomes } from './metered.ts';
import { install, noNamespace, openSandbox, type Sandbox } from './sandbox.ts';

/** What source/agents/grok*.ts was measured against. */
const VERSION = '1.0.41';
const MODEL = 'mock-model';
const LAST = 'the last response: grok tells its bill only when its tools have ended';

const SCENARIOS = {
  'short-tool': [{ text: 'A command.', call: [{ shell: 'echo begin; sleep 4; echo end' }] }, { text: 'It ended.' }],
  'tool-then-stream': [
    { text: 'One tool first.', call: [{ shell: 'echo one' }] },
    { text: 'word '.repeat(100), chunk: 10, chunkMs: 200 },
  ],
  fix: [{ text: 'Now I fix it.', call: [{ shell: 'echo fixed > answer.txt' }] }, { text: 'The answer is fixed.' }],
  search: [{ text: 'I search.', call: [{ tool: 'web_search', args: { query: 'x' } }] }, { text: 'Nothing found.' }],
};

const why = await noNamespace();

describe('grok', { skip: why ?? false }, () => {
  let sandbox: Sandbox;
  let program: string;
  before(
    async () => {
      program = await install('@xai-official/grok', VERSION, 'grok');
      sandbox = await openSandbox(SCENARIOS);
      const model = (name: string) =>
        `[model.${name}]\nmodel = "${name}"\nbase_url = "${sandbox.url}/v1"\nenv_key = "XAI_API_KEY"\ncontext_window = 200000\n`;
      mkdirSync(join(sandbox.home, '.grok'), { recursive: true });
      // Without the network every fetch of its own costs seconds.
      const offline = '[features]\nremote_fetch = false\n';
      writeFileSync(join(sandbox.home, '.grok', 'config.toml'), [MODEL, 'mock-strong'].map(model).join('') + offline);
      writeFileSync(join(sandbox.repository, 'AGENTS.md'), 'The rule of this repository: MARKER-RULE.\n');
    },
    { timeout: 900_000 },
  );
  after(() => sandbox?.[Symbol.asyncDispose]());

  /** Runs one process on an account of its own; the prompt names the mock's scenario. */
  async function run(
    scenario: string,
    account: string,
    change: Partial<StartSpec> = {},
    on: (event: AgentEvent, driver: Driver) => void = () => undefined,
  ): Promise<Driven> {
    const promptFile = join(sandbox.home, `${account}.md`);
    writeFileSync(promptFile, `Do it. [[mock:${scenario}]]`);
    const start = { session: randomUUID(), worktree: sandbox.repository, command: [program], model: MODEL, promptFile };
    const launch = grok.start(spec({ ...start, ...change }));
    const env = { ...sandbox.environment(account), XAI_API_KEY: account };
    const options = { cwd: sandbox.repository, env, limitMs: 60_000, on };
    return drive({ ...launch, argv: sandbox.inside(launch.argv) }, grok.reader(), options);
  }

  /** The meter of these processes equals the ledger; `beside` is what was billed that they hid. Grok does not tell reasoning here. */
  async function assertLedger(account: string, runs: readonly Driven[], beside: Tokens = NO_TOKENS): Promise<void> {
    const bill: Record<string, Tokens> = {};
    for (const { events } of runs) {
      for (const [model, tokens] of Object.entries(billOf(events))) bill[model] = add(bill[model] ?? beside, tokens);
    }
    const ledger = Object.entries(await billed(sandbox, account));
    assert.deepEqual(bill, Object.fromEntries(ledger.map(([model, tokens]) => [model, { ...tokens, reasoning: 0 }])));
    if (beside === NO_TOKENS)
      assert.deepEqual(
        runs.flatMap((driven) => of(driven, 'hidden')),
        [],
      );
  }

  for (const [scenario, ok] of [
    ['tool-ok', [true]],
    ['tool-fail', [false]],
    ['two-tools', [true, true]],
    ['tool-unknown', [false]],
    ['unicode', [true]],
    ['huge', [true]],
    ['huge-line', [true]],
    ['write-file', [true]],
  ] as const) {
    test(`${scenario}: done, to the token, and nothing hidden`, async () => {
      const driven = await run(scenario, scenario);
      assert.deepEqual(outcomes(driven), ['done'], driven.stderr);
      assert.equal(driven.code, 0);
      assert.deepEqual(of(driven, 'unknown'), []);
      assert.deepEqual(
        of(driven, 'observed').map((event) => event.ok),
        ok,
      );
      await assertLedger(scenario, [driven]);
    });
  }

  test('follows the rules of a repository that its own settings do not trust', async () => {
    await run('hello', 'rules');
    assert.ok(sandbox.requests('rules').some((request) => request.includes('MARKER-RULE')));
    assert.doesNotMatch(readFileSync(join(sandbox.home, '.grok', 'config.toml'), 'utf8'), /trust/);
  });

  test('resumes, with the same model and with another', async () => {
    const session = randomUUID();
    const first = await run('remember', 'resume', { session });
    const second = await run('second', 'resume', { resume: session });
    const third = await run('second', 'resume', { resume: session, model: 'mock-strong' });
    assert.deepEqual(
      [first, second, third].map((driven) => of(driven, 'started')[0]),
      [MODEL, MODEL, 'mock-strong'].map((model) => ({ type: 'started', session, model })),
    );
    await assertLedger('resume', [first, second, third]);
  });

  test('counts its sub-agents, and says that the title of their session is hidden', async () => {
    const driven = await run('subagent', 'subagent');
    assert.deepEqual(outcomes(driven), ['done']);
    assertHides([driven], ['the title of a sub-agent’s session']);
    await assertLedger('subagent', [driven], { input: 84, cacheRead: 700, cacheWrite: 0, output: 17, reasoning: 0 });
  });

  test('says that a web search of its own is hidden', async () => {
    assertHides([await run('search', 'search')], ['web searches, pictures and videos']);
  });

  test('killed before the bill of a response has come, it says that this response is hidden', async () => {
    const tool = await run('short-tool', 'kill-tool', {}, (event, driver) => {
      if (event.type === 'acted') setTimeout(() => driver.kill('SIGKILL'), 500);
    });
    assert.deepEqual([tool.code, outcomes(tool)], [137, ['failed']]);
    assertHides([tool], [LAST]);
    const stream = await run('tool-then-stream', 'kill-stream', {}, (event, driver) => {
      if (event.type === 'observed') setTimeout(() => driver.kill('SIGTERM'), 1500);
    });
    assert.deepEqual(outcomes(stream), ['interrupted']);
    assertHides([stream], [LAST]);
    const { models } = await sandbox.ledger('kill-stream');
    assert.equal(billOf(stream.events)[MODEL]?.output, models[MODEL]?.output, 'what came before is billed');
  });

  for (const [scenario, limits] of [
    ['err-429', ['rate']],
    ['err-401', ['login']],
    ['err-529', ['overloaded']],
    ['err-500', []],
    ['err-400', []],
  ] as const) {
    test(`${scenario}: an error of the provider within 30 s, not silence`, async () => {
      const began = performance.now();
      const driven = await run(scenario, scenario);
      assert.ok(performance.now() - began < 30_000);
      assert.deepEqual(outcomes(driven), ['api-error'], driven.stderr);
      assert.deepEqual(
        of(driven, 'limited').map((event) => event.why),
        limits,
      );
      await assertLedger(scenario, [driven]);
    });
  }

  test('survives one refusal, and bills what was answered before an error', async () => {
    const once = await run('err-429-once', 'once');
    assert.deepEqual(outcomes(once), ['done']);
    await assertLedger('once', [once]);
    const late = await run('err-500-mid', 'late');
    assert.deepEqual(outcomes(late), ['api-error']);
    await assertLedger('late', [late]);
  });

  test('ends at its cap of turns, and at a tool that it may not use unasked', async () => {
    const turns = await run('many-turns', 'turns', { agent: agent({ turns: 2 }) });
    assert.deepEqual(outcomes(turns), ['max-turns']);
    await assertLedger('turns', [turns]);
    const asks = await run('tool-ok', 'asks', { agent: agent({ permission: 'ask' }) });
    assert.match(of(asks, 'ended')[0]?.error ?? '', /nobody can be asked/);
    const denied = await run('tool-ok', 'denied', { agent: agent({ tools: { allow: ['Edit'], deny: ['Bash'] } }) });
    assert.deepEqual(
      of(denied, 'observed').map((event) => event.ok),
      [false],
    );
    assert.deepEqual(outcomes(denied), ['done']);
  });

  test('takes every option that a loop file can ask for', async () => {
    for (const permission of ['plan', 'ask', 'acceptEdits', 'bypassPermissions'] as const) {
      const tools = { allow: ['Bash(git log *)', 'Edit'], deny: ['WebFetch'] };
      const driven = await run('hello', 'options', { agent: agent({ permission, tools, effort: 'high', turns: 9 }) });
      assert.deepEqual(outcomes(driven), ['done'], `${permission}: ${driven.stderr}`);
    }
  });

  test('an unknown session fails in words', async () => {
    const driven = await run('hello', 'unknown', { resume: randomUUID() });
    assert.deepEqual(outcomes(driven), ['failed']);
    assert.match(driven.stderr, /not found locally/);
  });

  test('goes by the wire with all that it asks of a model, the title that it does without included', async () => {
    const driven = await run('tool-ok', 'wire', { wire: `${sandbox.url}/token`, model: 'grok-4.5' });
    assert.deepEqual(outcomes(driven), ['done'], driven.stderr);
    const { none, ...models } = await billed(sandbox, 'wire');
    // The mock knows every model, also the one that does not exist: grok asks it for the title, at its other host.
    assert.equal(none?.input, 1300);
    assert.deepEqual(Object.keys(models), ['grok-4.5']);
    assert.deepEqual(billOf(driven.events), {
      'grok-4.5': { ...(models['grok-4.5'] ?? NO_TOKENS), reasoning: 0 },
    });
  });

  test('as the maker of a run it turns the gate green, and the meter is exact', { timeout: 120_000 }, async () => {
    const maker = { engine: 'grok', model: MODEL, permission: 'acceptEdits' };
    const front = { goal: 'The answer is fixed. [[mock:fix]]', agents: { maker } };
    const path = `${dirname(program)}${delimiter}${process.env.PATH}`;
    const env = { ...sandbox.environment('green'), XAI_API_KEY: 'green', PATH: path };
    const inside = (argv: readonly string[]) => sandbox.inside(argv);
    await using stage = await Stage.set([{ name: 'green', front }], {}, { env, inside });
    const said = await stage.cli('run', 'green', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    const { [MODEL]: ledger = NO_TOKENS } = await billed(sandbox, 'green');
    assert.deepEqual(await metered(stage), { [MODEL]: { ...ledger, reasoning: 0 } });
    assert.equal((await stage.ls())[0]?.provenance, 'exact');
  });
});
