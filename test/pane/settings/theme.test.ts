import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Colour, colourLevel, foreground, TRUE_COLOUR } from '../../../source/pane/compositor/colour.ts';
import { readTheme } from '../../../source/pane/settings/theme.ts';
import { DARK, THEMES } from '../../../source/pane/theme.ts';

test('a theme is named, or based on one and changed look by look', () => {
  assert.deepEqual(readTheme(null), { theme: DARK, problems: [] });
  assert.equal(readTheme('light').theme.need.fg, 'magenta');
  const { theme, problems } = readTheme({
    base: 'colour-blind',
    need: '#ff8800 bold',
    faint: 'grey',
    held: '33',
    bad: 'plain',
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(theme.need, { fg: '#ff8800', bold: true });
  assert.deepEqual(theme.faint, { fg: 'gray' });
  assert.deepEqual(theme.held, { fg: 33 });
  assert.deepEqual(theme.bad, {});
  assert.equal(theme.good.fg, THEMES['colour-blind']?.good.fg);
});

test('an unknown theme, look or colour is an error that says what may be meant', () => {
  assert.deepEqual(readTheme('drak').problems, ['theme: there is no theme drak (did you mean dark?)']);
  assert.deepEqual(
    readTheme({ base: 'solarized', ned: 'red', need: 'magneta', bad: '#12', held: '256', busy: 'red blue' }).problems,
    [
      'theme.base: there is no theme solarized: dark, light or colour-blind',
      'theme.ned: there is no such look (did you mean need?)',
      'theme.need: "magneta" is no colour (did you mean magenta?)',
      'theme.bad: "#12" is no colour: write a name such as bright-blue, 0 to 255 or #rrggbb, and bold, dim, inverse or underline',
      'theme.held: "256" is no colour: write a name such as bright-blue, 0 to 255 or #rrggbb, and bold, dim, inverse or underline',
      'theme.busy: "red blue" names two colours',
    ],
  );
});

test('a colour is sent as the terminal can show it: itself, the nearest of 256, the nearest of 16, none', () => {
  const sent = (colour: Colour) => ([TRUE_COLOUR, 256, 16, 0] as const).map((level) => foreground(colour, level));
  assert.deepEqual(sent('#d55e00'), ['38;2;213;94;0', '38;5;166', '31', '']);
  assert.deepEqual(sent('#56b4e9'), ['38;2;86;180;233', '38;5;74', '94', '']);
  assert.deepEqual(sent(208), ['38;5;208', '38;5;208', '33', '']);
  assert.deepEqual(sent('bright-red'), ['91', '91', '91', '']);
  assert.deepEqual(sent('gray'), ['90', '90', '90', '']);
  assert.deepEqual(sent('cyan'), ['36', '36', '36', '']);
});

test('how many colours there are is what the terminal says, and NO_COLOR is stronger than all of it', () => {
  assert.equal(colourLevel({ TERM: 'xterm' }), 16);
  assert.equal(colourLevel({ TERM: 'tmux-256color' }), 256);
  assert.equal(colourLevel({ TERM: 'xterm-256color', COLORTERM: 'truecolor' }), TRUE_COLOUR);
  assert.equal(colourLevel({ TERM: 'xterm-256color', FORCE_COLOR: '1' }), 16);
  assert.equal(colourLevel({ COLORTERM: 'truecolor', FORCE_COLOR: '3', NO_COLOR: '1' }), 0);
  assert.equal(colourLevel({ COLORTERM: 'truecolor', FORCE_COLOR: '0' }), 0);
  assert.equal(colourLevel({ TERM: 'dumb' }), 0);
});

test('no two looks that mean different things differ by colour alone from plain text', () => {
  // What is told apart by colour has a glyph or word besides; what has none is bold, dim or inverse in every theme.
  for (const [name, theme] of Object.entries(THEMES))
    for (const look of ['strong', 'faint', 'key', 'cursor', 'match', 'picked'] as const) {
      const { bold, dim, inverse } = theme[look];
      assert.ok(bold || dim || inverse, `${name} ${look}`);
    }
});
