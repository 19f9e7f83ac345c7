/** The command line as a whole: verbs, options anywhere, and what a wrong line says. In process; the verbs' own tests start the program. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from 'commander';
import fc from 'fast-check';
import { build, withVerb } from '../../source/commands/program.ts';

const program = build();
const leaves = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);

test('no verb at all is the pane, but help and version stay what they are', () => {
  assert.deepEqual(withVerb(program, []), ['pane']);
  assert.deepEqual(withVerb(program, ['--help']), ['--help']);
  assert.deepEqual(withVerb(program, ['-V']), ['-V']);
});

test('options go anywhere: before the verb, with and without a value, and before a verb of a verb', () => {
  assert.deepEqual(withVerb(program, ['--json', 'ls']), ['ls', '--json']);
  assert.deepEqual(withVerb(program, ['--to', 'opus', 'escalate', 'a-1']), ['escalate', '--to', 'opus', 'a-1']);
  assert.deepEqual(withVerb(program, ['--to=opus', 'escalate', 'a-1']), ['escalate', '--to=opus', 'a-1']);
  assert.deepEqual(withVerb(program, ['--scope', 'ls', 'rule', '--json', 'add', 'x']), [
    'rule',
    'add',
    '--scope',
    'ls',
    '--json',
    'x',
  ]);
  assert.deepEqual(withVerb(program, ['--', 'ls']), ['pane', '--', 'ls']);
});

test('wherever the options of a line stand, its verb and the order of its operands stay', () => {
  const line = fc.tuple(
    fc.shuffledSubarray(['--json', '--yes', '--set=a=b', '--to x', '--note y', '-f']),
    fc.array(fc.constantFrom('a-1', 'b-2', 'ls', 'rule'), { maxLength: 3 }),
    fc.nat(9),
  );
  fc.assert(
    fc.property(line, ([options, operands, at]) => {
      const words = ['kill', ...operands];
      words.splice(at % (words.length + 1), 0, ...options.flatMap((option) => option.split(' ')));
      const [verb, ...rest] = withVerb(program, words);
      assert.equal(verb, 'kill');
      assert.deepEqual(
        rest.filter((word) => operands.some((operand) => operand === word)),
        operands,
      );
      assert.deepEqual([...rest, 'kill'].sort(), [...words].sort());
    }),
  );
});

test('a flag takes a value in every verb that has it, or in none', () => {
  const takes = new Map<string, boolean>();
  for (const verb of leaves(program)) {
    for (const { long, required } of verb.options) {
      assert.equal(takes.get(long ?? '') ?? required, required, `${long} of ${verb.name()}`);
      takes.set(long ?? '', required);
    }
  }
});

test('verbs of a later version are no verbs, so that a mistyped one is never taken for them', () => {
  const names = program.commands.map((verb) => verb.name());
  for (const later of ['merge', 'quiz']) {
    assert.equal(names.includes(later), false, later);
  }
});

test('every verb has an example in its help', () => {
  for (const verb of leaves(program)) {
    let help = '';
    verb.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    assert.match(help, /\nExample/, verb.name());
  }
});

test('every verb that prints has --json', () => {
  for (const verb of leaves(program)) {
    if (['pane', 'demo', 'mcp', 'completion', 'names', 'manual'].includes(verb.name())) continue;
    assert.ok(
      verb.options.some(({ long }) => long === '--json'),
      verb.name(),
    );
  }
});
