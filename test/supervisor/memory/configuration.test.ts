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
      meter: 'wire',
    },
    wire: { port: null, upstreams: {} },
    engines: {},
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
    },
    wire: { port: 21_000, upstreams: { anthropic: 'https://gateway.example/llm' } },
    engines: { claude: { command: ['/opt/my tools/claude'] }, shell: { command: ['bash', '-l'] } },
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
