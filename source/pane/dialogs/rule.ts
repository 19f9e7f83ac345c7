/** Reflexion: the last words of the gate that failed above, the rule learned from it below, ready to be kept, edited or dropped. */
import { checkRuleScope, checkRuleText } from '../../loop/rules.ts';
import type { RuleDraft, RunState } from '../../loop/state.ts';
import { block, oneLine } from '../present/clean.ts';
import { key } from '../present/run-words.ts';
import { clipLine, EMPTY, line, span } from '../present/span.ts';
import type { Press } from '../press.ts';
import { type Answer, close, type Drawn, refuse, send, stay } from './answer.ts';
import { type Entry, entry, fieldRows, typed } from './entry.ts';

export interface RuleDialog {
  readonly kind: 'rule';
  /** The run it is learned from; null for one that a person writes from nothing. */
  readonly run: string | null;
  /** The run waits with this draft, so that it can be approved or dropped; false when it was drafted for this dialog. */
  readonly drafted: boolean;
  readonly gate: string;
  readonly pass: number;
  /** Where the failing gate's output ends. */
  readonly tail: string;
  readonly entry: Entry;
  readonly scope: Entry;
  readonly focus: 'rule' | 'scope';
}

export function openRule(run: RunState, draft: RuleDraft): RuleDialog {
  const gate = run.passes.find(({ n }) => n === draft.pass)?.gates.find(({ id }) => id === draft.gate);
  return {
    kind: 'rule',
    run: run.id,
    drafted: run.draft !== null,
    gate: oneLine(draft.gate),
    pass: draft.pass,
    tail: gate?.tail ?? '',
    // Clean from the beginning: what is kept must be what was seen.
    entry: entry(block(draft.text)),
    scope: entry(oneLine(draft.scope)),
    focus: 'rule',
  };
}

/** A rule of the operator's own, for all files until the scope says otherwise. */
export const openOwnRule = (): RuleDialog => ({
  kind: 'rule',
  run: null,
  drafted: false,
  gate: '',
  pass: 0,
  tail: '',
  entry: entry(''),
  scope: entry(''),
  focus: 'rule',
});

export function stepRule(dialog: RuleDialog, press: Press): Answer<RuleDialog> {
  if ('key' in press) {
    switch (press.key) {
      case 'esc':
        return close;
      case 'tab':
      case 'shift-tab':
        return stay({ ...dialog, focus: dialog.focus === 'rule' ? 'scope' : 'rule' });
      case 'ctrl-e':
        return { dialog: { ...dialog, focus: 'rule' }, intents: [{ do: 'edit', text: dialog.entry.text }] };
      case 'ctrl-x':
        return dialog.drafted && dialog.run !== null
          ? send({ do: 'rule-drop', run: dialog.run })
          : refuse(dialog, 'No draft waits here: Esc leaves without a rule.');
      case 'enter':
        return keep(dialog);
    }
  }
  const field = dialog.focus === 'rule' ? dialog.entry : dialog.scope;
  const next = typed(field, press);
  if (next === null) return stay(dialog);
  return stay(dialog.focus === 'rule' ? { ...dialog, entry: next } : { ...dialog, scope: next });
}

function keep(dialog: RuleDialog): Answer<RuleDialog> {
  // RULES.md holds one rule a line.
  const text = dialog.entry.text.replace(/\s+/g, ' ').trim();
  const scope = dialog.scope.text.trim();
  const wrong = checkRuleText(text) ?? (scope === '' ? null : checkRuleScope(scope));
  if (wrong !== null) return refuse(dialog, `Not yet: ${wrong}.`);
  const rule = { text, ...(scope === '' ? {} : { scope }) };
  if (dialog.run === null) return send({ do: 'rule-add', ...rule });
  return dialog.drafted
    ? send({ do: 'rule-approve', run: dialog.run, ...rule })
    : send({ do: 'rule-add', from: dialog.run, ...rule });
}

/** `rows` is what the frame can hold; the gate's output takes what the rule leaves. */
export function drawRule(dialog: RuleDialog, room: number, rows: number): Drawn {
  const tail = block(dialog.tail)
    .split('\n')
    .map((row) => row.trimEnd())
    .filter(Boolean);
  const shown = tail.slice(-Math.max(1, Math.min(6, rows - 8)));
  return {
    title: dialog.run === null ? 'A rule of your own' : `Rule from ${dialog.run}`,
    tone: 'picked',
    lines: [
      line(
        dialog.gate === ''
          ? 'One sentence that every later pass in its scope is told.'
          : `Gate ${dialog.gate} was red in pass ${dialog.pass}:`,
        'faint',
      ),
      ...shown.map((row) => clipLine([span('│ ', 'bad'), span(row)], room)),
      EMPTY,
      line('Rule', dialog.focus === 'rule' ? 'strong' : 'faint'),
      ...fieldRows(dialog.entry, room, 3, dialog.focus === 'rule'),
      line('Scope, the files it is for', dialog.focus === 'scope' ? 'strong' : 'faint'),
      ...fieldRows(dialog.scope, room, 1, dialog.focus === 'scope'),
    ],
    keys: [
      ...key('enter', 'keep'),
      ...(dialog.drafted ? [span('  '), ...key('ctrl-x', 'drop')] : []),
      span('  '),
      ...key('tab', 'scope'),
      span('  '),
      ...key('esc', 'later'),
    ],
  };
}
