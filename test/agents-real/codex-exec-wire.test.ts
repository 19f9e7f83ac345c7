/** The real codex as one shot that only reads, behind the wire meter: whatever happens to it, the meter equals the provider's ledger. */
import { describe } from 'node:test';
import { codexWireCases } from './codex-wire-cases.ts';
import { noNamespace } from './sandbox.ts';

const why = await noNamespace();

describe('looptop with codex exec on the wire', { skip: why ?? false }, () => {
  // Nothing can be mended read-only.
  codexWireCases({ permission: 'plan', front: { gates: [{ id: 'check', run: 'true' }] } });
});
