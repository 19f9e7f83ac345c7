import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigError, UsageError } from '../../../source/loop/errors.ts';
import { rulesFile, rulesFiles } from '../../../source/supervisor/memory/rules-file.ts';
import { folder } from './folder.ts';

const RULE = { text: 'Run the linter first.', scope: 'src/**' };

test('the first rule makes the file, the next ones are added to it', async (t) => {
  const root = await folder(t);
  const rules = rulesFile(root);
  assert.deepEqual(await rules.read(), []);
  assert.equal((await rules.add(RULE)).id, 'r001');
  assert.equal((await rules.add({ text: 'Use fake timers.', scope: '**' }, ['r001', 'r004'])).id, 'r005');
  assert.deepEqual(
    (await rules.read()).map(({ id, text }) => [id, text]),
    [
      ['r001', 'Run the linter first.'],
      ['r005', 'Use fake timers.'],
    ],
  );
  assert.deepEqual(await readdir(root), ['RULES.md'], 'no temporary file is left');
});

test('rules given at the same moment all arrive, each under its own id', async (t) => {
  const rules = rulesFile(await folder(t));
  const added = await Promise.all(Array.from({ length: 10 }, (_, n) => rules.add({ text: `Rule ${n}.`, scope: '**' })));
  assert.equal(new Set(added.map(({ id }) => id)).size, 10);
  assert.equal((await rules.read()).length, 10);
});

test('the file keeps its mode and every byte it had', async (t) => {
  const before = '# House rules\r\n\r\nBe kind.\r\n- r003 Old one. (**)';
  const root = await folder(t, { 'RULES.md': before });
  await chmod(join(root, 'RULES.md'), 0o660);
  await rulesFile(root).add(RULE);
  const after = await readFile(join(root, 'RULES.md'), 'utf8');
  assert.equal(after, `${before}\r\n- r004 Run the linter first. (src/**)\r\n`);
  assert.equal((await stat(join(root, 'RULES.md'))).mode & 0o777, 0o660);
});

test('a rule is retired once', async (t) => {
  const rules = rulesFile(await folder(t, { 'RULES.md': '- r001 a (**)\n- r002 b (**)\n' }));
  assert.equal(await rules.retire('r001'), true);
  assert.equal(await rules.retire('r001'), false);
  assert.equal(await rules.retire('r009'), false);
  assert.deepEqual(
    (await rules.read()).map(({ id, status }) => [id, status]),
    [
      ['r001', 'retired'],
      ['r002', 'active'],
    ],
  );
});

test('what cannot be a rule is refused and writes nothing', async (t) => {
  const root = await folder(t);
  await assert.rejects(rulesFile(root).add({ text: 'a\nb', scope: '**' }), UsageError);
  await assert.rejects(rulesFile(root).add({ text: 'a', scope: 'no glob' }), UsageError);
  assert.deepEqual(await readdir(root), []);
  assert.equal((await rulesFile(root).add(RULE)).id, 'r001', 'a refusal does not block the next');
});

test('a link that leaves the repository is refused, one within it is followed', async (t) => {
  const outside = await folder(t, { bashrc: 'alias a=b\n' });
  const root = await folder(t, { 'docs/RULES.md': '' });
  await symlink(join(outside, 'bashrc'), join(root, 'RULES.md'));
  await assert.rejects(rulesFile(root).add(RULE), (error: Error) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /^RULES\.md leads out of the repository, to .*bashrc: replace the link by a file$/);
    return true;
  });
  await symlink(outside, join(root, 'far'));
  await assert.rejects(rulesFile(root, 'far/RULES.md').add(RULE), /leads out of the repository/);
  await assert.rejects(rulesFile(root, '../RULES.md').add(RULE), /leads out of the repository/);
  assert.equal(await readFile(join(outside, 'bashrc'), 'utf8'), 'alias a=b\n');
  assert.deepEqual(await readdir(outside), ['bashrc']);

  await symlink(join(root, 'docs', 'RULES.md'), join(root, 'linked.md'));
  await rulesFile(root, 'linked.md').add(RULE);
  assert.match(await readFile(join(root, 'docs', 'RULES.md'), 'utf8'), /- r001 Run the linter first/);
});

test('what is no file, what leads to nothing and what lies in .git is refused', async (t) => {
  const root = await folder(t, { '.git/config': '' });
  await mkdir(join(root, 'RULES.md'));
  await assert.rejects(rulesFile(root).add(RULE), /RULES\.md is not a regular file/);
  await symlink(join(root, 'gone'), join(root, 'dangling.md'));
  await assert.rejects(rulesFile(root, 'dangling.md').add(RULE), /dangling\.md is a link to nothing/);
  await symlink(join(root, '.git', 'config'), join(root, 'git.md'));
  await assert.rejects(rulesFile(root, 'git.md').add(RULE), /leads out of the repository/);
  await assert.rejects(rulesFile(root, 'no/such/RULES.md').add(RULE), /has no folder to stand in/);
});

test('two files of rules never share an id, whoever writes first', async (t) => {
  const rules = rulesFiles(await folder(t, { 'docs/LESSONS.md': '' }));
  const written = await Promise.all([
    ...['Mind the gap.', 'Mind the step.'].map((text) => rules('docs/LESSONS.md').add({ text, scope: '**' })),
    ...['Close the door.', 'Shut the window.'].map((text) => rules('RULES.md').add({ text, scope: '**' })),
  ]);
  assert.equal(new Set(written.map(({ id }) => id)).size, 4);
  assert.equal((await rules('docs/LESSONS.md').read()).length, 2);
});
