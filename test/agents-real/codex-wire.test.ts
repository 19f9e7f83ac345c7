/** The real codex as a maker behind the wire meter, supervisor, bridge and all: whatever happens to it, the meter equals the provider's ledger. */
import { describe } from 'node:test';
import { codexWireCases } from './codex-wire-cases.ts';
import { noNamespace } from './sandbox.ts';

const why = await noNamespace();

describe('looptop with codex app-server on the wire', { skip: why ?? false }, () => {
  codexWireCases({ permission: 'bypassPermissions' });
});
