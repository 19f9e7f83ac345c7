import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { findSkill } from '../../../source/supervisor/memory/skills.ts';
import { folder } from './folder.ts';

const SKILL = '---\nname: fix\ndescription: Small changes.\n---\n';

test('a skill is found in the first folder that has it, and every folder that has it is known', async (t) => {
  const root = await folder(t, { 'skills/fix/SKILL.md': SKILL, '.agents/skills/fix/SKILL.md': SKILL });
  assert.deepEqual(await findSkill(root, 'fix'), {
    skill: {
      name: 'fix',
      description: 'Small changes.',
      path: '.agents/skills/fix/SKILL.md',
      folders: ['.agents/skills', 'skills'],
    },
  });
});

test('a link may lead to another place of the repository, and to nowhere else', async (t) => {
  const root = await folder(t, { 'skills/fix/SKILL.md': SKILL });
  await mkdir(join(root, '.claude'));
  await symlink('../skills', join(root, '.claude/skills'));
  const found = await findSkill(root, 'fix');
  assert.ok('skill' in found);
  assert.equal(found.skill.path, '.claude/skills/fix/SKILL.md');

  const outside = await folder(t, { 'fix/SKILL.md': SKILL });
  const other = await folder(t, {});
  await symlink(outside, join(other, 'skills'));
  const refused = await findSkill(other, 'fix');
  assert.match('wrong' in refused ? refused.wrong : '', /leads out of the repository/);
});

test('what is missing or no file is said', async (t) => {
  const root = await folder(t, {});
  const missing = await findSkill(root, 'fix');
  assert.match(
    'wrong' in missing ? missing.wrong : '',
    /there is no \.claude\/skills\/fix\/SKILL\.md, \.agents\/skills/,
  );
  await mkdir(join(root, 'skills/fix/SKILL.md'), { recursive: true });
  const odd = await findSkill(root, 'fix');
  assert.match('wrong' in odd ? odd.wrong : '', /not a regular file/);
  await writeFile(join(root, 'skills/plain'), 'a file');
  const plain = await findSkill(root, 'plain');
  assert.ok('wrong' in plain);
});
