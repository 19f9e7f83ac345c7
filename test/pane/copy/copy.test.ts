import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { copyItems } from '../../../source/pane/copy/items.ts';
import { bounded, clipboardSequence, MOST_BYTES } from '../../../source/pane/copy/osc52.ts';
import { fleet, nineRuns, run, trace } from '../fleet-fixture.ts';
import { rulesFleet } from '../rules-fixture.ts';
import { pressed, situation } from '../situation.ts';
import { Stage } from '../stage.ts';
import { triageFleet } from '../triage-fixture.ts';

const copied = (...keys: string[]) => pressed(situation(fleet(nineRuns())), ...keys).intents;

test('y asks what, twice takes the id, and the arrows the rest', () => {
  assert.deepEqual(copied('y', 'y'), [{ do: 'copy', what: 'id', text: 'ci-fix-12' }]);
  assert.deepEqual(copied('y', 'down', 'enter'), [{ do: 'copy', what: 'branch', text: 'looptop/ci-fix-12' }]);
  assert.deepEqual(copied('y', 'esc'), []);
  const docs = { ...situation(fleet(nineRuns())), view: { ...situation(fleet(nineRuns())).view, cursor: 'docs-2' } };
  assert.deepEqual(
    copyItems(docs).map(({ what }) => what),
    ['id', 'branch', 'worktree', 'last message', 'commit'],
  );
});

test('a finding and a rule can be copied as well', () => {
  const triage = pressed(situation(triageFleet()), '2').at;
  assert.deepEqual(
    copyItems(triage).map(({ what }) => what),
    ['id', 'finding', 'evidence', 'item'],
  );
  const rules = pressed(situation(rulesFleet()), '4').at;
  assert.ok(copyItems(rules).some(({ what }) => what === 'rule'));
  assert.match(pressed(situation(fleet([])), 'y').at.view.toast?.text ?? '', /nothing here to copy/);
});

test('what an agent said is copied as it was seen: without what steers a terminal', () => {
  const evil = run('evil', 1, { trace: trace(1, '"rm -rf ~\u001b[2K\rharmless\nsecond \u202eline') });
  const said = copyItems(situation(fleet([evil]))).find(({ what }) => what === 'last message');
  assert.doesNotMatch(said?.text ?? '', /[\u001b\r\u202e]/);
});

test('the sequence holds the text, doubled for tmux, in pieces for screen', () => {
  const decoded = (sequence: string) =>
    Buffer.from(/\x1b\]52;c;([A-Za-z0-9+/=]*)\x07/.exec(sequence)?.[1] ?? '', 'base64').toString();
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
      assert.equal(decoded(clipboardSequence(text, {})), text.toWellFormed());
      const tmux = clipboardSequence(text, { TMUX: '/tmp/tmux-0/default,1,0' });
      assert.equal(decoded(tmux), text.toWellFormed());
      assert.ok(tmux.includes('\x1bPtmux;\x1b\x1b]52;c;') && tmux.endsWith('\x1b\\'));
      const pieces = clipboardSequence(text, { STY: '1' }).split('\x1bP').slice(1);
      assert.ok(pieces.every((piece) => piece.endsWith('\x1b\\') && piece.length <= 768));
      assert.equal(decoded(pieces.map((piece) => piece.slice(0, -2)).join('')), text.toWellFormed());
    }),
  );
});

test('more than a clipboard takes is cut between characters', () => {
  const { text, cut } = bounded('日'.repeat(MOST_BYTES));
  assert.ok(cut && Buffer.byteLength(text) <= MOST_BYTES && !text.includes('\ufffd'));
  assert.deepEqual(bounded('short'), { text: 'short', cut: false });
});

test('the pane sends it once and says what was copied', async () => {
  await using stage = new Stage(fleet(nineRuns()));
  await stage.shows('ci-fix-12');
  await stage.type('y', 'j', 'j', '\r');
  await stage.shows('Copied the worktree: /home/ada/.local');
  const sent = [...stage.screen.written.matchAll(/\x1b\]52;c;([^\x07]*)\x07/g)];
  assert.equal(sent.length, 1);
  assert.match(Buffer.from(sent[0]?.[1] ?? '', 'base64').toString(), /worktrees\/shop-1a2b\/ci-fix-12$/);
});
