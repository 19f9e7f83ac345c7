import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  appendRule,
  checkRuleScope,
  checkRuleText,
  likeness,
  nextRuleId,
  parseRules,
  retireRule,
  sameLesson,
} from '../../source/loop/rules.ts';

const FILE = [
  '# Rules',
  '',
  '## Tests',
  '- r017 Use `vi.useFakeTimers()` in queue tests. (packages/queue/**)',
  '- ~~r018 Never run the tests twice. (**)~~',
  '* r019 Ask before you add a dependency (not a dev one)',
  '- Use npm ci.',
  '```',
  '- r020 An example. (**)',
  '```',
  '- r017 Came from the other branch. (docs/*.md)',
  '',
].join('\n');

test('a rule is a list item with an id; the scope in brackets may be left out', () => {
  assert.deepEqual(parseRules(FILE), [
    { id: 'r017', text: 'Use `vi.useFakeTimers()` in queue tests.', scope: 'packages/queue/**', status: 'active' },
    { id: 'r018', text: 'Never run the tests twice.', scope: '**', status: 'retired' },
    { id: 'r019', text: 'Ask before you add a dependency (not a dev one)', scope: '**', status: 'active' },
    { id: 'r017.2', text: 'Came from the other branch.', scope: 'docs/*.md', status: 'active' },
  ]);
  assert.deepEqual(parseRules(FILE.replaceAll('\n', '\r\n')), parseRules(FILE));
  assert.deepEqual(parseRules(''), []);
});

test('a rule is appended and nothing else changes', () => {
  const rule = { id: 'r021', text: 'Run the linter first.', scope: 'src/**' };
  assert.equal(appendRule(FILE, rule), `${FILE}- r021 Run the linter first. (src/**)\n`);
  assert.equal(appendRule('no line end', rule), 'no line end\n- r021 Run the linter first. (src/**)\n');
  assert.equal(appendRule('a\r\nb', rule), 'a\r\nb\r\n- r021 Run the linter first. (src/**)\r\n');
  assert.equal(appendRule('\n  \n\n', rule), '\n  \n\n- r021 Run the linter first. (src/**)\n');
  assert.match(appendRule('', rule), /^# Rules\n\n.*\n\n- r021 Run the linter first\. \(src\/\*\*\)\n$/);
});

const ruleText = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .map((text) => text.trim())
  .filter((text) => checkRuleText(text) === null);
const scope = fc.constantFrom('**', 'src/**', 'packages/queue/*.ts', 'app/(auth)/**');
const anyFile = fc
  .array(fc.oneof(fc.constantFrom(...FILE.split('\n')), fc.string()), { maxLength: 12 })
  .chain((lines) => {
    return fc.constantFrom('\n', '\r\n').map((eol) => lines.join(eol));
  });

test('whatever stands in the file is still there, byte for byte, when a rule was appended', () => {
  fc.assert(
    fc.property(anyFile, ruleText, scope, (file, text, scope) => {
      const added = appendRule(file, { id: nextRuleId(file), text, scope });
      assert.ok(added.startsWith(file));
      assert.ok(added.endsWith('\n'));
    }),
  );
});

test('what is appended is read back as it was, and under an id of its own', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(ruleText, scope), { minLength: 1, maxLength: 6 }), (rules) => {
      let file = '';
      for (const [text, scope] of rules) file = appendRule(file, { id: nextRuleId(file), text, scope });
      assert.deepEqual(
        parseRules(file),
        rules.map(([text, scope], index) => ({ id: `r00${index + 1}`, text, scope, status: 'active' })),
      );
    }),
  );
});

test('retiring marks one line, once, and changes no other', () => {
  const retired = retireRule(FILE, 'r017');
  assert.equal(retired, FILE.replace('- r017 Use', '- ~~r017 Use').replace('queue/**)\n', 'queue/**)~~\n'));
  assert.deepEqual(parseRules(retired)[0], { ...parseRules(FILE)[0], status: 'retired' });
  assert.equal(retireRule(retired, 'r017'), retired);
  assert.equal(retireRule(FILE, 'r999'), FILE);
  assert.equal(retireRule(FILE, 'r020'), FILE, 'an example in a code fence is no rule');
  assert.match(retireRule(FILE, 'r017.2'), /\n- ~~r017 Came from the other branch\. \(docs\/\*\.md\)~~\n/);
  assert.equal(retireRule('- r001 a (**)  \r\nb\r\n', 'r001'), '- ~~r001 a (**)~~  \r\nb\r\n');
});

test('an id is never given twice, not even that of a retired or deleted rule', () => {
  assert.equal(nextRuleId(''), 'r001');
  assert.equal(nextRuleId(FILE), 'r021');
  assert.equal(nextRuleId('- ~~r041 a (**)~~\n'), 'r042');
  assert.equal(nextRuleId('', ['r007', 'r003']), 'r008');
  assert.equal(nextRuleId('- r999 a (**)\n'), 'r1000');
});

test('a rule is one short line without invisible characters', () => {
  assert.equal(checkRuleText('Use fake timers in `queue` tests; 日本語 is fine 👍.'), null);
  assert.equal(checkRuleText(' '), 'a rule needs words');
  assert.equal(checkRuleText('one\ntwo'), 'a rule is one line');
  assert.equal(checkRuleText('one\u2028two'), 'a rule is one line');
  assert.equal(checkRuleText('x'.repeat(201)), 'a rule has at most 200 characters, this one has 201');
  assert.equal(checkRuleText('👍'.repeat(200)), null);
  for (const [hidden, name] of [
    ['\u001b', '1b'],
    ['\u202e', '202e'],
    ['\u200b', '200b'],
    ['\u{e0041}', 'e0041'],
    ['\u{e0100}', 'e0100'],
    ['\u0085', '85'],
    ['\ud800', 'd800'],
  ]) {
    assert.equal(checkRuleText(`a${hidden}b`), `a rule may not hold the invisible character \\u{${name}}`);
  }
});

test('a scope is one glob', () => {
  for (const good of ['**', 'src/**', '*.ts', 'app/(auth)/page.tsx']) assert.equal(checkRuleScope(good), null, good);
  for (const bad of ['', 'src', 'a b/**', 'src/\n**', 'a/\u202e', `${'x'.repeat(300)}/**`])
    assert.equal(checkRuleScope(bad), 'a scope is a glob without spaces, such as packages/queue/**', bad);
});

test('the same lesson in other words is recognised', () => {
  const rules = parseRules(FILE);
  assert.equal(sameLesson('In queue tests use vi.useFakeTimers()', rules)?.id, 'r017');
  assert.equal(sameLesson('Never run the tests twice.', rules), null, 'a retired rule may be learned again');
  assert.equal(sameLesson('Ask the operator about dependencies.', rules), null);
  assert.equal(likeness('a b c d', 'a b c e'), 3 / 5);
  assert.equal(likeness('', ''), 1);
});
