/** The loop files that are shipped: each passes the check without a warning, and needs nothing that is not there. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { LoopDefinition } from '../source/loop/definition/definition.ts';
import { commandOf } from '../source/loop/definition/gates.ts';
import { parseLoop } from '../source/loop/definition/parse.ts';
import { formatProblem } from '../source/loop/definition/problem.ts';
import { NO_JQ } from './e2e/shipped/github.ts';

const names = readdirSync('loops').filter((name) => name.endsWith('.md'));

function loopOf(name: string): LoopDefinition {
  const { definition, problems, warnings } = parseLoop(readFileSync(`loops/${name}`, 'utf8'), `loops/${name}`);
  assert.deepEqual([...problems, ...warnings].map(formatProblem), []);
  return definition ?? assert.fail(name);
}

/** Everything of a loop that a shell runs, with an item's fields in it. */
const commandsOf = ({ gates, discover, isolation, on }: LoopDefinition): readonly string[] =>
  [...gates.map(commandOf), discover?.run, isolation.setup, isolation.teardown, on.event?.run, on.skipIf]
    .flatMap((command) => command ?? [])
    .map((command) => command.replace(/\{\{item\.\w+\}\}/g, '7'));

test('the loops of the classic list are shipped', () => {
  for (const name of ['ci-fix', 'pr-babysitter', 'refactor-fanout', 'triage', 'visual-regression'])
    assert.ok(names.includes(`${name}.md`), name);
});

for (const name of names) {
  test(`loops/${name} passes the check without a warning, and is what a shell can read`, () => {
    const loop = loopOf(name);
    assert.ok(loop.enabled && loop.description !== '');
    for (const command of commandsOf(loop)) {
      execFileSync('sh', ['-n', '-c', command]);
      for (const [file] of command.matchAll(/(?:loops|scripts|tools)\/[\w./-]+/g))
        assert.ok(existsSync(file), `${file} is not shipped`);
    }
  });

  test(`the filters of loops/${name} are jq`, { skip: NO_JQ }, () => {
    // Compiled, and not run: `empty` gives it nothing to read.
    for (const command of commandsOf(loopOf(name)))
      for (const [, filter = ''] of command.matchAll(/--jq '([^']+)'/g))
        execFileSync('jq', ['-n', `empty | ${filter}`]);
  });
}
