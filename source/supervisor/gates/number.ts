/** Finds the number that a metric gate measures in what its command printed. Total: whatever the text, a finite number or null. */
import type { MetricGate } from '../../loop/definition/gates.ts';

// Not inside a word or a version (x86, 1.2.3), but before a unit (12kB, 85.3%). Groups of thousands may have commas.
const NUMBER = /(?<![\w.,-])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\d.]*\.\d|,\d)/g;

export function numberIn(stdout: string, read: MetricGate['read']): number | null {
  switch (read.from) {
    case 'last':
      return toNumber(stdout.match(NUMBER)?.at(-1));
    case 'pattern': {
      const found = [...stdout.matchAll(new RegExp(read.at, 'gm'))].at(-1);
      return toNumber((found?.[1] ?? found?.[0])?.match(NUMBER)?.[0]);
    }
    case 'json':
      return inJson(stdout, read.at);
  }
}

function toNumber(text: unknown): number | null {
  if (typeof text === 'number') return Number.isFinite(text) ? text : null;
  if (typeof text !== 'string' || text.trim() === '') return null;
  const value = Number(text.replaceAll(',', ''));
  return Number.isFinite(value) ? value : null;
}

/** `total.lines.pct`, `$.runs[0].ms`, `[-1]`: of all of stdout, or of its last line that is JSON. */
function inJson(stdout: string, path: string): number | null {
  const texts = [stdout, ...stdout.trimEnd().split('\n').reverse().slice(0, 100)];
  const value = texts.map(parsed).find((each) => typeof each === 'object' && each !== null);
  const steps = path.match(/[^.[\]]+/g) ?? [];
  const end = (steps[0] === '$' ? steps.slice(1) : steps).reduce<unknown>(step, value);
  return toNumber(end);
}

function step(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return /^-?\d+$/.test(name) ? value.at(Number(name)) : undefined;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
