import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunState } from '../../source/loop/state.ts';
import { until } from './compositor/screen.ts';
import { fleet, loopState, meter, NOW, nineRuns, run, trace } from './fleet-fixture.ts';
import { spentFleet } from './spend-fixture.ts';
import { KEY, Stage } from './stage.ts';

process.env.TZ = 'UTC';

const nine = () => fleet(nineRuns());

test('at 80x24, 120x40 and 200x50 everything that matters is on the screen', async () => {
  for (const [columns, rows] of [
    [80, 24],
    [120, 40],
    [200, 50],
  ] as const) {
    await using stage = new Stage(nine(), { columns, rows });
    await stage.shows(
      '◆ 3 need you',
      'burn-3',
      '400k',
      'refactor-7',
      'frozen',
      'ci-fix-11',
      'landed',
      '? help',
      '14:03',
    );
  }
});

test('at 40x12 there is a list, at 20x5 one line', async () => {
  await using small = new Stage(nine(), { columns: 40, rows: 12 });
  await small.shows('◆ 3 need you', 'ci-fix-12', 'rule?', '? help');
  await using tiny = new Stage(nine(), { columns: 20, rows: 5 });
  await tiny.shows('terminal too small');
  assert.equal(tiny.text().trim(), 'terminal too small');
});

test('a resize draws the same fleet for the new size and keeps the cursor', async () => {
  await using stage = new Stage(nine(), { columns: 120, rows: 40 });
  await stage.shows('┏ ◆ ci-fix-12');
  await stage.type(KEY.tab);
  await stage.shows('┏ ◆ burn-3');
  stage.screen.resize(80, 24);
  stage.screen.tell();
  await stage.shows('▶ ◆ burn-3', 'LOOP');
  stage.screen.resize(20, 5);
  stage.screen.tell();
  await stage.shows('terminal too small');
  stage.screen.resize(120, 40);
  stage.screen.tell();
  await stage.shows('┏ ◆ burn-3');
});

test('a dialog covers the panes, its default is No, and y sends the command', async () => {
  await using stage = new Stage(nine());
  await stage.shows('ci-fix-12');
  await stage.type('X');
  await stage.shows('╔ Kill ci-fix-12 now?', 'y kill', '[N] no');
  await stage.type(KEY.enter);
  await stage.hides('Kill ci-fix-12');
  assert.deepEqual(stage.commands, []);
  await stage.type('X', 'y');
  assert.deepEqual(await stage.sent(), [{ do: 'kill', run: 'ci-fix-12' }]);
  await stage.shows('kill done');
});

test('nothing on the screen changes until the event has come back', async () => {
  await using stage = new Stage(nine());
  await stage.shows('┏ ◆ ci-fix-12');
  await stage.type(KEY.down, KEY.down);
  await stage.shows('┏ ◐ visual-4 gates');
  await stage.type('p');
  await stage.sent();
  await stage.shows('freeze done');
  assert.match(stage.text(), /visual-4 gates/);
  const frozen = nineRuns().map(
    (each): RunState =>
      each.id === 'visual-4'
        ? { ...each, status: { tag: 'open', phase: 'gating', hold: { kind: 'frozen', by: 'ada', since: NOW } } }
        : each,
  );
  stage.change(fleet(frozen));
  await stage.shows('visual-4 frozen');
});

test('a refusal of the supervisor is said in its words', async () => {
  await using stage = new Stage(nine(), {
    answer: () => ({ ok: false, text: 'ci-fix-12 has just ended', code: 1 }),
  });
  await stage.shows('ci-fix-12');
  await stage.type('p');
  await stage.shows('ci-fix-12 has just ended');
});

test('a connection that breaks in mid-command is said, not thrown', async () => {
  await using stage = new Stage(nine(), {
    answer: () => {
      throw new Error('the supervisor has gone away');
    },
  });
  await stage.shows('ci-fix-12');
  await stage.type('p');
  await stage.shows('the supervisor has gone away');
});

test('the trace of an open run follows what the agent does', async () => {
  const before = run('ci-fix', 1, { trace: trace(1, '?Looking.') });
  await using stage = new Stage(fleet([before]));
  await stage.shows('ci-fix-1');
  await stage.type(KEY.enter);
  await stage.shows('[trace]', '◇ Looking.', 'PASS');
  stage.change(fleet([{ ...before, trace: [...before.trace, ...trace(1, '>Bash npm test')] }]));
  await stage.shows('▸ Bash npm test');
  await stage.type(KEY.right);
  await stage.shows('[gates]', '$ npm run unit');
  await stage.type(KEY.esc);
  await stage.shows('┏ ● ci-fix-1 making');
});

test('a note is typed, pasted and sent', async () => {
  await using stage = new Stage(fleet([run('ci-fix', 1)]));
  await stage.shows('ci-fix-1');
  await stage.type('n', ...'use ', '\u001b[200~fake q timers\u001b[201~');
  await stage.shows('use fake q timers');
  await stage.type(KEY.enter);
  assert.deepEqual(await stage.sent(), [{ do: 'note', run: 'ci-fix-1', text: 'use fake q timers' }]);
});

