/** The real opencode behind the wire meter, supervisor and all: whatever happens to it, the meter equals the provider's ledger. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'node:test';
import { install, noNamespace } from './sandbox.ts';
import { wireCases } from './wire-cases.ts';

/** What source/agents/opencode*.ts was measured against. */
const VERSION = '1.18.33';

const why = await noNamespace();

describe('looptop with opencode on the wire', { skip: why ?? false }, () => {
  wireCases({
    engine: 'opencode',
    install: () => install('opencode-ai', VERSION, 'opencode'),
    scenarios: {},
    tells: { cacheWrite: false, reasoning: true },
    model: 'mock/mock-model',
    billedAs: 'mock-model',
    strong: { model: 'mock/mock-strong', billedAs: 'mock-strong' },
    settings: ({ home, url }) => {
      const options = { baseURL: `${url}/v1`, apiKey: '{env:MOCK_KEY}' };
      const models = { 'mock-model': { name: 'Mock' }, 'mock-strong': { name: 'Strong' } };
      const mock = { npm: '@ai-sdk/openai-compatible', name: 'Mock', options, models };
      writeFileSync(join(home, 'opencode.json'), JSON.stringify({ provider: { mock } }));
    },
    environment: (account, { home }) => ({ OPENCODE_CONFIG: join(home, 'opencode.json'), MOCK_KEY: account }),
  });
});
