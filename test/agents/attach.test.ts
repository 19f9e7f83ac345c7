import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineOf } from '../../source/agents/engines.ts';
import { ENGINES } from '../../source/loop/definition/schema/agent.ts';

const session = '6f1c2d3e-0000-4000-8000-000000000000';
const argv = (name: (typeof ENGINES)[number], command: readonly string[] = [name]) =>
  engineOf(name)?.attach?.({ session, command }).argv.join(' ') ?? null;

test('a person goes on with a session by the CLI’s own command, without a word of ours in it', () => {
  assert.deepEqual(Object.fromEntries(ENGINES.map((name) => [name, argv(name)])), {
    claude: `claude --resume ${session}`,
    codex: `codex resume ${session}`,
    gemini: `gemini --resume ${session}`,
    grok: `grok --resume ${session}`,
    opencode: `opencode --session ${session}`,
    acp: null,
    shell: null,
    scripted: null,
  });
});

test('the operator’s own program is used, with the arguments that stand before ours', () => {
  assert.equal(argv('codex', ['/opt/codex', '--profile', 'work']), `/opt/codex --profile work resume ${session}`);
});
