/** The real opencode behind the wire meter, supervisor and all: whatever happens to it, the meter equals the provider's ledger. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runOf } from './metered.ts';
import { install, noNamespace } from './sandbox.ts';
import { heard } from './wire-bench.ts';
import { DONE, FIX, LIMIT, wireCases } from './wire-cases.ts';

/** What source/agents/opencode*.ts was measured against. */
const VERSION = '1.18.33';

const helped = (type: string) => [
  { text: 'Delegating.', call: [{ agent: 'Count the files. [[mock:sub-worker]]', type }] },
  FIX,
  DONE,
];

const why = await noNamespace();

describe('looptop with opencode on the wire', { skip: why ?? false }, () => {
  const bench = wireCases({
    engine: 'opencode',
    install: () => install('opencode-ai', VERSION, 'opencode'),
    scenarios: {
      helped: helped('general'),
      'helped-by-claude': helped('claude'),
      'helped-by-stranger': helped('stranger'),
    },
    tells: { cacheWrite: false, reasoning: true },
    model: 'mock/mock-model',
    billedAs: 'mock-model',
    strong: { model: 'mock/mock-strong', billedAs: 'mock-strong' },
    settings: ({ home, url }) => {
      const named = (...names: string[]) => Object.fromEntries(names.map((name) => [name, { name }]));
      const compatible = { npm: '@ai-sdk/openai-compatible' };
      const options = { baseURL: `${url}/v1`, apiKey: '{env:MOCK_KEY}' };
      const provider = {
        mock: { ...compatible, options, models: named('mock-model', 'mock-strong') },
        // What the operator has beside it, with an address that leads past the meter.
        strange: { ...compatible, options, models: named('strange-model') },
        anthropic: { options, models: named('mock-claude') },
        google: { options: { ...options, baseURL: `${url}/v1beta` }, models: named('mock-gemini') },
        openai: { options, models: named('mock-gpt') },
      };
      const helper = (model: string) => ({ description: 'Helps.', mode: 'subagent', model });
      const agent = { claude: helper('anthropic/mock-claude'), stranger: helper('strange/strange-model') };
      writeFileSync(join(home, 'opencode.json'), JSON.stringify({ provider, agent }));
    },
    configuration: ({ url }) => ({ wire: { upstreams: { mock: `${url}/v1`, openai: `${url}/v1`, google: url } } }),
    environment: (account, { home }) => ({ OPENCODE_CONFIG: join(home, 'opencode.json'), MOCK_KEY: account }),
  });
  const { stageOf, assertMeter } = bench;

  for (const [provider, model] of [
    ['google', 'mock-gemini'],
    ['openai', 'mock-gpt'],
  ] as const) {
    test(`with a model of ${provider}, in its own dialect`, LIMIT, async (t) => {
      await using stage = await stageOf(provider, 'fix', { model: `${provider}/${model}` });
      const said = await stage.cli('run', provider, '--wait');
      assert.equal(said.code, 0, said.stderr + said.stdout);
      await assertMeter(t, stage, provider, 'exact');
      assert.deepEqual(Object.keys((await runOf(stage)).meter.perModel), [model]);
    });
  }

  test('with a sub-agent of another provider', LIMIT, async (t) => {
    await using stage = await stageOf('other', 'helped-by-claude');
    const said = await stage.cli('run', 'other', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    const { models } = await bench.sandbox.ledger('other');
    t.diagnostic(JSON.stringify(models));
    const { perModel } = (await runOf(stage)).meter;
    const { reasoning: _untold, requests: _two, ...claude } = models['mock-claude'] ?? assert.fail('it was not asked');
    assert.deepEqual(perModel['mock-claude']?.tokens, { ...claude, reasoning: 0 });
    assert.equal((await runOf(stage)).provenance, 'exact');
  });

  test('a sub-agent of a provider that the wire does not lead to asks nobody', LIMIT, async (t) => {
    await using stage = await stageOf('stranger', 'helped-by-stranger');
    const said = await stage.cli('run', 'stranger', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    await assertMeter(t, stage, 'stranger', 'exact');
    assert.deepEqual(Object.keys((await bench.sandbox.ledger('stranger')).models), ['mock-model']);
    const [first] = await heard(stage, 'observed');
    t.diagnostic(first?.output ?? '');
    assert.equal(first?.ok, false);
  });

  test('a provider whose address nobody has named: it says so, and nothing is spent', LIMIT, async () => {
    await using stage = await stageOf('nowhere', 'fix', { model: 'strange/strange-model' });
    await stage.must('run', 'nowhere');
    const said = async () => (await runOf(stage)).trace.map(({ text }) => text).join('\n');
    await stage.until('nowhere-1', (run) => run.state !== 'making', 90_000).catch(() => {});
    assert.match(await said(), /wire\.upstreams\.strange/);
    assert.deepEqual((await bench.sandbox.ledger('nowhere')).models, {});
  });
});
