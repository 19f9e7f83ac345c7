import assert from 'node:assert/strict';
import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { SocketError, socketPath } from '../../source/socket/path.ts';

let home = '';
before(() => {
  home = mkdtempSync(join(tmpdir(), 'lt-'));
});
after(() => rmSync(home, { recursive: true, force: true }));

const runtime = (name: string): string => {
  const folder = join(home, name);
  mkdirSync(folder);
  return folder;
};

test('it lies in a private folder of the runtime folder, one per real repository path', () => {
  const repository = runtime('repository');
  symlinkSync(repository, join(home, 'link'));
  const env = { XDG_RUNTIME_DIR: runtime('private') };
  const umask = process.umask(0);
  const path = socketPath(repository, env);
  process.umask(umask);
  assert.equal(dirname(path), join(home, 'private', 'looptop'));
  assert.match(basename(path), /^[0-9a-f]{16}\.sock$/);
  assert.equal(lstatSync(dirname(path)).mode & 0o777, 0o700);
  assert.equal(socketPath(join(home, 'link'), env), path);
  assert.notEqual(socketPath(home, env), path);
});

test('without a usable runtime folder it is a private folder of this user among the temporary ones', () => {
  const expected = join(tmpdir(), `looptop-${userInfo().uid}`);
  for (const env of [{}, { XDG_RUNTIME_DIR: 'relative' }, { XDG_RUNTIME_DIR: join(home, 'missing') }]) {
    assert.equal(dirname(socketPath(home, env)), expected);
  }
  assert.equal(lstatSync(expected).mode & 0o777, 0o700);
});

test('a path that the system would cut is refused with words', () => {
  const deep = runtime('d'.repeat(90));
  assert.throws(() => socketPath(home, { XDG_RUNTIME_DIR: deep }), /bytes long, the system allows 103/);
});

test('a folder that is a link, open to others or another user’s is refused', () => {
  const linked = runtime('linked');
  symlinkSync(runtime('elsewhere'), join(linked, 'looptop'));
  assert.throws(() => socketPath(home, { XDG_RUNTIME_DIR: linked }), SocketError);

  const open = runtime('open');
  mkdirSync(join(open, 'looptop'));
  chmodSync(join(open, 'looptop'), 0o755);
  assert.throws(() => socketPath(home, { XDG_RUNTIME_DIR: open }), /other users can enter/);

  if (process.getuid?.() !== 0) return;
  const foreign = runtime('foreign');
  mkdirSync(join(foreign, 'looptop'), { mode: 0o700 });
  chownSync(join(foreign, 'looptop'), 65_534, 65_534);
  assert.throws(() => socketPath(home, { XDG_RUNTIME_DIR: foreign }), /not a folder of this user/);
});
