/** What the gates of a loop file must hold beyond the type of each key: rules within a gate and between gates. */
import { type Path, type Remark, valueAt } from './problem.ts';
import type { FrontMatter } from './schema/front-matter.ts';
import { type GateFrontMatter, KEYS_OF } from './schema/gate.ts';

/** @param written the front matter as it stands in the file, without defaults */
export const senseOfGates = (front: FrontMatter, written: unknown): Remark[] => [
  ...front.gates.flatMap((gate, index) => senseOf(gate, written, ['gates', index])),
  ...twoOfAName(front),
  ...best(front),
];

function senseOf(gate: GateFrontMatter, written: unknown, path: Path): Remark[] {
  return [...missing(gate, path), ...strangers(gate, valueAt(written, path), path), ...opposed(gate, path)];
}

function missing(gate: GateFrontMatter, path: Path): Remark[] {
  const lacks = (key: string, what: string): Remark[] => [
    { path: [...path, key], message: `missing, a gate of type ${gate.type} needs ${what}` },
  ];
  switch (gate.type) {
    case 'shell':
      return gate.run === undefined ? lacks('run', 'a command') : [];
    case 'metric':
      if (gate.run === undefined) return lacks('run', 'a command');
      if (gate.min !== undefined || gate.max !== undefined || gate.ratchet !== undefined) return [];
      return lacks('max', 'min, max or ratchet');
    case 'visual':
      return [
        ...(gate.render === undefined ? lacks('render', 'a command that writes a picture') : []),
        ...(gate.reference === undefined ? lacks('reference', 'the picture it must look like') : []),
      ];
    case 'diff':
    case 'checker':
    case 'human':
      return [];
  }
}

function strangers(gate: GateFrontMatter, keys: unknown, path: Path): Remark[] {
  if (typeof keys !== 'object' || keys === null) return [];
  return Object.keys(keys)
    .filter((key) => !KEYS_OF[gate.type].includes(key))
    .map((key) => ({
      path: [...path, key],
      message: `means nothing in a gate of type ${gate.type}: set the type it belongs to`,
    }));
}

function opposed(gate: GateFrontMatter, path: Path): Remark[] {
  const { min, max, ratchet, pattern, json } = gate;
  return [
    ...(min !== undefined && max !== undefined && min > max
      ? [{ path: [...path, 'max'], message: `is below min (${min}): nothing could be green` }]
      : []),
    ...(ratchet === 'up' && max !== undefined && min === undefined
      ? [{ path: [...path, 'ratchet'], message: 'contradicts max: ratchet down, or min' }]
      : []),
    ...(ratchet === 'down' && min !== undefined && max === undefined
      ? [{ path: [...path, 'ratchet'], message: 'contradicts min: ratchet up, or max' }]
      : []),
    ...(pattern !== undefined && json !== undefined
      ? [{ path: [...path, 'json'], message: 'says where the number stands, and so does pattern: keep one' }]
      : []),
  ];
}

function twoOfAName({ gates }: FrontMatter): Remark[] {
  const seen = new Set<string>();
  return gates.flatMap((gate, index) => {
    if (gate.id === undefined) return [];
    if (seen.has(gate.id)) return [{ path: ['gates', index, 'id'], message: 'two gates have this id' }];
    seen.add(gate.id);
    return [];
  });
}

function best({ budget, gates }: FrontMatter): Remark[] {
  const id = budget['keep-best'];
  if (id === undefined) return [];
  const gate = gates.find((each) => each.id === id);
  if (gate !== undefined && (gate.type === 'metric' || gate.type === 'visual') && gate.when !== 'merge') return [];
  const scored = gates.flatMap((each) =>
    each.id !== undefined && (each.type === 'metric' || each.type === 'visual') ? [each.id] : [],
  );
  const message =
    scored.length === 0
      ? 'expected the id of a metric or visual gate, and this loop has none'
      : `expected the id of a metric or visual gate: ${scored.join(', ')}`;
  return [{ path: ['budget', 'keep-best'], message }];
}
