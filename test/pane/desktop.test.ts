import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { notification } from '../../source/pane/desktop.ts';

const said = (env: Record<string, string>, wanted?: Parameters<typeof notification>[3]) =>
  notification('looptop shop', 'docs-9 asks: a;b?', { TERM: 'xterm-256color', ...env }, wanted);

test('each terminal gets the sequence that it knows', () => {
  const osc9 = '\x1b]9;looptop shop: docs-9 asks: a;b?\x07';
  assert.equal(said({}), osc9);
  assert.equal(said({ TERM_PROGRAM: 'ghostty' }), osc9);
  assert.equal(said({ VTE_VERSION: '7600' }), '\x1b]777;notify;looptop shop;docs-9 asks: a,b?\x1b\\');
  assert.equal(
    said({ TERM: 'xterm-kitty' }),
    '\x1b]99;i=looptop:d=0:o=unfocused;looptop shop\x1b\\\x1b]99;i=looptop:d=1:o=unfocused:p=body;docs-9 asks: a;b?\x1b\\',
  );
  assert.equal(said({ TERM: 'xterm-kitty' }, 'osc9'), osc9);
});

test('tmux passes it on, and a terminal without a desktop is told nothing', () => {
  assert.equal(
    said({ TMUX: '/tmp/tmux-0/default,1,0', TERM: 'tmux-256color', VTE_VERSION: '7600' }),
    '\x1bPtmux;\x1b\x1b]9;looptop shop: docs-9 asks: a;b?\x07\x1b\\',
  );
  assert.equal(said({ TERM: 'linux' }), null);
  assert.equal(said({ STY: '1.pts' }), null);
  assert.equal(said({}, false), null);
});

test('whatever an agent asks, the sequence ends where it should and holds no other', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('osc9', 'osc99', 'osc777'), (body, kind) => {
      const sequence = notification('looptop', `${body}\x1b]52;c;aGk=\x07\x9c`, { TERM: 'xterm' }, kind) ?? '';
      const controls = sequence.match(/[\x00-\x1f\x7f-\x9f]/g) ?? [];
      assert.equal(controls.join(''), { osc9: '\x1b\x07', osc99: '\x1b\x1b\x1b\x1b', osc777: '\x1b\x1b' }[kind]);
    }),
  );
});
