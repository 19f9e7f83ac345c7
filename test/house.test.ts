/** The house itself: who may import whom, no cycles, no file too long, nothing that belongs elsewhere. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

const all = globSync('source/**/*.{ts,tsx,js}').sort();
/** The demo's project is data: its imports are not ours. */
const files = all.filter((file) => file !== 'source/commands/demo/project.ts');
const textOf = new Map(all.map((file) => [file, readFileSync(file, 'utf8')]));

/** Imports of our own files, also dynamic ones and those of types only. */
function importsOf(file: string): string[] {
  const text = textOf.get(file) ?? '';
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)]
    .map((match) => normalize(join(dirname(file), match[1] ?? '')))
    .filter((path) => path.startsWith('source/'));
}

const room = (file: string): string => file.split('/')[1] ?? '';

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  loop: [],
  agents: ['loop'],
  socket: ['loop'],
  supervisor: ['loop', 'agents', 'socket'],
  pane: ['loop', 'socket'],
  commands: ['loop', 'agents', 'socket', 'supervisor', 'pane'],
  'cli.ts': ['commands'],
  'launcher.js': [],
  'build.js': [],
};

test('arrows point downward only', () => {
  assert.ok(files.length > 100);
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter((to) => room(to) !== room(file) && !(MAY_IMPORT[room(file)] ?? []).includes(room(to)))
      .map((to) => `${file} -> ${to}`),
  );
  assert.deepEqual(wrong, []);
});

test('every import leads to a file', () => {
  const lost = files.flatMap((file) =>
    importsOf(file)
      .filter((to) => !textOf.has(to))
      .map((to) => `${file} -> ${to}`),
  );
  assert.deepEqual(lost, []);
});

test('there is no import cycle', () => {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at !== -1) cycles.push([...path.slice(at), file].join(' -> '));
    if (at !== -1 || done.has(file)) return;
    for (const to of importsOf(file)) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  assert.deepEqual(cycles, []);
});

test('the pure core touches nothing but values', () => {
  // Digests are pure; everything else of node has no place in loop/.
  const wrong = files
    .filter((file) => room(file) === 'loop' && !file.endsWith('write-schema.ts'))
    .flatMap((file) =>
      [
        ...(textOf.get(file) ?? '').matchAll(
          /from 'node:([^']+)'|\b(Date\.now|Math\.random|new Date\(\)|process\.env|setTimeout)\b/g,
        ),
      ].map((match) => `${file}: ${match[1] ?? match[2]}`),
    )
    .filter((found) => !found.endsWith(': crypto'));
  assert.deepEqual(wrong, []);
});

test('no file of the product has more than 400 lines, and most have far fewer', () => {
  const lengths = files.map((file) => ({ file, lines: (textOf.get(file) ?? '').split('\n').length - 1 }));
  assert.deepEqual(
    lengths.filter(({ lines }) => lines > 400),
    [],
  );
  const sorted = lengths.map(({ lines }) => lines).sort((a, b) => a - b);
  assert.ok((sorted[Math.floor(sorted.length / 2)] ?? 0) <= 120, 'median');
});

test('every file opens by saying what it is', () => {
  const silent = files.filter((file) => !/^(#!.*\n)?\s*(\/\*\*|\/\/)/.test(textOf.get(file) ?? ''));
  assert.deepEqual(silent, []);
});