test('a started run gets the cursor when it appears', async () => {
  const state = fleet([run('docs', 1)], { loops: { 'ci-fix': loopState('ci-fix') } });
  await using stage = new Stage(state, { answer: () => ({ ok: true, text: 'ci-fix-13 queued', run: 'ci-fix-13' }) });
  await stage.shows('docs-1');
  await stage.type('s', KEY.enter);
  assert.deepEqual(await stage.sent(), [{ do: 'run', loop: 'ci-fix' }]);
  stage.change(fleet([run('docs', 1), run('ci-fix', 13)]));
  await stage.shows('┏ ● ci-fix-13');
});

test('what an agent prints cannot steer the terminal', async () => {
  const evil = '\u001b]0;owned\u0007\u001b[2J\u001b[31mred\u001b[0m \u009b5n \u202etxt.exe\u0007';
  const one = run('evil', 1, {
    model: `m${evil}`,
    trace: [...trace(1, `?${evil}`, `x${evil}\n${evil}`)],
    draft: { text: evil, scope: evil, gate: evil, fingerprint: 'f', pass: 1 },
  });
  await using stage = new Stage(fleet([one]));
  await stage.shows('evil-1', 'red');
  await stage.type(KEY.enter);
  await stage.shows('[trace]');
  await stage.type(KEY.right, KEY.right, KEY.right, KEY.right, 'r');
  await stage.shows('Rule from evil-1');
  const { written } = stage.screen;
  for (const bad of [']0;owned', '\u009b', '\u202e', '[5n']) assert.ok(!written.includes(bad), JSON.stringify(bad));
  // The terminal's own title and bell come from us alone.
  assert.ok(!written.includes('\u0007'));
});

test('with NO_COLOR not one colour is sent, and the glyphs and words still say it all', async () => {
  await using stage = new Stage(nine(), { env: { LANG: 'C.UTF-8', NO_COLOR: '1' } });
  await stage.shows('◆ 3 need you', '‖ refactor-7 frozen', '✗ spiral-1');
  assert.doesNotMatch(stage.screen.written, /\u001b\[[\d;]*\b(3\d|4\d|9\d|10\d)m/);
});

test('without UTF-8 every cell is ASCII', async () => {
  await using stage = new Stage(nine(), { env: { LANG: 'C' } });
  await stage.shows('! 3 need you', 'ci-fix-12');
  await stage.type('X');
  await stage.shows('Kill ci-fix-12 now?');
  assert.match(stage.text(), /^[\x20-\x7e\n]*$/);
});

test('who begins to wait rings once and is in the title', async () => {
  await using stage = new Stage(fleet([run('docs', 1)]));
  await stage.shows('docs-1');
  await until(() => stage.screen.written.includes(']2;looptop shop'));
  stage.change(
    fleet([
      run('docs', 1, {
        status: { tag: 'open', phase: 'making', hold: { kind: 'waiting', ask: 'q', question: 'Which?', since: NOW } },
      }),
    ]),
  );
  await stage.shows('asks: Which?');
  await until(() => stage.screen.written.includes(']2;1 needs you'));
  assert.equal(stage.screen.written.split('\u0007').length - 1, 1);
});

test('a lost connection is said in the header, and the last state stays', async () => {
  await using stage = new Stage(nine());
  await stage.shows('ci-fix-12');
  stage.status = 'reconnecting';
  stage.change(nine());
  await stage.shows('reconnecting', 'ci-fix-12');
});

test('q leaves at once, gives the terminal back, and says that the loops go on', async () => {
  await using stage = new Stage(nine());
  await stage.shows('ci-fix-12');
  await stage.type('q');
  await stage.left;
  await stage.screen.settled();
  assert.deepEqual(stage.commands, []);
  assert.match(stage.screen.written, /\?1049l/);
  assert.match(stage.text(), /7 runs go on without the pane/);
});

test('a closed terminal ends the pane', async () => {
  await using stage = new Stage(nine());
  await stage.shows('ci-fix-12');
  stage.keyboard.end();
  await stage.left;
});

test('the chrome is not drawn again while only the live panes change', async () => {
  const at = (n: number) =>
    fleet([run('ci-fix', 1, { trace: trace(1, `?thought ${n}`), meter: meter(1000 * n, 0.1) })]);
  await using stage = new Stage(at(1));
  await stage.shows('thought 1');
  const before = stage.screen.written.length;
  stage.change(at(2));
  await stage.shows('thought 2');
  const sent = stage.screen.written.slice(before);
  assert.ok(sent.length < 200, `${sent.length} bytes for one changed line`);
  assert.doesNotMatch(sent, /looptop|help/);
});

test('5 shows the spend at every size, in words where there is no colour and no Unicode', async () => {
  for (const [columns, rows] of [
    [40, 12],
    [80, 24],
    [200, 50],
  ] as const) {
    await using stage = new Stage(spentFleet(), { columns, rows });
    await stage.shows('ci-fix');
    await stage.type('5');
    await stage.shows('today', '$25.00', 'by [loop]', 'refactor', 'total', 'tab by model');
    await stage.type(KEY.tab);
    await stage.shows('[model]', 'claude-opus');
  }
  await using plain = new Stage(spentFleet(), { env: { LANG: 'C', NO_COLOR: '1' } });
  await plain.shows('ci-fix');
  await plain.type('5');
  const text = await plain.shows('###', 'unpriced', 'estimated ~');
  assert.match(text, /^[\x20-\x7e\n]*$/);
});
