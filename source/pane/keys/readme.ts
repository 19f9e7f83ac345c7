/** The keys as the README shows them: a table made from the keymap, between two marks, so that it cannot say anything else. */
import type { Binding } from './binding.ts';
import { KEYMAP } from './keymap.ts';
import { shownKey } from './operator.ts';

const BEGIN = '<!-- keys: npm run readme -->';
const END = '<!-- /keys -->';

/** Where a key means something, in the words of the table; the first that holds. */
const GROUPS: readonly { readonly title: string; readonly holds: (where: ReadonlySet<string>) => boolean }[] = [
  { title: 'everywhere', holds: (where) => where.size > 3 },
  { title: 'on the fleet and in a run', holds: (where) => where.has('fleet') && where.has('loop') },
  { title: 'on the fleet', holds: (where) => where.has('fleet') },
  { title: 'in a run', holds: (where) => where.has('loop') },
];

/** The README with the table of keys made anew. Throws when it has lost its marks. */
export function withKeys(readme: string): string {
  const from = readme.indexOf(BEGIN);
  const to = readme.indexOf(END);
  if (from < 0 || to < from) throw new Error(`the README has no ${BEGIN} … ${END} for the table of keys`);
  return `${readme.slice(0, from)}${BEGIN}\n\n${keyTable()}\n\n${readme.slice(to)}`;
}

/** Two keys a row, under the place where they hold. A view's list is moved in by the same keys as everything else: said once. */
export function keyTable(): string {
  const groups = new Map<string, Binding[]>();
  const usual = new Set(KEYMAP.filter(({ where }) => where.includes('fleet') || where.includes('loop')));
  for (const binding of KEYMAP) {
    const same = [...usual].some(({ action }) => action === binding.action);
    if (!usual.has(binding) && same) continue;
    const title = titleOf(binding);
    groups.set(title, [...(groups.get(title) ?? []), binding]);
  }
  const rows = [...groups].flatMap(([title, bindings]) => [
    `| **${title}** | | | |`,
    ...pairs(bindings.map(cellsOf)).map(([one, other]) => `| ${one} | ${other ?? ' | '} |`),
  ]);
  return ['| key | does | key | does |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function titleOf({ where }: Binding): string {
  const screens = new Set<string>(where);
  return GROUPS.find(({ holds }) => holds(screens))?.title ?? `in ${where.join(', ')}`;
}

const cellsOf = ({ keys, help }: Binding): string =>
  `${keys.map((key) => `\`${shownKey(key)}\``).join(' ')} | ${help.replaceAll('|', '\\|')}`;

function pairs(cells: readonly string[]): (readonly [string, string | undefined])[] {
  return cells.flatMap((cell, at) => (at % 2 === 0 ? [[cell, cells[at + 1]] as const] : []));
}
