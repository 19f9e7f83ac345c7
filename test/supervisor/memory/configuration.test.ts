import assert from 'node:assert/strict';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigError } from '../../../source/loop/errors.ts';
import { configurationFolder, readConfiguration } from '../../../source/supervisor/memory/configuration.ts';
import { folder } from './folder.ts';

const read = async (t: Parameters<typeof folder>[0], config: unknown) => {
  const text = typeof config === 'string' ? config : JSON.stringify(config);
  return readConfiguration(await folder(t, { 'config.json': text }));
};

test('without a file the defaults hold, and nothing is made', async (t) => {
  const base = await folder(t);
  assert.deepEqual(await readConfiguration(join(base, 'looptop')), {
    settings: {
      tiers: { claude: { cheap: 'haiku', standard: 'sonnet', strong: 'opus' } },
      daily: { tokens: 10_000_000, usd: 25 },
      hourly: { tokens: null, usd: null },
      usdPerMinute: null,
      maxAgents: 12,
      meter: 'events',
      hooks: [],
    },
    wire: { port: null, upstreams: {} },
    engines: {},
    prices: {},
    hooks: {},
    notify: { bell: true, desktop: true, title: true },
    theme: null,
    keys: {},
  });
  assert.deepEqual(await readdir(base), []);
});

test('what the operator wrote is laid over the defaults', async (t) => {
  const configuration = await read(t, {
    tiers: { claude: { strong: 'claude-fable-5-1' }, codex: { cheap: 'gpt-6-luna' } },
    engines: { claude: { command: '/opt/my tools/claude' }, shell: { command: ['bash', '-l'] } },
    daily: { usd: '$12.50', tokens: '4M' },
    hourly: { tokens: '1M' },
    usdPerMinute: 2,
    maxAgents: 3,
    meter: 'events',
    hooks: { failed: 'sh failed.sh', 'needs-you': 'curl -d @- "$SLACK"' },
    notify: { bell: false, desktop: 'osc777' },
    wire: { port: 21_000, upstreams: { anthropic: 'https://gateway.example/llm' } },
    theme: 'dark',
    keys: { kill: 'K', freeze: ['p', 'F5'] },
  });
  assert.deepEqual(configuration, {
    settings: {
      tiers: {
        claude: { cheap: 'haiku', standard: 'sonnet', strong: 'claude-fable-5-1' },
        codex: { cheap: 'gpt-6-luna' },
      },
      daily: { tokens: 4_000_000, usd: 12.5 },
      hourly: { tokens: 1_000_000, usd: null },
      usdPerMinute: 2,
      maxAgents: 3,
      meter: 'events',
      hooks: ['needs-you', 'failed'],
    },
    wire: { port: 21_000, upstreams: { anthropic: 'https://gateway.example/llm' } },
    engines: { claude: { command: ['/opt/my tools/claude'] }, shell: { command: ['bash', '-l'] } },
    prices: {},
    hooks: { failed: 'sh failed.sh', 'needs-you': 'curl -d @- "$SLACK"' },
    notify: { bell: false, desktop: 'osc777', title: true },
    theme: 'dark',
    keys: { kill: ['K'], freeze: ['p', 'F5'] },
  });
});

test('everything wrong is said at once, with key, value and what is allowed', async (t) => {
  const root = await folder(t, {
    'config.json': JSON.stringify({
      daily: { usd: 'lots' },
      maxAgents: 0,
      themes: 'x',
      tiers: { claude: { string: 'x' } },
      engines: { claude: { command: 5 } },
      wire: { port: 80, upstreams: { mine: 'ftp://x' } },
    }),
  });
  const path = join(root, 'config.json');
  await assert.rejects(readConfiguration(root), (error: Error) => {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.exitCode, 2);
    assert.deepEqual(
      error.message.split('\n').sort(),
      [
        `${path}: daily.usd: found "lots", expected an amount in USD such as 5 or 0.50`,
        `${path}: engines.claude.command: found 5, expected a program, or a list of a program and its arguments`,
        `${path}: maxAgents: found 0, expected at least 1`,
        `${path}: themes: unknown key (did you mean theme?)`,
        `${path}: wire.port: found 80, expected at least 1024`,
        `${path}: wire.upstreams.mine: found "ftp://x", expected a base URL such as https://api.anthropic.com`,
        `${path}: tiers.claude.string: unknown key (did you mean strong?)`,
      ].sort(),
    );
    return true;
  });
});

