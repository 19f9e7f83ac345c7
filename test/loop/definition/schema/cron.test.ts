import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLoop } from '../../../../source/loop/definition/parse.ts';

const problemsOf = (on: string) =>
  parseLoop(
    `---\nname: nightly\non: ${on}\ngoal: All tests pass.\ngates: [npm test]\n---\nDo it.\n`,
    'loops/nightly.md',
  ).problems;

test('a cron line that means something is taken', () => {
  for (const cron of ['0 9 * * 1-5', '*/15 * * * *', '0 0 1 jan,jul *'])
    assert.deepEqual(problemsOf(`{ cron: "${cron}", timezone: Europe/Berlin }`), [], cron);
});

test('one that means nothing, or names no place on earth, is refused once, with words', () => {
  for (const cron of ['61 * * * *', '0 25 * * *', '* * * *', '0 0 * * * *', 'a b c d e']) {
    const [problem, ...more] = problemsOf(`{ cron: "${cron}" }`);
    assert.match(problem?.message ?? '', /expected five fields such as 0 9 \* \* 1-5/, cron);
    assert.deepEqual(more, []);
  }
  assert.match(problemsOf('{ cron: "0 9 * * *", timezone: Europe/Atlantis }')[0]?.message ?? '', /IANA name/);
});
