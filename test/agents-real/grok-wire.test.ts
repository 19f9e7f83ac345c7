/** The real grok behind the wire meter, supervisor and all: whatever happens to it, the meter equals the provider's ledger. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'node:test';
import { install, noNamespace } from './sandbox.ts';
import { wireCases } from './wire-cases.ts';

/** What source/agents/grok*.ts was measured against. */
const VERSION = '1.0.41';

const why = await noNamespace();

describe('looptop with grok on the wire', { skip: why ?? false }, () => {
  wireCases({
    engine: 'grok',
    install: () => install('@xai-official/grok', VERSION, 'grok'),
    scenarios: {},
    tells: { cacheWrite: false, reasoning: true },
    model: 'grok-4.5',
    billedAs: 'grok-4.5',
    strong: { model: 'grok-4.6', billedAs: 'grok-4.6' },
    settings: ({ home }) => {
      mkdirSync(join(home, '.grok'), { recursive: true });
      // Without the network every fetch of its own costs seconds.
      writeFileSync(join(home, '.grok', 'config.toml'), '[features]\nremote_fetch = false\n');
    },
    environment: (account, { url }) => ({
      XAI_API_KEY: account,
      XAI_BASE_URL: `${url}/v1`,
      GROK_CLI_CHAT_PROXY_BASE_URL: `${url}/v1`,
    }),
  });
});
