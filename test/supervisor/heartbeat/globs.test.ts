import assert from 'node:assert/strict';
import { test } from 'node:test';
import { globsOf } from '../../../source/supervisor/heartbeat/globs.ts';

test('globs mean files, and one with ! takes some of them out', () => {
  const { matches } = globsOf(['./site/**/*.{html,css}', 'design/*.png', '!site/out/**']);
  for (const file of ['site/a.html', 'site/b/c/d.css', 'design/home.png', 'site/.hidden.css'])
    assert.ok(matches(file), file);
  for (const file of [
    'site/a.js',
    'a.html',
    'design/x/home.png',
    'site/out/a.html',
    'site/node_modules/x/a.css',
    'site/.git/a.html',
  ])
    assert.equal(matches(file), false, file);
});

test('only folders on the way to a file that is meant are of interest', () => {
  const { mayHold } = globsOf(['site/**/*.html', 'design/reference/*.png']);
  for (const folder of ['', 'site', 'site/a/b/c', 'design', 'design/reference']) assert.ok(mayHold(folder), folder);
  for (const folder of [
    'src',
    'sites',
    'design/other',
    'design/reference/old',
    'site/node_modules',
    'site/.git',
    '.looptop',
  ])
    assert.equal(mayHold(folder), false, folder);
});

test('a glob without a folder of its own looks everywhere it can reach', () => {
  assert.equal(globsOf(['**/*.ts']).mayHold('any/where'), true);
  assert.equal(globsOf(['*.ts']).mayHold('any'), false);
  assert.equal(globsOf(['*/test.ts']).mayHold('any'), true);
  assert.equal(globsOf(['*/test.ts']).mayHold('any/where'), false);
});
