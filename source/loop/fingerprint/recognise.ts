/** Finds the failing tests and the diagnostics in the output of the tools that gates run. Text in, failures out. */
import { biome, eslint, rustc, tsc } from './diagnostics.ts';
import type { Failure, Recogniser } from './failure.ts';
import { jest, mocha, nodeSpec, tap, vitest } from './javascript.ts';
import { cargo, go, pytest } from './native.ts';

const TESTS: readonly Recogniser[] = [nodeSpec, tap, vitest, jest, mocha, pytest, go, cargo];
const DIAGNOSTICS: readonly Recogniser[] = [tsc, eslint, biome, rustc];

/** All of them, for one gate may run several tools (`npm run lint && npm test`). */
export function recognise(lines: readonly string[]): Failure[] {
  const run = (recognisers: readonly Recogniser[]) => recognisers.flatMap((read) => read(lines));
  return [...once(run(TESTS)), ...counted(run(DIAGNOSTICS))];
}

/** Each test once, with its reason if any mention of it has one: runners list a failure where it happens and again at the end. */
function once(failures: readonly Failure[]): Failure[] {
  const byName = new Map<string, Failure>();
  for (const failure of failures) {
    if (!byName.get(failure.name)?.reason) byName.set(failure.name, failure);
  }
  return [...byName.values()];
}

/** Forty errors of one kind and thirty of them are not the same failure. */
function counted(failures: readonly Failure[]): Failure[] {
  const counts = new Map<string, number>();
  for (const { name } of failures) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => ({ name: count === 1 ? name : `${name} ×${count}`, reason: '' }));
}
