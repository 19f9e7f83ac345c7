/** The three completions as texts: that they say what the program says, and that each shell can read its own. What the tab key does is told in test/e2e. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { bash } from '../../source/commands/completion/bash.ts';
import { fish } from '../../source/commands/completion/fish.ts';
import { grammarOf } from '../../source/commands/completion/grammar.ts';
import { zsh } from '../../source/commands/completion/zsh.ts';
import { build } from '../../source/commands/program.ts';
import { folder } from '../supervisor/memory/folder.ts';

const grammar = grammarOf(build());
const verb = (path: string) => grammar.find((each) => each.path === path);

test('the table holds every verb that is listed, with what may stand where', () => {
  const listed = build().commands.filter((each) => !['pane', 'names', 'manual', 'help'].includes(each.name()));
  assert.deepEqual(
    verb('')?.verbs.map(({ name }) => name),
    listed.map((each) => each.name()),
  );
  assert.deepEqual(verb('freeze')?.operand, { is: 'names', of: 'runs' });
  assert.deepEqual(verb('log')?.operand, { is: 'names', of: 'known-runs' });
  assert.deepEqual(verb('run')?.operand, { is: 'names', of: 'loops' });
  assert.deepEqual(verb('promote')?.options[0]?.value, { is: 'names', of: 'loops' });
  assert.deepEqual(verb('rule retire')?.operand, { is: 'names', of: 'rules' });
  assert.deepEqual(verb('release')?.operand, { is: 'names', of: 'fans' });
  assert.deepEqual(verb('check')?.operand, { is: 'file' });
  assert.deepEqual(verb('note')?.operand, { is: 'names', of: 'runs' });
});

test('no word beside a verb or an option can end its quotes', () => {
  for (const { about, verbs, options } of grammar)
    for (const text of [about, ...verbs.map((each) => each.about), ...options.map((each) => each.about)])
      assert.doesNotMatch(text, /['"`\\$:;\n]/, text);
});

for (const [shell, write] of Object.entries({ bash, zsh, fish })) {
  const script = write(grammar);
  test(`every verb and option is in the completion for ${shell}`, () => {
    for (const { path, options } of grammar) {
      assert.ok(script.includes(path), path);
      for (const { flags } of options)
        for (const flag of flags)
          assert.ok(
            script.includes(shell === 'fish' ? ` -${flag.replace(/^--/, 'l ').replace(/^-(?=\w$)/, 's ')}` : flag),
            flag,
          );
    }
  });

  test(`${shell} can read it`, async (t) => {
    try {
      execFileSync(shell, ['-c', 'true'], { stdio: 'ignore' });
    } catch {
      t.skip(`${shell} is not installed`);
      return;
    }
    const file = join(await folder(t, { script }), 'script');
    execFileSync(shell, ['-n', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  });
}
