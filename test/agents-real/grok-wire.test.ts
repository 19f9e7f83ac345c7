/** The real grok behind the wire meter, supervisor and all: whatever happens to it, the meter equals the provider's ledger. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { billed, metered, runOf } from './metered.ts';
import { install, noNamespace } from './sandbox.ts';
import { heard } from './wire-bench.ts';
import { DONE, FIX, LIMIT, wireCases } from './wire-cases.ts';

/** What source/agents/grok*.ts was measured against. */
const VERSION = '1.0.41';
const MODEL = 'grok-4.5';
/** The model that does not exist, which grok is made to ask for its titles. The mock knows every model, and bills it. */
const NONE = 'none';

const why = await noNamespace();

describe('looptop with grok on the wire', { skip: why ?? false }, () => {
  const bench = wireCases({
    engine: 'grok',
    install: () => install('@xai-official/grok', VERSION, 'grok'),
    scenarios: {
      search: [{ text: 'I search.', call: [{ tool: 'web_search', args: { query: 'x' } }] }, FIX, DONE],
    },
    tells: { cacheWrite: false, reasoning: true },
    model: MODEL,
    billedAs: MODEL,
    beside: NONE,
    strong: { model: 'grok-4.6', billedAs: 'grok-4.6' },
    settings: ({ home, url }) => {
      mkdirSync(join(home, '.grok'), { recursive: true });
      const own = `[model.mock-model]\nmodel = "mock-model"\nbase_url = "${url}/v1"\nenv_key = "XAI_API_KEY"\n`;
      // Without the network every fetch of its own costs seconds.
      writeFileSync(
        join(home, '.grok', 'config.toml'),
        `${own}context_window = 200000\n[features]\nremote_fetch = false\n`,
      );
    },
    environment: (account, { url }) => ({
      XAI_API_KEY: account,
      XAI_BASE_URL: `${url}/v1`,
      GROK_CLI_CHAT_PROXY_BASE_URL: `${url}/v1`,
    }),
  });
  const { stageOf, assertMeter } = bench;

  test('ends at its cap of turns', LIMIT, async (t) => {
    const maker = { engine: 'grok', model: MODEL, permission: 'bypassPermissions', turns: 2 };
    await using stage = await stageOf('turns', 'many-turns', { front: { agents: { maker } } });
    const said = await stage.cli('run', 'turns', '--wait', '--set', 'budget.passes=1');
    assert.equal(said.code, 3, said.stderr + said.stdout);
    await assertMeter(t, stage, 'turns', 'exact');
    assert.deepEqual(
      (await heard(stage, 'ended')).map(({ outcome }) => outcome),
      ['max-turns'],
    );
  });

  test('with a web search, which another model does on the side', LIMIT, async (t) => {
    await using stage = await stageOf('search', 'search');
    const said = await stage.cli('run', 'search', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    await assertMeter(t, stage, 'search', 'exact');
  });

  test('a model with an address of its own goes past the wire: what grok reports of it counts', LIMIT, async (t) => {
    await using stage = await stageOf('past', 'fix', { model: 'mock-model' });
    const said = await stage.cli('run', 'past', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    const ledger = await billed(bench.sandbox, 'past');
    t.diagnostic(JSON.stringify(ledger));
    const { agent, provenance } = await runOf(stage);
    t.diagnostic(JSON.stringify(agent?.wire));
    const { 'mock-model': work } = ledger;
    assert.ok(work, 'nothing was billed');
    assert.deepEqual(await metered(stage), { ...ledger, 'mock-model': { ...work, reasoning: 0 } });
    assert.equal(provenance, 'exact');
  });
});
