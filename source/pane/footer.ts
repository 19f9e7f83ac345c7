/** The last line: what can be pressed now, or what was just said, or the filter being typed. */
import { type Entry, entryRows } from './dialogs/entry.ts';
import { hintsFor } from './filter/hints.ts';
import { KEYMAP } from './keys/keymap.ts';
import { keysOf, shownKey } from './keys/operator.ts';
import { oneLine } from './present/clean.ts';
import { cells, clip, clipLine, EMPTY, ends, join, type Line, line, span, width } from './present/span.ts';
import { whereSearchIs } from './search/step.ts';
import { currentRun, type Situation, shownIds } from './view.ts';

/** Exactly `columns` cells. Keys with a low rank stay longest when it is narrow; one that is impossible now is faint. */
export function footerLine(situation: Situation): Line {
  const { view, now, columns } = situation;
  if (view.typing !== null) return typingLine(situation, view.typing);
  const searching = view.screen === 'loop' ? (view.search?.typing ?? null) : null;
  if (searching !== null) return searchLine(situation, searching);
  if (view.toast !== null && now < view.toast.until)
    return ends(line(` ${oneLine(view.toast.text)}`, view.toast.tone === 'no' ? 'warn' : 'strong'), [], columns);
  return ends([span(' '), ...keysLine(situation, columns - width(state(situation)) - 3)], state(situation), columns);
}

/** The filter being written, what it can become, and how many runs fit. */
function typingLine(situation: Situation, field: Entry): Line {
  const { fleet, columns } = situation;
  const found = shownIds(situation).length;
  const count = `${found} ${found === 1 ? 'run' : 'runs'}`;
  const right = columns >= 60 ? `${count}  tab completes  enter keeps  esc clears ` : `${count} `;
  const typed = entryRows(field, Math.max(1, columns - right.length - 6), 1, true)[0] ?? EMPTY;
  const hints = hintsFor(field, Object.values(fleet.runs)).join('  ');
  return ends([span(' / ', 'key'), ...typed, span(`  ${oneLine(hints)}`, 'faint')], line(right, 'faint'), columns);
}

/** The search being written, and which of how many places is shown. */
function searchLine(situation: Situation, field: Entry): Line {
  const { columns } = situation;
  const where = placeWords(situation);
  const right = columns >= 60 ? `${where}  ↑↓ goes through them  enter keeps  esc clears ` : `${where} `;
  const typed = entryRows(field, Math.max(1, columns - cells(right) - 4), 1, true)[0] ?? EMPTY;
  return ends([span(' / ', 'key'), ...typed], line(right, 'faint'), columns);
}

/** `3 of 17`, or that there is none. */
function placeWords(situation: Situation): string {
  const where = whereSearchIs(situation);
  if (where === null) return '';
  return where.of === 0 ? 'not found' : where.at === 0 ? `${where.of} found` : `${where.at} of ${where.of}`;
}

/** What the operator has set up that changes what keys mean. */
function state(situation: Situation): Line {
  const { view } = situation;
  const parts: Line[] = [];
  if (view.screen === 'loop' && view.search !== null)
    parts.push(line(`/ ${clip(oneLine(view.search.text), 24)}  ${placeWords(situation)}`, 'picked'));
  if (view.picked.size > 0) parts.push(line(`◉ ${view.picked.size} chosen`, 'picked'));
  if (view.filter !== '' && view.screen === 'fleet') parts.push(line(`/ ${oneLine(view.filter)}`, 'picked'));
  return parts.length === 0 ? EMPTY : [...join(parts, '  '), span(' ')];
}

function keysLine(situation: Situation, room: number): Line {
  const offered = KEYMAP.flatMap((binding, at) =>
    binding.footer !== null && binding.where.includes(situation.view.screen)
      ? [{ binding, at, footer: binding.footer }]
      : [],
  );
  const shown: { at: number; line: Line }[] = [];
  let left = room;
  for (const { binding, at, footer } of offered.toSorted((a, b) => a.footer.rank - b.footer.rank)) {
    const possible = binding.when(situation) === true;
    // Without a run most keys are impossible: then only what can be done is offered.
    if (!possible && currentRun(situation) === null) continue;
    const [name] = keysOf(binding, situation.keys);
    if (name === undefined) continue;
    const text: Line = [span(shownKey(name), possible ? 'key' : 'faint'), span(` ${footer.label(situation)}`, 'faint')];
    left -= width(text) + 2;
    if (left < -2) break;
    shown.push({ at, line: text });
  }
  // In the table's order, so that a key keeps its place whatever the width.
  const inOrder = shown.sort((a, b) => a.at - b.at).map((each) => each.line);
  return clipLine(join(inOrder, '  '), Math.max(0, room));
}
