/** What claude is started with and what is written into its stdin. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claude } from '../../source/agents/claude.ts';
import { agent, spec } from './specs.ts';

const optionOf = (argv: readonly string[], option: string) =>
  argv.includes(option) ? argv[argv.indexOf(option) + 1] : undefined;

test('the prompt is the first line of stdin and nowhere in argv', () => {
  const prompt = 'Fix it.\nSecond line: "quoted" – 日本語';
  const { argv, stdin } = claude.start(spec({ prompt }));
  assert.ok(!argv.some((word) => word.includes('Fix it')));
  assert.equal(stdin.kind, 'live');
  if (stdin.kind !== 'live') return;
  assert.equal(stdin.first.indexOf('\n'), stdin.first.length - 1);
  assert.equal(JSON.parse(stdin.first).message.content[0].text, prompt);
});

test('a fresh session gets our id, a resumed one keeps its own and takes the new model', () => {
  const fresh = claude.start(spec()).argv;
  assert.equal(optionOf(fresh, '--session-id'), spec().session);
  assert.ok(!fresh.includes('--resume'));
  const resumed = claude.start(spec({ resume: 'abc', model: 'opus' })).argv;
  assert.equal(optionOf(resumed, '--resume'), 'abc');
  assert.equal(optionOf(resumed, '--model'), 'opus');
  assert.ok(!resumed.includes('--session-id'));
});

test('caps, effort, permission and tools of the loop file become options', () => {
  const tools = { allow: ['Bash(git log, x)', 'Edit'], deny: ['WebFetch'] };
  const { argv } = claude.start(
    spec({ agent: agent({ turns: 7, effort: 'high', permission: 'ask', tools }), command: ['nice', 'claude'] }),
  );
  assert.deepEqual(argv.slice(0, 2), ['nice', 'claude']);
  assert.equal(optionOf(argv, '--max-turns'), '7');
  assert.equal(optionOf(argv, '--max-budget-usd'), '2.5000');
  assert.equal(optionOf(argv, '--effort'), 'high');
  assert.equal(optionOf(argv, '--permission-mode'), 'manual');
  assert.deepEqual(argv.slice(argv.indexOf('--allowedTools')), [
    ...['--allowedTools', 'Bash(git log, x)', 'Edit'],
    ...['--disallowedTools', 'WebFetch'],
  ]);
});

test('no money left is no option at all, for claude refuses amounts that are not positive', () => {
  assert.ok(!claude.start(spec({ usdLeft: 0 })).argv.includes('--max-budget-usd'));
  const { argv: reading } = claude.start(spec({ reads: ['/repo/.looptop/runs/fix-1/item.json'] }));
  assert.equal(reading[reading.indexOf('--allowedTools') + 1], 'Read(//repo/.looptop/runs/fix-1/item.json)');
});

test('yes allows, anything else denies with the words as the reason', () => {
  const answer = (text: string, ask = 'r1') => JSON.parse(claude.tell(text, ask) ?? '').response;
  for (const text of ['y', 'Yes', ' ok ', 'allow.', 'OKAY!']) {
    assert.deepEqual(answer(text), { subtype: 'success', request_id: 'r1', response: { behavior: 'allow' } });
  }
  for (const text of ['no', 'yes but use pnpm', '']) {
    assert.deepEqual(answer(text).response, { behavior: 'deny', message: text });
  }
});

test('the answer to a question of the model’s own is words, even if it is yes', () => {
  const line = JSON.parse(claude.tell('yes', 'question:r1') ?? '');
  assert.equal(line.response.request_id, 'r1');
  assert.deepEqual(line.response.response, { behavior: 'deny', message: 'The user answers: yes' });
});
