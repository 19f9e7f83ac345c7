import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { manPage } from '../../source/commands/manual.ts';
import { build } from '../../source/commands/program.ts';

const page = manPage(build());

test('the man page has every verb, its options and its example', () => {
  for (const verb of build().commands) {
    if (['pane', 'names', 'manual', 'help'].includes(verb.name())) continue;
    assert.match(page, new RegExp(`^\\.SS\\n${verb.name().replaceAll('-', '\\\\-')}\\b`, 'm'), verb.name());
  }
  assert.match(page, /^\.B \\-\\-tmux$/m);
  assert.match(page, /looptop spend .*\\-\\-by/);
});

test('groff sets it without a warning, and what is read is what was meant', (t) => {
  if (spawnSync('groff', ['--version']).error) {
    t.skip('groff is not installed');
    return;
  }
  const set = spawnSync('groff', ['-man', '-ww', '-Tutf8', '-P-cbou'], { input: page, encoding: 'utf8' });
  assert.equal(set.stderr, '');
  assert.match(set.stdout, /set -g status-right '#\(cd #\{q:pane_current_path\} && looptop status --tmux\)'/);
  assert.match(set.stdout, /--split/);
});
