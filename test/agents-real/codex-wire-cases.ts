/** What codex has to stand on the wire in each of its modes, beyond what every CLI has. */
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Permission } from '../../source/loop/definition/definition.ts';
import { ASTRA, CODEX_SCENARIOS, installCodex, SOL } from './codex-scenarios.ts';
import { runOf } from './metered.ts';
import type { Sandbox } from './sandbox.ts';
import { DONE, FIX, shell, stream } from './scenarios.ts';
import { heard, untilActed } from './wire-bench.ts';
import { LIMIT, wireCases } from './wire-cases.ts';

const SCENARIOS = {
  helped: CODEX_SCENARIOS.delegate,
  long: CODEX_SCENARIOS.long,
  stream: [shell('One tool first.', 'echo one'), stream(60)],
  'breaks-off': [shell('One.', 'echo one'), { ...FIX, ...stream(40), cut: true, failTimes: 1 }, DONE],
  idle: [shell('I look.', 'ls'), { text: 'I do nothing.' }],
};

interface Mode {
  readonly permission: Permission;
  readonly front?: Readonly<Record<string, unknown>>;
}

/** To be called in a suite. */
export function codexWireCases({ permission, front = {} }: Mode): void {
  const bench = wireCases({
    engine: 'codex',
    install: installCodex,
    scenarios: SCENARIOS,
    // The mock bills cache writes as OpenAI does: as input.
    tells: { cacheWrite: false, reasoning: true },
    model: SOL,
    billedAs: SOL,
    strong: { model: ASTRA, billedAs: ASTRA },
    permission,
    front,
    environment: (account, { url }) => ({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: account }),
  });
  const { stageOf, assertMeter, untilRequests } = bench;

  test('out of passes', LIMIT, async (t) => {
    await using stage = await stageOf('passes', 'idle', { front: { gates: ['false'] } });
    const said = await stage.cli('run', 'passes', '--wait', '--set', 'budget.passes=2');
    assert.equal(said.code, 3, said.stderr + said.stdout);
    assert.equal((await bench.sandbox.ledger('passes')).models[SOL]?.requests, 4);
    await assertMeter(t, stage, 'passes', 'exact');
  });

  test('frozen in mid-stream', LIMIT, async (t) => {
    await using stage = await stageOf('frozen', 'long');
    await stage.must('run', 'frozen');
    await untilRequests('frozen', 2);
    await sleep(1000);
    await stage.must('freeze', 'frozen-1');
    await sleep(8000);
    await stage.must('resume', 'frozen-1');
    await stage.until('frozen-1', (run) => run.state === 'review', 60_000);
    await assertMeter(t, stage, 'frozen', 'exact');
  });

  test('lives on when the supervisor is killed in mid-tool, and waits for the next', LIMIT, async (t) => {
    await using stage = await stageOf('orphan', 'long');
    const first = await stage.supervisorPid();
    await stage.must('run', 'orphan');
    await untilActed(stage, 'ticks.txt');
    process.kill(first, 'SIGKILL');
    // Its tool ends after 3 s: its next request finds nobody for longer than that.
    await sleep(12_000);
    assert.notEqual(await stage.supervisorPid(), first);
    await stage.until('orphan-1', (run) => run.state === 'review', 60_000);
    assert.equal((await runOf(stage)).agents, 1, 'it was started once');
    assert.equal((await heard(stage, 'said')).at(-1)?.text, DONE.text);
    await assertMeter(t, stage, 'orphan', 'exact');
  });

  test('with the key of its own login', LIMIT, async (t) => {
    const login = { auth_mode: 'apikey', OPENAI_API_KEY: 'key-of-its-login' };
    const env = { CODEX_HOME: loggedIn(bench.sandbox, login), OPENAI_API_KEY: '' };
    await using stage = await stageOf('own-login', 'fix', { env });
    const said = await stage.cli('run', 'own-login', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    await assertMeter(t, stage, login.OPENAI_API_KEY, 'exact');
  });

  test('with a ChatGPT login, whose token goes nowhere else', LIMIT, async (t) => {
    const token = jwt({ exp: 4e9 });
    const tokens = { id_token: jwt(CHATGPT), access_token: token, refresh_token: 'none', account_id: 'account' };
    const login = { auth_mode: 'chatgpt', OPENAI_API_KEY: null, tokens, last_refresh: new Date().toISOString() };
    const home = loggedIn(bench.sandbox, login);
    const env = { CODEX_HOME: home, OPENAI_API_KEY: '', OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' };
    const configuration = { wire: { upstreams: { chatgpt: `${bench.sandbox.url}/v1` } } };
    const files = { '../config/looptop/config.json': JSON.stringify(configuration) };
    await using stage = await stageOf('chatgpt', 'fix', { env, files });
    const said = await stage.cli('run', 'chatgpt', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    assert.ok(!JSON.stringify(await stage.events()).includes(token), 'the token is not in the journal');
    await assertMeter(t, stage, token, 'exact');
  });

  test('a provider that breaks off: nobody tells what that cost, so it is charged as reserved', LIMIT, async (t) => {
    await using stage = await stageOf('broken', 'breaks-off');
    const said = await stage.cli('run', 'broken', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    const { meter, provenance } = await runOf(stage);
    const metered = meter.perModel[SOL]?.tokens;
    const billed = (await bench.sandbox.ledger('broken')).models[SOL];
    assert.ok(metered && billed);
    t.diagnostic(`ledger ${JSON.stringify(billed)}, meter (${provenance}) ${JSON.stringify(metered)}`);
    assert.equal(provenance, 'estimated');
    assert.equal(metered.cacheRead, billed.cacheRead);
    assert.ok(metered.input > billed.input + billed.cacheWrite && metered.output > billed.output);
  });
}

/** A home of codex's with this login. */
function loggedIn({ home }: Sandbox, login: unknown): string {
  const folder = mkdtempSync(join(home, 'codex-'));
  writeFileSync(join(folder, 'auth.json'), JSON.stringify(login));
  return folder;
}

/** Signed by nobody: codex reads what stands in its own token and leaves the judging to the provider. */
const jwt = (claims: unknown): string =>
  [{ alg: 'none' }, claims, {}].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');

const CHATGPT = {
  email: 'somebody@localhost',
  exp: 4e9,
  'https://api.openai.com/auth': { chatgpt_plan_type: 'pro', chatgpt_account_id: 'account' },
};
