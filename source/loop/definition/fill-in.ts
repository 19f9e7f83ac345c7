/** Fills `{{item.field}}` into what a run executes. An item comes from outside, so what it may bring into a command is narrow. */
import { sanitize } from '../text.ts';
import type { GateDefinition, LoopDefinition, Trust } from './definition.ts';

/** Of no meaning to any shell; no leading hyphen, which would make an option of it. */
const SAFE = /^[A-Za-z0-9_./@:+=,][A-Za-z0-9_./@:+=,-]{0,199}$/;
/** What git takes as a part of a name of a branch, and we as one of ours. */
const REF = /^[A-Za-z0-9_][A-Za-z0-9_./@+-]{0,199}$/;
/** The same, of a branch that we make: what can also be a folder's name. */
const BRANCH = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const PART = /\{\{\s*item(?:\.([\w.-]+))?\s*\}\}/g;
/** Longest value that a commit message or a prompt takes from an item, characters. */
const LONGEST_TEXT = 500;

export interface Refused {
  readonly refused: string;
}

/** True when the text has something of the item in it. */
export const wantsItem = (text: string): boolean => text.search(PART) >= 0;

/**
 * The loop as it is for this item, with nothing left to fill in; or why the item cannot be worked on. Of what others wrote, only
 * plain words get into prompt and commit: a field that is more than that stays as the file names it.
 */
export function forItem(definition: LoopDefinition, item: unknown, trust: Trust): LoopDefinition | Refused {
  try {
    const command = (text: string, where: string) => filled(text, item, where, SAFE);
    const { isolation } = definition;
    const ref = (text: string | null, where: string, allowed: RegExp) =>
      text === null ? null : refname(filled(text, item, where, allowed), where);
    const order = (text: string | null, where: string) => (text === null ? null : command(text, where));
    return {
      ...definition,
      gates: definition.gates.map((gate) => filledGate(gate, item)),
      onSuccess: {
        ...definition.onSuccess,
        gates: definition.onSuccess.gates.map((gate) => filledGate(gate, item)),
      },
      isolation: {
        ...isolation,
        base: ref(isolation.base, 'isolation.base', REF),
        branch: ref(isolation.branch, 'isolation.branch', BRANCH)?.toLowerCase() ?? null,
        setup: order(isolation.setup, 'isolation.setup'),
        teardown: order(isolation.teardown, 'isolation.teardown'),
      },
      commit: asText(definition.commit, item, trust),
      prompts: { ...definition.prompts, maker: asText(definition.prompts.maker, item, trust) },
    };
  } catch (error) {
    if (error instanceof Unfit) return { refused: error.message };
    throw error;
  }
}

class Unfit extends Error {}

/** A gate of the same type, its command filled in. */
function filledGate<T extends GateDefinition>(gate: T, item: unknown): T {
  const where = `gate ${gate.id}`;
  switch (gate.type) {
    case 'shell':
    case 'metric':
      return { ...gate, run: filled(gate.run, item, where, SAFE) };
    case 'visual':
      return { ...gate, render: filled(gate.render, item, where, SAFE) };
    case 'diff':
    case 'human':
      return gate;
  }
}

function filled(text: string, item: unknown, where: string, allowed: RegExp): string {
  return text.replace(PART, (part, path?: string) => {
    const value = fieldOf(item, path);
    if (value === undefined)
      throw new Unfit(`${where} wants ${part}, which the item does not have: give it with --item`);
    if (allowed.test(value)) return value;
    const shown = JSON.stringify(sanitize(value).slice(0, 60));
    throw new Unfit(`${where} wants ${part}, but ${shown} cannot go there: letters, digits and . _ / @ - only`);
  });
}

/** Git's own rules for names of refs (git check-ref-format), as far as the characters allowed above can break them. */
function refname(name: string, where: string): string {
  const bad =
    name.includes('..') ||
    name.includes('@{') ||
    name.includes('//') ||
    name.endsWith('/') ||
    name.endsWith('.') ||
    name === '@';
  const parts = name.split('/').some((part) => part.startsWith('.') || part.startsWith('-') || part.endsWith('.lock'));
  if (bad || parts) throw new Unfit(`${where} is ${JSON.stringify(name)}, which git does not take as a name`);
  return name;
}

/** Into text for people and models: one line, nothing invisible. A field that the item does not have stays as it is written. */
const asText = (text: string, item: unknown, trust: Trust): string =>
  text.replace(PART, (part, path?: string) => {
    const value = fieldOf(item, path);
    if (value === undefined || (trust === 'untrusted' && !SAFE.test(value))) return part;
    return sanitize(value.replace(/\s+/g, ' ')).slice(0, LONGEST_TEXT);
  });

/** `{{item.pull.number}}` is a field of a field; `{{item}}` an item that is itself a text or a number. */
function fieldOf(item: unknown, path: string | undefined): string | undefined {
  let value = item;
  for (const step of path?.split('.') ?? []) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = Reflect.get(value, step);
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}
