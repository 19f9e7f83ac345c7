import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Key as InkKey } from 'ink';
import { type Key, splitKeys } from '../../../source/pane/compositor/keys.ts';

const NONE: InkKey = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
  super: false,
  hyper: false,
  capsLock: false,
  numLock: false,
};

const short = (keys: readonly Key[]) =>
  keys.map(
    ({ name, char, ctrl, shift, meta }) => `${ctrl ? 'C-' : ''}${meta ? 'M-' : ''}${shift ? 'S-' : ''}${char || name}`,
  );

test('a batch of letters is that many keys', () => {
  assert.deepEqual(short(splitKeys('jjk', NONE)), ['j', 'j', 'k']);
});

test('a key with a name has it, and no character', () => {
  assert.deepEqual(splitKeys('', { ...NONE, upArrow: true, shift: true }), [
    { name: 'up', char: '', ctrl: false, shift: true, meta: false },
  ]);
  for (const [flag, name] of [
    ['return', 'enter'],
    ['escape', 'escape'],
    ['tab', 'tab'],
    ['pageDown', 'pagedown'],
    ['backspace', 'backspace'],
    ['delete', 'delete'],
    ['home', 'home'],
  ] as const) {
    assert.equal(splitKeys('', { ...NONE, [flag]: true })[0]?.name, name);
  }
});

test('enter, tab, escape and backspace are found inside a batch', () => {
  assert.deepEqual(short(splitKeys('ab\r\tx\x7f\x1b\n', NONE)), [
    'a',
    'b',
    'enter',
    'tab',
    'x',
    'backspace',
    'escape',
    'enter',
  ]);
  assert.deepEqual(short(splitKeys('y\r\n', NONE)), ['y', 'enter']);
});

test('control characters in a batch are their letters with ctrl', () => {
  assert.deepEqual(short(splitKeys('a\x03\x1a', NONE)), ['a', 'C-c', 'C-z']);
  assert.deepEqual(short(splitKeys('c', { ...NONE, ctrl: true })), ['C-c']);
});

test('a capital is its letter with shift, as typed alone', () => {
  assert.deepEqual(short(splitKeys('xXP', NONE)), ['x', 'S-X', 'S-P']);
  assert.deepEqual(short(splitKeys('?+:/ ', NONE)), ['?', '+', ':', '/', ' ']);
});

test('a letter of several code points is one key', () => {
  assert.deepEqual(short(splitKeys('e\u0301日👨‍👩‍👧', NONE)), ['e\u0301', '日', '👨‍👩‍👧']);
});

test('a key that is let go, or that has no name here, is no key', () => {
  assert.deepEqual(splitKeys('j', { ...NONE, eventType: 'release' }), []);
  assert.deepEqual(splitKeys('', NONE), []);
});
