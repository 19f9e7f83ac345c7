/** The real codex as it is installed for tests, and what the mock provider plays for it. */

import { install } from './sandbox.ts';
import { DONE, FIX, shell, stream } from './scenarios.ts';

/** The version that source/agents/codex was measured against. */
const VERSION = '0.169.0';

export const SOL = 'gpt-6.1-sol';
export const ASTRA = 'gpt-6-astra';

/** The path of the codex program. */
export const installCodex = (): Promise<string> => install('@openai/codex', VERSION, 'codex');

export const CODEX_SCENARIOS = {
  fix: [FIX, DONE],
  fails: [shell('This fails.', 'echo before; ls /nonexistent-dir; exit 3'), FIX, DONE],
  two: [{ text: 'Two at once.', call: [{ shell: 'echo one' }, { shell: 'echo two' }] }, FIX, DONE],
  wide: [shell('One long line.', "head -c 300000 /dev/zero | tr '\\0' x"), FIX, DONE],
  words: [shell('日本語 🚀 \u001b[31mnot red\u001b[0m', "printf 'línea 1\\n二行目 🎉\\n'"), FIX, DONE],
  delegate: [
    {
      text: 'Delegating.',
      call: [
        {
          tool: 'spawn_agent',
          args: { task_name: 'helper', message: 'Count the files. [[mock:sub-worker]]', fork_turns: 'none' },
        },
      ],
    },
    { text: 'Waiting.', call: [{ tool: 'wait_agent', args: { timeout_ms: 20_000 } }] },
    FIX,
    DONE,
  ],
  'slow-then-fix': [shell('One.', 'echo one'), shell('Slowly.', 'echo begun; sleep 61'), FIX, DONE],
  cut: [shell('One tool first.', 'echo one'), stream(300)],
  long: [
    shell('Counting.', 'for i in $(seq 1 30); do echo $i >> ticks.txt; sleep 0.1; done'),
    { ...stream(40), call: [{ shell: 'echo streamed' }] },
    FIX,
    DONE,
  ],
  steps: [...[1, 2, 3, 4, 5].map((n) => shell(`Step ${n}.`, `sleep 0.5; echo ${n}`)), FIX, DONE],
  notable: [...[1, 2, 3].map((n) => shell(`Step ${n}.`, `sleep 2; echo ${n}`)), FIX, DONE],
  'limited-mid': [shell('One.', 'echo one'), { status: 429, error: 'mock: rate limited' }],
  'broken-mid': [shell('One.', 'echo one'), { status: 500, error: 'mock: internal server error' }],
  ask: [shell('May I?', 'sh fix.sh'), DONE],
};
