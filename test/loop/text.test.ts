import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { reveal, sanitize } from '../../source/loop/text.ts';

/** What each hostile or merely untidy line must look like on the screen. */
const ATTACKS: readonly (readonly [string, string, string])[] = [
  ['sets the window title (OSC 0, BEL)', 'a\x1b]0;PWNED\x07b', 'ab'],
  ['sets the window title (OSC 2, ST)', 'a\x1b]2;PWNED\x1b\\b', 'ab'],
  ['writes the clipboard (OSC 52)', 'a\x1b]52;c;Y3VybCBldmlsIHwgc2g=\x07b', 'ab'],
  ['writes the clipboard by an 8-bit OSC', 'a\x9d52;c;ZXZpbA==\x9cb', 'ab'],
  ['links a text to another address (OSC 8)', '\x1b]8;;http://evil\x1b\\safe\x1b]8;;\x1b\\', 'safe'],
  ['draws a picture over the screen (OSC 1337)', 'a\x1b]1337;File=inline=1:AAAA\x07b', 'ab'],
  ['notifies the desktop (OSC 9)', 'a\x1b]9;click me\x07b', 'ab'],
  ['leaves an OSC unfinished to swallow what follows', 'a\x1b]0;title and the rest', 'a0;title and the rest'],
  ['hides more than 4,096 characters in an OSC', `a\x1b]0;${'x'.repeat(5000)}\x07b`, `a0;${'x'.repeat(5000)}b`],
  ['passes a sequence through tmux (DCS)', 'a\x1bPtmux;\x1b\x1b]52;c;AAAA\x07\x1b\\b', 'atmux;b'],
  ['asks the terminal to answer (DECRQSS)', 'a\x1bP$qm\x1b\\b', 'ab'],
  ['sends an application command (APC)', 'a\x1b_Gf=100;AAAA\x1b\\b', 'ab'],
  ['sends a privacy message (PM) and a string (SOS)', 'a\x1b^x\x1b\\b\x1bXy\x1b\\c', 'abc'],
  ['clears the screen', 'a\x1b[2J\x1b[Hb', 'ab'],
  ['clears the screen by an 8-bit CSI', 'a\x9b2Jb', 'ab'],
  ['leaves the alternate screen and turns the mouse on', 'a\x1b[?1049l\x1b[?1000hb', 'ab'],
  ['asks where the cursor is, to have the answer typed', 'a\x1b[6nb', 'ab'],
  ['resets the terminal (RIS)', 'a\x1bcb', 'ab'],
  ['switches to a line-drawing alphabet', 'a\x1b(0b\x0ec\x0f', 'abc'],
  ['hides one sequence in another', 'a\x1b\x1b[31m[2Jb', 'a[2Jb'],
  ['breaks a sequence with a control', 'a\x1b[3\x071mb', 'a1mb'],
  ['rings and overwrites with backspaces', 'rm\x07 -rf\b\b\b\bls', 'rm -rfls'],
  ['colours', '\x1b[1;38;2;255;0;0mred\x1b[0m', 'red'],
  ['overwrites itself with a carriage return', 'rm -rf /\rls', 'ls'],
  ['is the last state of a progress bar, with CR LF', '10%\r50%\r100% done\r', '100% done'],
  ['reorders the text (Trojan Source)', 'if \u202e\u2066// admin\u2069\u2066 {', 'if \ufffd// admin\ufffd {'],
  ['carries a hidden text in tag characters', 'hi\u{e0049}\u{e0047}\u{e004e}!', 'hi\ufffd!'],
  ['carries a hidden text in variation selectors', 'hi\u{e0100}\u{e0155}!', 'hi\ufffd!'],
  ['splits a word with zero-width characters', 'pass\u200bwo\u200drd\ufeff\u00ad', 'password'],
  ['heaps marks on a letter', `a${'\u0301'.repeat(500)}b`, `a${'\u0301'.repeat(8)}b`],
  ['holds halves of characters', 'a\ud800b\udc00c', 'a\ufffdb\ufffdc'],
  ['holds private and unassigned characters', 'a\ue000b\u{10ffff}c', 'a\ufffdb\ufffdc'],
  ['holds line and paragraph separators', 'a\u2028b\u2029c\nd', 'a b c d'],
  ['is null bytes and DEL', 'a\0b\x7fc', 'abc'],
  ['has tabs', '\tif\tx', '  if  x'],
];

for (const [what, line, shown] of ATTACKS) {
  test(`a line that ${what} shows as text only`, () => {
    assert.equal(sanitize(line), shown);
  });
}

test('honest text in any script stays as it is', () => {
  for (const text of [
    '',
    'plain ~!@',
    'naïve café',
    '日本語テスト',
    '안녕',
    'Привет',
    'عربى',
    '✓ ● ░█ ╭─╮',
    '🚀 ok',
    'ก็',
  ]) {
    assert.equal(sanitize(text), text);
    assert.equal(reveal(text), text);
  }
});

/** Strings that are mostly made of what sanitisers trip over. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...['\x1b', '\x1b[', '\x1b]', '\x1bP', '\x1b_', '\x1b\\', '\x9b', '\x9d', '\x9c', '\x90', '\x07', '\x18', '\r'],
        ...[
          '\n',
          '\t',
          '\b',
          ';',
          '8',
          'm',
          '?',
          '[',
          ']',
          'tmux;',
          '\u202e',
          '\u2066',
          '\u{e0041}',
          '\u200d',
          '\ufe0f',
        ],
        ...['\u0301', '\u2028', '\ud83d', '\ude80', '日', '🚀', ' ', 'a'],
      ),
      // Not fc.string's `binary`, which first makes a table of a million characters.
      fc.array(fc.nat(0x10ffff), { maxLength: 3 }).map((codes) => String.fromCodePoint(...codes)),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

const ALLOWED = /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]*$/u;

for (const [name, clean] of [
  ['sanitize', sanitize],
  ['reveal', reveal],
] as const) {
  test(`whatever goes into ${name}, only printable text comes out, and doing it twice changes nothing`, () => {
    fc.assert(
      fc.property(hostile, (line) => {
        const shown = clean(line);
        assert.match(shown, ALLOWED);
        assert.doesNotMatch(shown, /\p{Default_Ignorable_Code_Point}|\p{M}{9}/u);
        assert.equal(clean(shown), shown);
      }),
      { numRuns: 5000 },
    );
  });
}

test('nothing in a line under review vanishes', () => {
  assert.equal(reveal('rm -rf /\r\x1b[2Kls'), 'rm -rf /␍␛[2Kls');
  assert.equal(reveal('a\x1b]8;;http://evil\x07b'), 'a␛]8;;http://evil␇b');
  assert.equal(reveal('pass\u200bword \u202e'), 'pass\ufffdword \ufffd');
  assert.equal(reveal('a\x9b2Jb\x7f\tc'), 'a\ufffd2Jb␡  c');
});

test('the time for a hostile line grows with its length and no faster', () => {
  const unit = [
    '\x1b]',
    '\x1bP\x1b',
    '\x9d',
    '\x1b[',
    '\r',
    '\x1b]\x1b[;',
    '\u0301',
    '\u202e',
    '\x1b]0;a',
    '\x1b \x1b',
  ];
  for (const part of unit) {
    const long = part.repeat(Math.ceil(300_000 / part.length));
    const started = performance.now();
    sanitize(long);
    reveal(long);
    // About 50 ms; a quadratic one takes minutes.
    assert.ok(performance.now() - started < 2000, JSON.stringify(part));
  }
});
