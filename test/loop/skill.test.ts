import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSkill } from '../../source/loop/skill.ts';

const file = (front: string, body = 'Do it so.') => `---\n${front}\n---\n${body}\n`;

test('a skill is its folder’s name and a description', () => {
  const text = file(
    'name: minimal-fix\ndescription: >\n  Small changes\n  only.\nlicense: MIT\nmetadata: { version: "1" }',
  );
  assert.deepEqual(readSkill(text, 'minimal-fix'), { description: 'Small changes only.' });
});

for (const [what, text, said] of [
  ['no front matter', 'Do it.', /must begin with front matter/],
  ['no name', file('description: x'), /has no name/],
  ['another name', file('name: other\ndescription: x'), /says name: other, but its folder is called fix/],
  ['a name with capitals', file('name: Fix\ndescription: x'), /has the name "Fix"/],
  ['two hyphens', file('name: a--b\ndescription: x'), /has the name/],
  ['no description', file('name: fix'), /has no description/],
  ['a description that says nothing', file('name: fix\ndescription: " "'), /has no description/],
  ['a long description', file(`name: fix\ndescription: ${'x'.repeat(1025)}`), /1025 characters: at most 1024/],
  ['a long file', file('name: fix\ndescription: x', 'x'.repeat(70_000)), /longer than 64 KiB/],
  ['broken YAML', file('name: [fix'), /cannot be read/],
] as const) {
  test(`malformed: ${what}`, () => assert.match(readSkill(text, 'fix').wrong ?? '', said));
}