test('prices of the operator’s own: what is left out of the cache costs what the input does', async (t) => {
  const { prices } = await read(t, {
    prices: {
      'ollama/qwen3': { input: 0, output: 0 },
      'claude-opus-5-5': { input: 3, output: 15, cacheRead: 0.15, cacheWrite: 3.75, cacheWrite1h: 6 },
      'gpt-6-sol': { input: 1, output: 5, cacheRead: 0.1, long: { over: 272_000, input: 2, output: 7.5 } },
    },
  });
  const mine = { by: 'operator', asOf: null, source: 'prices of the configuration' };
  assert.deepEqual(prices, {
    'ollama/qwen3': { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, ...mine },
    'claude-opus-5-5': { input: 3, cacheRead: 0.15, cacheWrite: 3.75, cacheWrite1h: 6, output: 15, ...mine },
    'gpt-6-sol': {
      input: 1,
      cacheRead: 0.1,
      cacheWrite: 1,
      output: 5,
      long: { over: 272_000, rates: { input: 2, cacheRead: 2, cacheWrite: 2, output: 7.5 } },
      ...mine,
    },
  });
});

test('a price that is none is refused with its model, its key and what is allowed', async (t) => {
  const refused = (prices: unknown, words: RegExp) => assert.rejects(read(t, { prices }), words);
  await refused({ opus: { input: 4 } }, /prices\.opus\.output: /);
  await refused(
    { opus: { input: '4', output: 20 } },
    /prices\.opus\.input: found "4", expected USD per million tokens/,
  );
  await refused(
    { opus: { input: -1, output: 20 } },
    /prices\.opus\.input: found -1, expected USD per million tokens, 0 to 10000/,
  );
  await refused(
    { opus: { input: 4_000_000, output: 20 } },
    /prices\.opus\.input: found 4000000, expected USD per million tokens, 0 to 10000/,
  );
  await refused(
    { opus: { input: 4, output: 20, cachRead: 1 } },
    /prices\.opus\.cachRead: unknown key \(did you mean cacheRead\?\)/,
  );
  await refused(
    { opus: { input: 4, output: 20, long: { over: 0, input: 8, output: 30 } } },
    /prices\.opus\.long\.over: found 0/,
  );
  await refused({ opus: 4 }, /prices\.opus: found 4/);
});

test('an engine that does not exist is said to be none', async (t) => {
  await assert.rejects(read(t, { tiers: { cloude: {} } }), /tiers\.cloude: unknown key \(did you mean claude\?\)/);
});

test('broken JSON is an error for people and stays as it is', async (t) => {
  for (const broken of ['{ "maxAgents": 3, }', '', '[]', 'null', '{"a":1}}']) {
    const root = await folder(t, { 'config.json': broken });
    await assert.rejects(readConfiguration(root), ConfigError, broken);
    assert.equal(await readFile(join(root, 'config.json'), 'utf8'), broken);
    assert.deepEqual(await readdir(root), ['config.json']);
  }
  const root = await folder(t);
  await mkdir(join(root, 'config.json'));
  await assert.rejects(readConfiguration(root), ConfigError);
});

test('the folder follows the XDG base directory specification', () => {
  assert.equal(configurationFolder({ XDG_CONFIG_HOME: '/x', HOME: '/h' }), '/x/looptop');
  assert.equal(configurationFolder({ XDG_CONFIG_HOME: 'relative', HOME: '/h' }), '/h/.config/looptop');
  assert.equal(configurationFolder({ XDG_CONFIG_HOME: '', HOME: '/h' }), '/h/.config/looptop');
});
