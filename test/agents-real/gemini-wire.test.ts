/** The real gemini behind the wire meter, supervisor and all: whatever happens to it, the meter equals the provider's ledger. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { install, noNamespace } from './sandbox.ts';
import { heard } from './wire-bench.ts';
import { LIMIT, shell, wireCases } from './wire-cases.ts';

/** What source/agents/gemini*.ts was measured against. */
const VERSION = '0.61.0';
const FLASH = 'gemini-3.8-flash';
const PRO = 'gemini-3.1-pro-preview';

const why = await noNamespace();

/** The operator's own settings, with short retries. */
function settings(home: string, more: Readonly<Record<string, unknown>>): void {
  mkdirSync(join(home, '.gemini'), { recursive: true });
  const login = { security: { auth: { selectedType: 'gemini-api-key' } }, general: { maxAttempts: 3 } };
  writeFileSync(join(home, '.gemini', 'settings.json'), JSON.stringify({ ...login, ...more }));
}

describe('looptop with gemini on the wire', { skip: why ?? false }, () => {
  const bench = wireCases({
    engine: 'gemini',
    install: () => install('@google/gemini-cli', VERSION, 'gemini'),
    scenarios: {
      babble: [shell('One tool first.', 'echo one'), { text: 'word '.repeat(400), chunk: 10, chunkMs: 5 }],
    },
    tells: { cacheWrite: false, reasoning: true },
    model: FLASH,
    billedAs: FLASH,
    strong: { model: PRO, billedAs: PRO },
    settings: ({ home }) => settings(home, {}),
    environment: (account, { url }) => ({ GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: account }),
  });
  const { stageOf, assertMeter } = bench;

  test('where it chooses its model itself, what it asks to choose counts', LIMIT, async (t) => {
    await using stage = await stageOf('auto', 'fix', { model: 'auto' });
    const said = await stage.cli('run', 'auto', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    await assertMeter(t, stage, 'auto', 'exact');
    assert.ok(Object.keys((await bench.sandbox.ledger('auto')).models).length > 1, 'a model was asked which model');
  });

  test('ends at its cap of turns', LIMIT, async (t) => {
    const home = mkdtempSync(join(tmpdir(), 'looptop-gemini-'));
    try {
      settings(home, { model: { maxSessionTurns: 2 } });
      await using stage = await stageOf('turns', 'many-turns', { env: { HOME: home } });
      const said = await stage.cli('run', 'turns', '--wait', '--set', 'budget.passes=1');
      assert.equal(said.code, 3, said.stderr + said.stdout);
      await assertMeter(t, stage, 'turns', 'exact');
      assert.deepEqual(
        (await heard(stage, 'ended')).map(({ outcome }) => outcome),
        ['max-turns'],
      );
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });

  test('a response that it breaks off itself, as it repeats itself, costs what it cost', LIMIT, async (t) => {
    await using stage = await stageOf('babble', 'babble');
    await stage.must('run', 'babble');
    await stage.until('babble-1', (run) => run.tokens.input > 2000, 120_000);
    await stage.must('kill', 'babble-1', '--yes');
    await assertMeter(t, stage, 'babble', 'exact');
  });
});
